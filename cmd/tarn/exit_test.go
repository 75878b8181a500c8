package main

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"tarn/lake"
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

// What the system refuses comes with advice.
func TestRefusalsComeWithAdvice(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&fs.PathError{Op: "open", Path: "/srv/lake", Err: syscall.EACCES}, "tarn: error: open /srv/lake: permission denied\ntarn: hint: who runs this has no right to it: "},
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "tarn: error: write x: no space left on device\ntarn: hint: make room and run the same command again"},
		{fmt.Errorf("read: %w", lake.ErrCorrupt), "\ntarn: hint: tarn verify says what differs"},
	} {
		var errs strings.Builder
		(&app{process: process{err: &errs}}).complain(tt.err)
		if !strings.Contains(errs.String(), tt.want) {
			t.Errorf("%v is told as\n%s\nwant in it\n%s", tt.err, errs.String(), tt.want)
		}
	}
}
