package activity_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/ingest/activity"
)

var update = flag.Bool("update", false, "write the expected records anew")

// Each map that is built in has examples in testdata, and what they become.
func TestMapsOfKnownSources(t *testing.T) {
	all, err := activity.Maps()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 18 {
		t.Errorf("%d maps are built in; want at least 18", len(all))
	}
	for _, m := range all {
		t.Run(m.Name, func(t *testing.T) {
			if m.About == "" {
				t.Error("the map does not say what it is for")
			}
			input, err := os.ReadFile(filepath.Join("testdata", m.Name+".jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			for line := range bytes.Lines(input) {
				for _, raw := range m.Records(bytes.TrimSpace(line)) {
					fmt.Fprintf(&got, "%s\n", recordOf(t, m, raw))
				}
			}
			golden := filepath.Join("testdata", m.Name+".golden")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got.String()); d != "" {
				t.Errorf("records (-want +got):\n%s", d)
			}
		})
	}
}

// recordOf returns what a record becomes, or why it becomes nothing. What came in
// is in it, and it becomes the same each time.
func recordOf(t *testing.T, m *activity.Map, raw []byte) []byte {
	t.Helper()
	e, err := m.Event(raw, activity.Origin{})
	if err != nil {
		return fmt.Appendf(nil, "rejected: %v", err)
	}
	if got := activity.Original(e.Raw); !bytes.Equal(got, raw) {
		t.Errorf("of %s comes out %s", raw, got)
	}
	again, err := m.Event(bytes.Clone(raw), activity.Origin{})
	if err != nil || again.ID != e.ID || again.Time != e.Time || !bytes.Equal(again.Raw, e.Raw) {
		t.Errorf("the same record again is another event: %s, %v", again.Raw, err)
	}
	return e.Raw
}
