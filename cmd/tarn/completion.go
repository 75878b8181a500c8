package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/query/result"
)

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes tarn's commands in your shell",
		Long: `Print a script with which your shell completes tarn's commands, flags and the
names of event data stores.

  bash        source <(tarn completion bash), in ~/.bashrc
  zsh         tarn completion zsh > "${fpath[1]}/_tarn"
  fish        tarn completion fish > ~/.config/fish/completions/tarn.fish
  powershell  tarn completion powershell | Out-String | Invoke-Expression

EXIT STATUS
  0 done, 2 no such shell`,
		Example: `  tarn completion bash > /etc/bash_completion.d/tarn
  tarn completion zsh`,
		ValidArgs: shells,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Errorf("completion: name your shell"), "tarn completion bash, zsh, fish or powershell")
			}
			root := c.Root()
			switch args[0] {
			case "bash":
				return a.bashCompletion(root)
			case "zsh":
				return root.GenZshCompletion(a.out)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.out)
			}
			return usage(fmt.Errorf("completion: no shell %q is known", args[0]), "tarn completion bash, zsh, fish or powershell")
		},
	}
}

// The words of the line: cobra's script takes a function for it that only the
// package bash-completion has. Ours does not cut words at = and : either.
const (
	wordsOfPackage = `_get_comp_words_by_ref "$@" cur prev words cword`
	wordsOfLine    = `local line="${COMP_LINE:0:COMP_POINT}"
    IFS=$' \t\n' read -r -a words <<<"${line}"
    [[ "${line}" == *[[:space:]] ]] && words+=("")
    cword=$((${#words[@]} - 1))
    cur="${words[cword]}" prev="${words[cword > 0 ? cword - 1 : 0]}"`
)

// bashCompletion prints the script for bash, which needs nothing but bash.
func (a *app) bashCompletion(root *cobra.Command) error {
	var script bytes.Buffer
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return err
	}
	_, err := a.out.Write(bytes.Replace(script.Bytes(), []byte(wordsOfPackage), []byte(wordsOfLine), 1))
	return err
}

// addCompletions says what the flags and arguments of all commands may be.
func (a *app) addCompletions(c *cobra.Command) error {
	for _, sub := range c.Commands() {
		if err := a.addCompletions(sub); err != nil {
			return err
		}
	}
	if strings.HasSuffix(c.Use, " STORE") {
		c.ValidArgsFunction = a.completeStore
	}
	if c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 && c.Name() != "import" && c.Name() != "put" && c.Name() != "man" {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	values := map[string][]string{"log-level": logLevels(), "duplicates": {"drop", "keep"}, "family": familyNames(), "format": inspectFormats()}
	if c.Name() == "query" {
		values["format"] = result.Formats()
	}
	for _, status := range statedb.Statuses() {
		values["status"] = append(values["status"], string(status))
	}
	switch f := c.Flags().Lookup("format"); {
	case f == nil:
	case f.DefValue == "text":
		values["format"] = []string{"text", "json"}
	}
	for name, known := range values {
		if c.Flags().Lookup(name) == nil && c.PersistentFlags().Lookup(name) == nil || saysItself(c, name) {
			continue
		}
		if err := c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(known, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			return err
		}
	}
	if c.Flags().Lookup("map") != nil {
		if err := c.RegisterFlagCompletionFunc("map", completeMap); err != nil {
			return err
		}
	}
	if c.Flags().Lookup("param") != nil {
		if err := c.RegisterFlagCompletionFunc("param", completeParam); err != nil {
			return err
		}
	}
	if c.Flags().Lookup("store") == nil || saysItself(c, "store") {
		return nil
	}
	return c.RegisterFlagCompletionFunc("store", a.completeStore)
}

// saysItself reports whether a command knows what its flag may be.
func saysItself(c *cobra.Command, flag string) bool {
	_, ok := c.GetFlagCompletionFunc(flag)
	return ok
}

// completeStore offers the names of the lake's stores; where there is no lake,
// nothing.
func (a *app) completeStore(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if len(args) == 0 && a.configure(c) == nil {
		_ = a.read(func(snap *lake.Snapshot) error { // an error would only be in the way of typing
			for _, st := range snap.Stores() {
				names = append(names, st.Name)
			}
			return nil
		})
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completing reports whether the command is the shell's own question.
func completing(c *cobra.Command) bool {
	return c.Name() == cobra.ShellCompRequestCmd || c.Name() == cobra.ShellCompNoDescRequestCmd
}
