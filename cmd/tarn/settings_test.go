package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The README's table of settings says what the program knows.
func TestREADMEKnowsAllSettings(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings() {
		row := fmt.Sprintf("| `%s` | `%s` | %s |\n", s.name, s.env, s.what)
		if !strings.Contains(string(readme), row) {
			t.Errorf("README.md lacks the line\n%s", row)
		}
	}
}
