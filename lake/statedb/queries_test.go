package statedb_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"tarn/lake/statedb"
)

func aQuery(id string, status statedb.QueryStatus) statedb.Query {
	return statedb.Query{ID: id, Created: time.Unix(1, 0).UTC(), Status: status, Bytes: 10, QueryDetails: statedb.QueryDetails{Statement: "SELECT 1", By: "x"}}
}

// What was under way when the process ended has failed, with a reason; the rest is as
// it was.
func TestQueriesEndWithTheirProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	d, _ := open(t, path)
	for i, status := range statedb.QueryStatuses() {
		must(t, d.AddQuery(aQuery(string(rune('a'+i)), status)))
	}
	must(t, d.Close())
	d, _ = open(t, path)
	all, err := d.Queries("", "", 10)
	must(t, err)
	if len(all) != 6 || all[0].ID != "f" {
		t.Fatalf("%+v", all)
	}
	for _, q := range all {
		was := statedb.QueryStatuses()[q.ID[0]-'a']
		switch {
		case !was.UnderWay() && (q.Status != was || q.Reason != ""):
			t.Errorf("was %s, is %+v", was, q)
		case was.UnderWay() && (q.Status != statedb.QueryFailed || q.Reason == "" || q.Statement != "SELECT 1"):
			t.Errorf("was %s, is %+v", was, q)
		}
	}
}

func TestQueriesInPagesAndByName(t *testing.T) {
	d, _ := open(t, filepath.Join(t.TempDir(), "state.db"))
	for _, id := range []string{"1", "2", "3", "4"} {
		q := aQuery(id, statedb.QueryQueued)
		if id != "4" {
			q.Alias = "named"
		}
		must(t, d.AddQuery(q))
	}
	must(t, d.EndQuery(aQuery("4", statedb.QueryFinished), nil))
	first, err := d.Queries("", "", 2)
	must(t, err)
	second, err := d.Queries("", first[1].ID, 5)
	must(t, err)
	named, err := d.Queries("named", "", 1)
	must(t, err)
	if first[0].ID != "4" || first[0].Status != statedb.QueryFinished || len(second) != 2 || second[1].ID != "1" || named[0].ID != "3" {
		t.Errorf("%v %v %v", first, second, named)
	}
	oldest, err := d.OldestQueries(2)
	must(t, err)
	must(t, d.RemoveQueries(oldest))
	if n, bytes, err := d.QueryBytes(); n != 2 || bytes != 20 || err != nil {
		t.Errorf("%d queries with %d bytes, %v", n, bytes, err)
	}
	if _, err := d.Query("1"); !errors.Is(err, statedb.ErrNoQuery) {
		t.Error(err)
	}
}

// A reader of a file from before there were queries finds none.
func TestNoQueriesInAnOlderFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	d, _ := open(t, path)
	must(t, d.Exec("DROP TABLE queries"))
	must(t, d.Exec("PRAGMA user_version = 2"))
	view, err := statedb.View(path)
	must(t, err)
	defer view.Close()
	if all, err := view.Queries("", "", 1); len(all) != 0 || err != nil {
		t.Errorf("%v, %v", all, err)
	}
}
