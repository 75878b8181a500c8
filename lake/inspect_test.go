package lake_test

import (
	"strings"
	"testing"

	"tarn/lake"
	"tarn/lake/laketest"
)

// A reader sees the head and the log while a writer holds the lake, and sees
// of both what its snapshot stands on.
func TestInspectWhileSomebodyWrites(t *testing.T) {
	p := laketest.NewPlace(t)
	p.Write(t, func(l *lake.Lake, _ lake.Store) {
		p.Read(t, func(snap *lake.Snapshot, st lake.Store) {
			if _, err := l.CreateStore("later", st.Schema()); err != nil {
				t.Fatal(err)
			}
			head, err := snap.Head()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(head.PublicKey, head.Origin+"+") || !strings.HasPrefix(head.Checkpoint, head.Origin+"\n3\n") {
				t.Errorf("Head() = %+v; want a checkpoint of three entries by the key of %s", head, head.Origin)
			}
			if head.Size != 2 || head.Bytes == 0 {
				t.Errorf("Head() says %d entries and %d bytes; want the 2 of the snapshot, and some", head.Size, head.Bytes)
			}
			var types []string
			err = snap.Log(t.Context(), func(e lake.LogEntry) error {
				types = append(types, e.Type)
				return nil
			})
			if got := strings.Join(types, " "); err != nil || got != "lake store" {
				t.Errorf("Log() gives %q, %v; want the entries of the snapshot", got, err)
			}
		})
	})
}
