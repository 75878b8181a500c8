package lake_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/lake"
	"tarn/lake/laketest"
)

// holding is what a lake says that it holds, a line each.
type holding struct{ Stores, Segments, Commits []string }

func holdingOf(t *testing.T, p laketest.Place) (c holding) {
	t.Helper()
	line := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	p.Read(t, func(s *lake.Snapshot, st lake.Store) {
		for _, st := range s.Stores() {
			c.Stores = append(c.Stores, line(st))
		}
		for _, seg := range append(s.Segments(st.ID, false), s.Segments(st.ID, true)...) {
			c.Segments = append(c.Segments, line(seg))
		}
		for _, commit := range s.Commits() {
			c.Commits = append(c.Commits, line(commit)+commit.Time.String())
		}
	})
	return c
}

// manySources is a lake whose index is larger than a page or two.
func manySources(t *testing.T) (laketest.Place, []laketest.Object) {
	t.Helper()
	p := laketest.NewPlace(t)
	var objects []laketest.Object
	for i := range 300 {
		e := laketest.Event(t, fmt.Sprint("id-", i), noon, "")
		objects = append(objects, laketest.Object{Key: fmt.Sprintf("AWSLogs/of/some/length/to/fill/pages/%06d", i), Events: []lake.Event{e}})
	}
	p.Fill(t, lake.AppendOptions{}, objects[:200]...)
	p.Fill(t, lake.AppendOptions{}, objects[200:]...)
	return p, objects
}

// Whatever became of the index: the lake is what the log says, sources are
// known, and the next writer leaves a good index.
func TestAnIndexThatIsNoUseIsMadeAnew(t *testing.T) {
	whole, objects := manySources(t)
	want := holdingOf(t, whole)
	good := contentOf(t, whole, "local/index.db")
	other, _ := manySources(t)
	type damage struct {
		name  string
		index []byte
	}
	damages := []damage{
		{"deleted", nil},
		{"empty", []byte{}},
		{"garbage", bytes.Repeat([]byte("garbage "), 1000)},
		{"another lake's", contentOf(t, other, "local/index.db")},
		{"half", good[:len(good)/2]},
		{"a byte short", good[:len(good)-1]},
		{"header alone", good[:100]},
	}
	const page = 4096
	for at := 0; at < len(good); at += page {
		b := bytes.Clone(good)
		clear(b[at : at+page])
		damages = append(damages, damage{fmt.Sprintf("page %d cleared", at/page+1), b})
		if at > 0 && at/page%4 == 0 {
			damages = append(damages, damage{fmt.Sprintf("cut behind page %d", at/page), good[:at]})
		}
	}
	for _, tt := range laketest.Few(3, damages) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := whole.Copy(t)
			if tt.index == nil {
				removeAll(t, p, "local/index.db")
			} else {
				replace(t, p, "local/index.db", tt.index)
			}
			if d := cmp.Diff(want, holdingOf(t, p)); d != "" {
				t.Errorf("content for readers (-want +got):\n%s", d)
			}
			r := lake.Receipt{}
			p.Write(t, func(l *lake.Lake, st lake.Store) {
				r = laketest.Bring(t, l, st, lake.AppendOptions{}, objects, nil)
			})
			if r.Counts.Offered != 0 {
				t.Errorf("%d records were read again", r.Counts.Offered)
			}
			p.Fill(t, lake.AppendOptions{}, laketest.Object{Key: "one more", Events: []lake.Event{laketest.Event(t, "one more", noon, "")}})
			if d := cmp.Diff(want.Segments, holdingOf(t, p).Segments[:len(want.Segments)]); d != "" {
				t.Errorf("segments after an import (-want +got):\n%s", d)
			}
			report := p.Verify(t)
			if len(report.Problems)+len(report.Notes) > 0 {
				t.Errorf("Verify after an import: problems %+v, notes %q; want none", report.Problems, report.Notes)
			}
		})
	}
}

