package ingest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"tarn/ingest"
	"tarn/lake"
	"tarn/lake/laketest"
)

// Records that other tools round, cut or refuse are kept to the byte, and none
// costs another: of a wrong type, with numbers too long for a double, with members
// that nobody knows, with nulls, twice the same key.
func TestOddRecordsAreKeptAsTheyCame(t *testing.T) {
	record := func(id, members string) string {
		return fmt.Sprintf(`{"eventTime":"2026-01-02T03:04:05Z","eventID":%q,%s}`, id, members)
	}
	records := []string{
		record("a parameter of the wrong type", `"requestParameters":"a text","responseElements":[1,2]`),
		record("an identity of the wrong type", `"userIdentity":"root"`),
		record("a column of the wrong type", `"awsRegion":{"name":"eu-west-1"},"readOnly":"yes","eventVersion":1.08`),
		record("large integers", `"requestParameters":{"a":9007199254740993,"b":12345678901234567890,"c":-0.1e-400,"d":1e999}`),
		record("unknown members", `"addendum":{"reason":"DELIVERY_DELAY"},"eventContext":{"tags":[]},"never seen":{"x":[null]}`),
		record("nulls", `"requestParameters":null,"errorCode":null,"resources":null,"userIdentity":{"arn":null}`),
		record("a key twice", `"errorCode":"first","errorCode":"second"`),
		record("odd texts", `"userAgent":"\u0000\ud800 \"\\\/","sourceIPAddress":"`+strings.Repeat("x", 70_000)+`"`),
		record("spaces", "\"requestParameters\" :\t{ \"a\" : 1 }\r\n"),
		record("an empty id follows", `"x":1`),
		`{"eventTime":"2026-01-02T03:04:05Z","eventID":"","x":1}`,
		`{"eventTime":"2026-01-02T03:04:05Z","eventID":7,"x":1}`,
		record("the last", `"x":1`),
	}
	dir := t.TempDir()
	put(t, dir, "odd.json", logOf(records...))
	p := laketest.NewPlace(t)
	for range 2 {
		bring(t, p, ingest.Options{}, dir)
		laketest.Same(t, "events", records, p.Events(t))
		if rejects := p.Rejects(t); len(rejects) > 0 {
			t.Errorf("rejects %+v; want none", rejects)
		}
	}
	p.Sound(t)
}

// A file that is written to while it is read may be a mixture that never was. It is
// told, what was whole in it stays, and the next import reads it again.
func TestAFileThatChangesWhileItIsRead(t *testing.T) {
	filler := strings.Repeat("x", 10_000)
	var records []string
	for i := range 3000 {
		records = append(records, fmt.Sprintf(`{"eventTime":"2026-01-02T03:04:05Z","eventID":"%d","x":%q}`, i, filler))
	}
	for name, change := range map[string]func(path string) error{
		"it is cut": func(path string) error { return os.Truncate(path, 29_000_000) },
		"it grows": func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.WriteString("\n\n")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := put(t, dir, "a.json", logOf(records...))
			put(t, dir, "b.json", logOf(event("b")))
			p := laketest.NewPlace(t)
			changed := false
			p.Write(t, func(l *lake.Lake, st lake.Store) {
				o := ingest.Options{Progress: func(ingest.Progress) {
					if !changed {
						changed = true
						if err := change(path); err != nil {
							t.Error(err)
						}
					}
				}}
				r, err := ingest.Import(t.Context(), l, st, list(t, dir), o)
				if err != nil || len(r.Unread) != 1 || !strings.Contains(r.Unread[0].Err.Error(), "changed while it was read") {
					t.Errorf("Import: %v, unread %+v; want a.json, which changed", err, r.Unread)
				}
			})
			put(t, dir, "a.json", logOf(records...))
			if r := bring(t, p, ingest.Options{}, dir); r.Read != 1 || r.Known != 1 || len(r.Unread) != 0 {
				t.Errorf("again: %d files read, %d known, unread %+v; want one, one and none", r.Read, r.Known, r.Unread)
			}
			laketest.Same(t, "events", append([]string{event("b")}, records...), p.Events(t))
			if rejects := p.Rejects(t); len(rejects) > 0 {
				t.Errorf("rejects %d; want none, for the file was cut only for a while", len(rejects))
			}
			p.Sound(t)
		})
	}
}
