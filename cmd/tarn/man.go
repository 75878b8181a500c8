package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages to a folder",
		Long: `Write a manual page for each command to a folder, which is made if need be.

EXIT STATUS
  0 done, 1 the folder cannot be written to`,
		Example: `  tarn man /usr/local/share/man/man1
  tarn man ./man1 && man ./man1/tarn-query.1`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(errors.New("man: name one folder"), "tarn man ./man1")
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("man: %w", err)
			}
			return writePages(args[0], c.Root())
		},
	}
}

// writePages writes the page of a command and of those below it.
func writePages(dir string, c *cobra.Command) error {
	name := strings.ReplaceAll(c.CommandPath(), " ", "-")
	if err := os.WriteFile(filepath.Join(dir, name+".1"), []byte(manPage(c)), 0o644); err != nil {
		return fmt.Errorf("man: %w", err)
	}
	for _, sub := range c.Commands() {
		if !sub.IsAvailableCommand() {
			continue
		}
		if err := writePages(dir, sub); err != nil {
			return err
		}
	}
	return nil
}

// manPage is a command's help as a manual page.
func manPage(c *cobra.Command) string {
	var b strings.Builder
	name := strings.ReplaceAll(c.CommandPath(), " ", "-")
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"%s\" \"Tarn\"\n", roff(strings.ToUpper(name)), roff("tarn "+thisBuild().Version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(name), roff(c.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.nf\n%s\n.fi\n", roff(c.UseLine()))
	long, status, hasStatus := strings.Cut(c.Long, "\nEXIT STATUS\n")
	section(&b, "DESCRIPTION", long)
	options(&b, "OPTIONS", c.NonInheritedFlags())
	options(&b, "OPTIONS OF ALL COMMANDS", c.InheritedFlags())
	if hasStatus {
		section(&b, "EXIT STATUS", status)
	}
	section(&b, "EXAMPLES", c.Example)
	var others []string
	if c.HasParent() {
		others = append(others, strings.ReplaceAll(c.Parent().CommandPath(), " ", "-")+"(1)")
	}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			others = append(others, strings.ReplaceAll(sub.CommandPath(), " ", "-")+"(1)")
		}
	}
	section(&b, "SEE ALSO", strings.Join(others, ",\n"))
	return b.String()
}

// section writes a text as it is laid out in the help: it has lists and
// commands whose lines must not be filled.
func section(b *strings.Builder, title, text string) {
	if text = strings.Trim(text, "\n"); text != "" {
		fmt.Fprintf(b, ".SH %s\n.nf\n%s\n.fi\n", title, roff(text))
	}
}

func options(b *strings.Builder, title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		kind, what := pflag.UnquoteUsage(f)
		flag := "--" + f.Name
		if f.Shorthand != "" {
			flag = "-" + f.Shorthand + ", " + flag
		}
		if kind != "" {
			flag += " " + kind
		}
		if f.DefValue != "" && f.DefValue != "false" {
			what += fmt.Sprintf(" (usually %s)", f.DefValue)
		}
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", roff(flag), roff(what))
	})
}

// roff writes a text so that roff shows just that.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
