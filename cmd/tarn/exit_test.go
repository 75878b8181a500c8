package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The README's table of exit codes is the program's.
func TestExitCodesAreThoseOfTheREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| code | meaning |\n| --- | --- |\n")
	for _, m := range exitMeanings() {
		fmt.Fprintf(&table, "| %d | %s |\n", m.code, m.meaning)
	}
	if !strings.Contains(string(readme), table.String()) {
		t.Errorf("README.md does not contain this table:\n%s", table.String())
	}
}
