package main

import (
	"os"
	"path/filepath"
	"strings"
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

// Whoever can write to the lake's folder names files: no such name reaches a terminal
// as it is, where it could take away what verify says above it.
func TestNamesOfFilesAreShownPlainly(t *testing.T) {
	vars := inLake(t)
	dir := vars["TARN_LAKE"]
	for _, folder := range []string{"log", "log/cosigned", "segments"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, folder, "a\x1b[2Jb"), "")
	}
	out, errs, code := tarn(t, vars, "verify")
	if code != exitCorrupt || strings.Contains(out+errs, "\x1b") || strings.Count(out, "[2Jb: ") != 2 || !strings.Contains(errs, "[2Jb:") {
		t.Errorf("exit code %d\n%q\n%q", code, out, errs)
	}
}

// A signing key that is given for a verification key, or stands in a policy, is shown
// nowhere.
func TestASigningKeyToCompareWithIsShownNowhere(t *testing.T) {
	vars := inLake(t)
	text, err := os.ReadFile(vars["TARN_KEY"])
	if err != nil {
		t.Fatal(err)
	}
	key := strings.TrimSpace(string(text))
	policy := filepath.Join(t.TempDir(), "policy")
	for _, line := range []string{key, "log " + key, "witness A " + key} {
		write(t, policy, line+"\nquorum none\n")
		for _, args := range [][]string{{"verify", "--policy", policy, "--json"}, {"verify", "--key", policy}} {
			if out, errs, code := tarn(t, vars, args...); code != exitUsage || strings.Contains(out+errs, key[len(key)-12:]) {
				t.Errorf("%v exits with %d:\n%s%s", args, code, out, errs)
			}
		}
	}
}
