package activity_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/ingest/activity"
)

const docs = "../../docs/activity.md"

// The page lists the maps and the fields that there are.
func TestDocsListMapsAndFields(t *testing.T) {
	all, err := activity.Maps()
	if err != nil {
		t.Fatal(err)
	}
	var mapRows, fieldRows strings.Builder
	for _, m := range all {
		fmt.Fprintf(&mapRows, "| `%s` | %s |\n", m.Name, m.About)
	}
	for _, f := range activity.Fields() {
		fmt.Fprintf(&fieldRows, "| `%s` | %s |\n", f.Name, f.What)
	}
	page, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	got := string(page)
	for _, list := range []struct{ head, rows string }{{"| map | for |\n| --- | --- |\n", mapRows.String()}, {"| field | what |\n| --- | --- |\n", fieldRows.String()}} {
		got = regexp.MustCompile(regexp.QuoteMeta(list.head)+`[^\n]*\n(?:\|[^\n]*\n)*\n?`).ReplaceAllLiteralString(got, list.head+list.rows+"\n")
	}
	if *update {
		if err := os.WriteFile(docs, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(string(page), got); d != "" {
		t.Errorf("%s is behind the maps; run go test ./ingest/activity -update (-page +want):\n%s", docs, d)
	}
}

// The map that the page shows makes what the page shows.
func TestDocsExample(t *testing.T) {
	page, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllSubmatch(page, -1)
	if len(blocks) != 3 {
		t.Fatalf("the page has %d blocks of JSON; want the map, the record and eventData", len(blocks))
	}
	m, err := activity.ParseMap("shop.json", blocks[0][1])
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.Event(bytes.TrimSpace(blocks[1][1]), activity.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(blocks[2][1], &want); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, data(t, e.Raw)); d != "" {
		t.Errorf("eventData (-page +map):\n%s", d)
	}
}
