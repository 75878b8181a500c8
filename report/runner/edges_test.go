package runner_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"
)

// edge are events close to what a control is about: ways around it, which it finds, and
// what only looks like it, which it leaves.
type edge struct{ Found, Left []map[string]any }

// Controls find what is done in another way than the usual, and leave what is right.
func TestEdgesOfControls(t *testing.T) {
	text, err := os.ReadFile("../control/testdata/edges.json")
	if err != nil {
		t.Fatal(err)
	}
	var edges map[string]edge
	if err := json.Unmarshal(text, &edges); err != nil {
		t.Fatal(err)
	}
	records := ordinary()
	found := map[string]map[string]bool{} // whether it should be, by control and event
	for _, id := range slices.Sorted(maps.Keys(edges)) {
		found[id] = map[string]bool{}
		for i, change := range slices.Concat(edges[id].Found, edges[id].Left) {
			r := record(len(records)+10, change)
			found[id][r["eventID"].(string)] = i < len(edges[id].Found)
			records = append(records, r)
		}
	}
	l, engine := fill(t, write(t, records))
	for _, one := range made(t, l, engine, asked).Results {
		column := slices.Index(one.Columns, "eventID")
		for event, want := range found[one.ID] {
			got := slices.ContainsFunc(one.Rows, func(row []string) bool { return row[column] == event })
			if n := slices.IndexFunc(records, func(r map[string]any) bool { return r["eventID"] == event }); got != want {
				t.Errorf("%s: found: %t, should be: %t: %v (%s)", one.ID, got, want, records[n], one.Note)
			}
		}
		delete(found, one.ID)
	}
	if len(found) > 0 {
		t.Errorf("these are no controls: %v", slices.Collect(maps.Keys(found)))
	}
}
