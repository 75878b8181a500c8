package duck_test

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // the foreign client

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/query"
)

// foreign runs a script in a DuckDB of its own, as any client of it would, and
// returns the first value of a statement as text.
func foreign(t *testing.T, script, statement string) string {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // temporary views are the connection's
	if _, err := db.ExecContext(t.Context(), script); err != nil {
		t.Fatalf("the script: %v", err)
	}
	var got string
	if err := db.QueryRowContext(t.Context(), "SELECT CAST(x AS VARCHAR) FROM ("+statement+") AS t(x)").Scan(&got); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return got
}

// own returns the first value of Tarn's answer.
func own(t *testing.T, engine *query.Engine, snap *lake.Snapshot, statement string) string {
	t.Helper()
	res, err := engine.Run(t.Context(), snap, statement)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	for row, err := range res.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		return row[0].Text
	}
	t.Fatalf("%s has no rows", statement)
	return ""
}

// Whoever runs the script gets the answers that Tarn gives, whatever the lake's
// folder is called.
func TestConnectGivesTheSameAnswers(t *testing.T) {
	p := laketest.NewPlace(t)
	p.Dir = filepath.Join(filepath.Dir(p.Dir), `it's a "lake" [1] 日本`)
	event := func(id, at, more string) lake.Event {
		return laketest.RawEvent(t, id, at, `{"eventID":"`+id+`","eventTime":"`+at+`","eventName":"GetObject"`+more+`}`)
	}
	p.Fill(t, lake.AppendOptions{}, laketest.Object{Key: "one", Events: []lake.Event{
		event("a", "2026-01-02T03:04:05Z", `,"requestParameters":{"bucketName":"b1"}`),
		event("b", "2026-01-03T03:04:05Z", `,"userIdentity":{"userName":"eve"}`),
		event("a", "2026-01-02T03:04:05Z", `,"requestParameters":{"bucketName":"other"}`),
	}})
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		if _, err := l.CreateStore("empty.one", st.Schema()); err != nil {
			t.Fatal(err)
		}
	})
	engine, err := query.Open(query.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	p.Read(t, func(snap *lake.Snapshot, _ lake.Store) {
		var script bytes.Buffer
		if err := engine.Connect(t.Context(), &script, snap); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			`SELECT count(*) FROM cloudtrail`,
			`SELECT element_at(requestParameters, 'bucketName') FROM cloudtrail WHERE eventID = 'a'`,
			`SELECT element_at(requestParameters, 'bucketName') FROM "cloudtrail.conflicts"`,
			`SELECT userIdentity.userName FROM cloudtrail WHERE eventID = 'b'`,
			`SELECT count(*) FROM "empty.one" WHERE eventTime > '2026-01-01'`,
			`SELECT eventJsonChecksum FROM cloudtrail WHERE eventID = 'b'`,
			`SELECT array_join(array_agg(eventName || day_of_week(eventTime) ORDER BY eventID), ',') FROM cloudtrail`,
			`SELECT regexp_extract('abc', 'x') IS NULL AND 7 / 2 = 3 AND url_extract_host('https://a:80/b') = 'a'`,
			`SELECT cardinality(sequence(1, 5)) FROM cloudtrail LIMIT 1`,
		} {
			want := own(t, engine, snap, statement)
			if got := foreign(t, script.String(), statement); got != want {
				t.Errorf("%s\ngives %s in DuckDB; Tarn says %s", statement, got, want)
			}
		}
		if again := foreign(t, script.String()+script.String(), "SELECT 1"); again != "1" {
			t.Errorf("the script run twice gives %q", again)
		}
		if got := foreign(t, script.String(), `SELECT requestparameters_bucketname FROM cloudtrail WHERE eventid = 'a'`); got != "b1" {
			t.Errorf("the promoted value is %q; want b1", got)
		}
		if strings.Contains(script.String(), ";;") {
			t.Error("the script has statements that are empty")
		}
	})
}
