package main

import (
	"testing"

	"tarn/internal/hint"
	"tarn/lake"
)

func TestVerdicts(t *testing.T) {
	one := []lake.Problem{{Path: "segments/x", What: "what"}}
	for _, tt := range []struct {
		name   string
		report lake.Report
		code   int
	}{
		{"all is well", lake.Report{}, exitDone},
		{"a change", lake.Report{Problems: one}, exitCorrupt},
		{"not readable", lake.Report{Unread: one}, exitFailed},
		{"both", lake.Report{Problems: one, Unread: one}, exitCorrupt},
	} {
		err := verdict(&tt.report)
		if exitCode(err) != tt.code || (len(hint.Of(err)) > 0) != (tt.code != exitDone) {
			t.Errorf("%s: %v, exit code %d, hints %q; want %d", tt.name, err, exitCode(err), hint.Of(err), tt.code)
		}
	}
}
