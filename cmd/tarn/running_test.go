package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// docs/running.md has every flag of the server as the program has it, and the unit
// starts one that there is.
func TestRunningIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/running.md")
	if err != nil {
		t.Fatal(err)
	}
	unit, err := os.ReadFile("../../docs/running/tarn.service")
	if err != nil {
		t.Fatal(err)
	}
	root := (&app{}).rootCommand()
	c, _, err := root.Find([]string{"serve"})
	if err != nil {
		t.Fatal(err)
	}
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		usual := ""
		if f.DefValue != "" {
			usual = "`" + f.DefValue + "` "
		}
		if row := fmt.Sprintf("| `--%s` | %s| %s |\n", f.Name, usual, f.Usage); f.Name != "help" && !strings.Contains(string(doc), row) {
			t.Errorf("no row %s", row)
		}
	})
	_, line, _ := strings.Cut(string(unit), "\nExecStart=")
	line, _, _ = strings.Cut(line, "\n")
	if words := strings.Fields(line); len(words) < 3 || words[1] != "serve" || c.ParseFlags(words[2:]) != nil {
		t.Errorf("the unit starts %q", line)
	}
}
