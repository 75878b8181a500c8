package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// commandsOf returns a command and all below it that people see.
func commandsOf(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			all = append(all, commandsOf(sub)...)
		}
	}
	return all
}

// call is a tarn in an example: what is piped to it or from it is not ours.
var call = regexp.MustCompile(`\btarn(?: +(?:"[^"]*"|[^\s|<>&#()]+))*`)

// examplesOf returns the command lines in a command's examples, as words.
func examplesOf(c *cobra.Command) [][]string {
	var all [][]string
	for line := range strings.Lines(c.Example) {
		quoted := regexp.MustCompile(`"[^"]*"`).ReplaceAllStringFunc(line, func(s string) string {
			return strings.NewReplacer("tarn", "t a r n").Replace(s) // no command
		})
		for _, found := range call.FindAllStringIndex(quoted, -1) {
			if found[0] > 0 && strings.ContainsAny(quoted[found[0]-1:found[0]], "/._") {
				continue // a file's name
			}
			all = append(all, words(quoted[found[0]:found[1]])[1:])
		}
	}
	return all
}

func TestEveryCommandHasExamplesThatCanBeTyped(t *testing.T) {
	vars := inLake(t)
	for _, c := range commandsOf((&app{}).rootCommand()) {
		examples := examplesOf(c)
		if len(examples) == 0 {
			t.Errorf("%s has no example", c.CommandPath())
		}
		if c.HasParent() && !strings.Contains(c.Long+c.Parent().Long, "EXIT STATUS") {
			t.Errorf("%s does not say with what it exits", c.CommandPath())
		}
		for _, args := range examples {
			if err := typed(args); err != nil {
				t.Errorf("an example of %s: tarn %s: %v", c.CommandPath(), strings.Join(args, " "), err)
			}
			if sql := args[len(args)-1]; args[0] == "query" && strings.Contains(sql, " ") {
				if _, errs, code := tarn(t, vars, "query", "--explain", sql); code != exitDone {
					t.Errorf("an example of %s: %s\nexits with %d: %s", c.CommandPath(), sql, code, errs)
				}
			}
		}
	}
}

// typed parses a command line without running it.
func typed(args []string) error {
	root := (&app{process: process{strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, env(nil)}}).rootCommand()
	c, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	c.InitDefaultVersionFlag()
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	return c.ValidateArgs(c.Flags().Args())
}

// What the shell asks when TAB is pressed.
func TestCompletion(t *testing.T) {
	vars := inLake(t)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"query", "--sample", "root-act"}, "root-activity\tWhat did the root user do?\n"},
		{[]string{"query", "--sample", "bucket-readers", "--param", ""}, "bucket=\tthe bucket's name\n"},
		{[]string{"ins"}, "inspect\t"},
		{[]string{"inspect", "--store", ""}, "cloudtrail\n"},
		{[]string{"inspect", "--form"}, "--format\t"},
		{[]string{"inspect", "--format", ""}, "table\njson\nndjson\ncsv\n"},
		{[]string{"query", "--format", ""}, "table\njson\nndjson\ncsv\nparquet\narrow\n"},
		{[]string{"import", "--duplicates", ""}, "drop\nkeep\n"},
		{[]string{"import", "list", "--status", ""}, "INITIALIZING\nIN_PROGRESS\n"},
		{[]string{"store", "show", ""}, "cloudtrail\n"},
		{[]string{"store", "show", "--format", ""}, "table\njson\nndjson\ncsv\n"},
		{[]string{"completion", "f"}, "fish\n"},
		{[]string{"verify", "--log-level", ""}, "debug\ninfo\noff\n"},
	} {
		out, _, code := tarn(t, vars, append([]string{cobra.ShellCompRequestCmd}, tt.args...)...)
		if code != exitDone || !strings.HasPrefix(out, tt.want) {
			t.Errorf("TAB behind tarn %q offers %q (exit code %d); want %q", tt.args, out, code, tt.want)
		}
	}
	// Without a lake there are no names, and nothing is said about it.
	out, errs, code := tarn(t, nil, cobra.ShellCompNoDescRequestCmd, "query", "--format", "t")
	if code != exitDone || !strings.HasPrefix(out, "table\n") || strings.Contains(errs, "error") {
		t.Errorf("TAB without a lake: %q, %q, exit code %d", out, errs, code)
	}
}

func TestManPagesShowTheHelpAsItIs(t *testing.T) {
	root := (&app{}).rootCommand()
	page := manPage(root.Commands()[0])
	for _, want := range []string{".TH TARN\\-", ".SH SYNOPSIS\n.nf\ntarn ", ".SH EXIT STATUS\n", ".SH EXAMPLES\n", ".B \\-\\-lake string", "tarn(1)"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if got, want := roff(".a\\b\n'c -d"), "\\&.a\\eb\n\\&'c \\-d"; got != want {
		t.Errorf("roff gives %q; want %q", got, want)
	}
}
