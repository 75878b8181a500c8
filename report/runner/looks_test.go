package runner_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tarn/lake"
	"tarn/report"
)

// What the program looks at itself is found both ways, too. (Hours: TestSilentHours.)
func TestLooksBothWays(t *testing.T) {
	logs := write(t, ordinary())
	broken := `{"Records":[{"eventID":"x","eventTime":"2026-03-04T09:00:00Z","eventName":"A"},{"eventID":"y","eventTime":"not a time"}]}`
	if err := os.WriteFile(filepath.Join(logs, "broken.json"), []byte(broken), 0o644); err != nil {
		t.Fatal(err)
	}
	l, engine := fill(t, logs)
	off := false
	if _, err := l.UpdateStore("cloudtrail", lake.StoreSettings{RetentionDays: 90, TerminationProtection: &off}); err != nil {
		t.Fatal(err)
	}
	snap := l.Snapshot()
	st, err := snap.Store("cloudtrail")
	if err != nil {
		t.Fatal(err)
	}
	segment := snap.Path(st.ID, snap.Segments(st.ID, false)[0])
	snap.Release()
	dir, _, _ := strings.Cut(segment, "/segments/")
	change(t, segment)
	change(t, filepath.Join(dir, "log", "entries"))
	r := made(t, l, engine, asked)
	for id, want := range map[string]string{
		"records-rejected": "y", "store-protected": "90 days", "segments-sealed": "not the one that was written", "log-whole": "log/",
	} {
		one := r.Results[slices.IndexFunc(r.Results, func(one report.Result) bool { return one.ID == id })]
		if id == "records-rejected" {
			want = "broken.json"
		}
		if one.Verdict != report.Failed || !strings.Contains(strings.Join(slices.Concat(one.Rows...), " "), want) {
			t.Errorf("%s: %s %s %v", id, one.Verdict, one.Note, one.Rows)
		}
	}
}

// change flips a bit in the middle of a file.
func change(t *testing.T, name string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err == nil {
		b[len(b)/2] ^= 1
		if err = os.Chmod(name, 0o644); err == nil {
			err = os.WriteFile(name, b, 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}
