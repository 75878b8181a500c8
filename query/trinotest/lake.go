package trinotest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"tarn/lake"
	"tarn/lake/laketest"
)

// Lake makes a lake of the events that the tables ask about: events.ndjson of
// their folder.
func Lake(t testing.TB, dir string) laketest.Place {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	object := laketest.Object{Key: "events"}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		var event struct{ EventID, EventTime string }
		if err := json.Unmarshal(line, &event); err != nil {
			t.Fatal(err)
		}
		object.Events = append(object.Events, laketest.RawEvent(t, event.EventID, event.EventTime, string(line)))
	}
	p := laketest.NewPlace(t)
	p.Fill(t, lake.AppendOptions{}, object)
	return p
}
