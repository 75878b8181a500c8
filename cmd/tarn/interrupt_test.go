package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// Only an import goes on where it was interrupted.
func TestWhatAnInterruptionLeaves(t *testing.T) {
	vars := inLake(t)
	log := t.TempDir() + "/log.json"
	write(t, log, `{"Records":[{"eventID":"c","eventTime":"2026-01-02T03:04:05Z"}]}`)
	for command, resumes := range map[string]bool{
		"import " + log: true, "query SELECT_count(*)_FROM_cloudtrail": false, "verify": false, "export --raw": false,
		"export --into " + t.TempDir(): true,
	} {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		var args []string
		for arg := range strings.FieldsSeq(command) {
			args = append(args, strings.ReplaceAll(arg, "_", " "))
		}
		var out, errs bytes.Buffer
		code := run(ctx, args, process{strings.NewReader(""), &out, &errs, env(vars)})
		if code != exitInterrupted || strings.Contains(errs.String(), "what was committed stays") != resumes {
			t.Errorf("tarn %s, interrupted, exits with %d: %s", args[0], code, errs.String())
		}
	}
}