// An index that speaks of what the log does not have (the lake was restored
// from a backup, the index was not) is not believed.
func TestAnIndexAheadOfTheLogIsMadeAnew(t *testing.T) {
	p := laketest.NewPlace(t)
	objects := midnightObjects(t)
	p.Fill(t, lake.AppendOptions{}, objects[:2]...)
	earlier := p.Copy(t)
	want := holdingOf(t, earlier)
	p.Fill(t, lake.AppendOptions{}, objects[2:]...)
	replace(t, earlier, "local/index.db", contentOf(t, p, "local/index.db"))

	if d := cmp.Diff(want, holdingOf(t, earlier)); d != "" {
		t.Errorf("content for readers (-want +got):\n%s", d)
	}
	if r := earlier.Verify(t); len(r.Problems) != 1 || r.Problems[0].Path != "local/index.db" {
		t.Errorf("Verify: %+v; want a problem of index.db", r.Problems)
	}
	earlier.Write(t, func(l *lake.Lake, st lake.Store) {
		laketest.Bring(t, l, st, lake.AppendOptions{}, objects, nil)
	})
	laketest.Same(t, "events", rawOf(objects, keysOf(objects), false), earlier.Events(t))
	earlier.Sound(t)
}

// An older index of the same lake is brought up to the log.
func TestAnIndexBehindTheLogIsBroughtUp(t *testing.T) {
	p := laketest.NewPlace(t)
	objects := midnightObjects(t)
	p.Fill(t, lake.AppendOptions{}, objects[:2]...)
	old := contentOf(t, p, "local/index.db")
	p.Fill(t, lake.AppendOptions{}, objects[2:]...)
	want := holdingOf(t, p)
	replace(t, p, "local/index.db", old)
	p.Sound(t)
	if d := cmp.Diff(want, holdingOf(t, p)); d != "" {
		t.Errorf("content for readers (-want +got):\n%s", d)
	}
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		if r := laketest.Bring(t, l, st, lake.AppendOptions{}, objects, nil); r.Counts.Offered != 0 {
			t.Errorf("%d records were read again", r.Counts.Offered)
		}
	})
	if d := cmp.Diff(want, holdingOf(t, p)); d != "" {
		t.Errorf("content after a writer (-want +got):\n%s", d)
	}
	p.Sound(t)
}

// An index that was edited by hand is reported, whichever table it is: a source
// put in would keep a file from being imported.
func TestAnEditedIndexIsReported(t *testing.T) {
	whole, _ := manySources(t)
	for _, edit := range []string{
		`UPDATE segments SET doc = CAST(replace(CAST(doc AS TEXT), '2026-', '2027-') AS BLOB)`,
		`DELETE FROM segments`,
		`UPDATE docs SET doc = CAST(replace(CAST(doc AS TEXT), '2557', '7') AS BLOB) WHERE kind = 'store'`,
		`DELETE FROM docs WHERE kind = 'commit'`,
		`INSERT INTO sources SELECT store, 'AWSLogs/hidden', 1, 2, 'x' FROM sources LIMIT 1`,
		`UPDATE sources SET sha256 = 'x' WHERE key LIKE '%000007'`,
		`DELETE FROM sources WHERE key LIKE '%000007'`,
		`UPDATE sources SET modified = modified + 1 WHERE key LIKE '%000007'`,
		`UPDATE meta SET log_size = log_size - 1`,
	} {
		t.Run(edit, func(t *testing.T) {
			p := whole.Copy(t)
			db, err := sql.Open("sqlite", p.Path("local/index.db"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(edit); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			r := p.Verify(t)
			if len(r.Problems) != 1 || r.Problems[0].Path != "local/index.db" {
				t.Errorf("Verify: %+v; want a problem of index.db", r.Problems)
			}
		})
	}
}

// An index that is ahead of the log tells of what never was. When the log has grown
// past it, nothing may tell the two apart any more: it must be gone by then.
func TestAnIndexOfWhatNeverWasDoesNotComeBack(t *testing.T) {
	clock := time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC) // of one length in every entry
	object := func(id string) laketest.Object {
		return laketest.Object{Key: id, Events: []lake.Event{laketest.Event(t, id, noon, "")}}
	}
	var crashed laketest.Place
	fill := func(p laketest.Place, id string) {
		o := p.Options()
		o.Now = func() time.Time { return clock }
		o.Events.Committed = func(lake.Commit) { crashed = p.Copy(t) }
		p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
			laketest.Bring(t, l, st, lake.AppendOptions{}, []laketest.Object{object(id)}, nil)
		})
	}
	p := laketest.NewPlace(t)
	fill(p, "a")
	before := p.Copy(t)
	fill(p, "b")
	replace(t, before, "local/index.db", contentOf(t, p, "local/index.db"))
	fill(before, "c") // crashes before the index is published
	laketest.Same(t, "events", []string{string(object("a").Events[0].Raw), string(object("c").Events[0].Raw)}, crashed.Events(t))
	crashed.Sound(t)
}
