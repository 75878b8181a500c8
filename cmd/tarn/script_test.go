package main

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"tarn/internal/eventgen"
)

var update = flag.Bool("update", false, "write the scripts' expected output anew")

// TestMain lets scripts run tarn as a program.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"tarn": func() {
			os.Exit(run(context.Background(), os.Args[1:], process{os.Stdin, os.Stdout, os.Stderr, os.Getenv}))
		},
	})
}

// TestScripts runs testdata/script: what a person types, and what comes back.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_CONFIG_HOME", e.WorkDir+"/config")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"bucket": makeBucket, "exits": exits, "flip": flip,
		},
	})
}

// makeBucket writes a small generated bucket: bucket DIR.
func makeBucket(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: bucket DIR")
	}
	_, err := eventgen.WriteBucket(ts.MkAbs(args[0]), eventgen.Options{Events: 500, Days: 3, EventsPerObject: 20, NoStory: true})
	ts.Check(err)
}

// exits runs tarn and checks its exit code: exits CODE ARG...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE tarn ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("tarn exits with %s; want %s", got, args[0])
	}
}

// flip changes a bit in the middle of a file: flip FILE.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	name := ts.MkAbs(args[0])
	b, err := os.ReadFile(name)
	ts.Check(err)
	b[len(b)/2] ^= 0x04
	ts.Check(os.WriteFile(name, b, 0o644))
}
