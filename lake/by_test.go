package lake_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

// The log says who did what: whoever opened the lake, or on whose behalf it was done.
func TestTheLogSaysWhoDidWhat(t *testing.T) {
	p := laketest.NewPlace(t)
	o := p.Options()
	o.By = &lake.By{UID: 1, User: "owner"}
	p.WriteWith(t, o, func(l *lake.Lake, _ lake.Store) {
		anna := l.As(lake.By{UID: 7, User: "anna"})
		st, err := anna.CreateStore("hers", schemas.CloudTrail())
		if err != nil {
			t.Fatal(err)
		}
		event := laketest.Event(t, "a", "2026-01-01T12:00:00Z", "")
		laketest.Bring(t, anna, st, lake.AppendOptions{}, []laketest.Object{{Key: "k", Events: []lake.Event{event}}}, nil)
		if _, err := l.As(lake.By{UID: 8, User: strings.Repeat("ü", 40)}).UpdateStore("hers", lake.StoreSettings{RetentionDays: 99}); err != nil {
			t.Fatal(err)
		}
		if _, err := l.UpdateStore("hers", lake.StoreSettings{RetentionDays: 100}); err != nil {
			t.Fatal(err)
		}
	})
	p.Fill(t, lake.AppendOptions{}) // nobody says who
	var who []lake.By
	p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
		err := s.Log(t.Context(), func(e lake.LogEntry) error {
			if e.By != nil && (len(who) == 0 || who[len(who)-1] != *e.By) {
				who = append(who, *e.By)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	want := []lake.By{{UID: 1, User: "owner"}, {UID: 7, User: "anna"}, {UID: 8, User: strings.Repeat("ü", 32)}, {UID: 1, User: "owner"}}
	if d := cmp.Diff(want, who); d != "" {
		t.Errorf("who did it, in order (-want +got)\n%s", d)
	}
	p.Sound(t)
}
