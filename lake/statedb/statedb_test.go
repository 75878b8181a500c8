package statedb_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/lake/statedb"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open opens the file and collects warnings.
func open(t *testing.T, path string) (*statedb.DB, *[]string) {
	t.Helper()
	var warned []string
	d, err := statedb.Open(path, func(text string) { warned = append(warned, text) })
	must(t, err)
	t.Cleanup(func() { d.Close() })
	return d, &warned
}

func seen(t *testing.T, path string) []statedb.Import {
	t.Helper()
	d, err := statedb.View(path)
	must(t, err)
	defer d.Close()
	all, err := d.Imports()
	must(t, err)
	return all
}

func anImport(id string, status statedb.ImportStatus) statedb.Import {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	return statedb.Import{ID: id, Store: "s", Status: status, Created: at, Updated: at.Add(time.Second), ImportDetails: statedb.ImportDetails{
		StoreName: "prod", Sources: []string{"./AWSLogs"}, Options: []string{"--store=prod"}, Dir: "/home/alice",
		Command: []string{"import", "--store", "prod", "./AWSLogs"}, Counts: statedb.ImportCounts{Files: 3, Stored: 2, Rejected: 1},
		Errors: []string{"x: record 1 at byte 2: no"},
	}}
}

func TestImportsAreKeptAndReadMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?.db")
	if all := seen(t, path); all != nil {
		t.Errorf("without a file there are %v", all)
	}
	d, _ := open(t, path)
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	one, two := anImport("1", statedb.Initializing), anImport("2", statedb.Stopped)
	must(t, d.Put(two))
	must(t, d.Put(one))
	one.Status, one.Reason = statedb.InProgress, "why"
	must(t, d.Put(one))
	if diff := cmp.Diff([]statedb.Import{one, two}, seen(t, path)); diff != "" {
		t.Errorf("-put +seen\n%s", diff)
	}
	reader, err := statedb.View(path)
	must(t, err)
	defer reader.Close()
	got, err := reader.Import("2")
	if diff := cmp.Diff(two, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := reader.Import("3"); !errors.Is(err, statedb.ErrNoImport) {
		t.Errorf("an unknown import: %v", err)
	}
	if err := reader.Put(one); err == nil {
		t.Error("a reader can write")
	}
}

// What a dead process left under way has failed, for the next writer.
func TestImportsOfADeadProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	d, _ := open(t, path)
	want := []statedb.ImportStatus{statedb.Failed, statedb.Failed, statedb.Completed, statedb.Failed, statedb.Stopped}
	for n, status := range statedb.Statuses() {
		must(t, d.Put(anImport(fmt.Sprint(n), status)))
	}
	must(t, d.Close())
	open(t, path)
	for n, i := range seen(t, path) {
		if i.Status != want[n] || (n < 2) != strings.Contains(i.Reason, "the process that ran it ended") || i.Updated.Second() != 6 {
			t.Errorf("what was %s is %s: %s", statedb.Statuses()[n], i.Status, i.Reason)
		}
	}
}

func TestBounds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	d, _ := open(t, path)
	must(t, d.Fill(statedb.KeptImports+50))
	long := anImport("x", statedb.Initializing)
	long.Sources = make([]string, 1_000_000)
	long.Sources[0] = strings.Repeat("a", 1_000_000) + "\xff"
	long.Command = long.Sources
	must(t, d.Put(long))
	all := seen(t, path)
	if n := len(all); n != statedb.KeptImports || all[n-1].ID != "x" || all[0].ID != "00000051" {
		t.Fatalf("%d imports are kept, from %s to %s", n, all[0].ID, all[n-1].ID)
	}
	got := all[len(all)-1]
	if len(got.Sources) != statedb.KeptSources || len(got.Sources)+got.MoreSources != 1_000_000 || len(got.Sources[0]) > statedb.KeptText+4 || got.Command != nil {
		t.Errorf("%d sources are kept, %d are not; the first has %d bytes", len(got.Sources), got.MoreSources, len(got.Sources[0]))
	}
}

// A damaged file is set aside, whether it is found so or becomes so while it is
// open, and the next one works.
func TestADamagedFileIsSetAside(t *testing.T) {
	for name, damage := range map[string]func(b []byte) []byte{
		"another file":        func([]byte) []byte { return []byte(strings.Repeat("this is no database ", 1000)) },
		"zeros in the middle": func(b []byte) []byte { clear(b[4096:]); return b },
		"half of it":          func(b []byte) []byte { return b[:len(b)/2] },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			d, warned := open(t, path)
			must(t, d.Put(anImport("1", statedb.Completed)))
			must(t, d.Exec("PRAGMA wal_checkpoint(TRUNCATE)")) // what stands there is read there
			b, err := os.ReadFile(path)
			must(t, err)
			bad := damage(b)
			must(t, os.WriteFile(path, bad, 0o600))
			if name != "half of it" { // of which what is read may be there
				if d, err := statedb.View(path); err == nil {
					if _, err = d.Imports(); err == nil {
						t.Error("nobody sees the damage")
					}
					d.Close()
				}
				must(t, d.Exec("PRAGMA shrink_memory"))          // a writer has what it wrote in memory
				must(t, d.Put(anImport("2", statedb.Completed))) // while it is open
				isAside(t, path, bad, *warned)
			}
			must(t, d.Close())

			must(t, os.WriteFile(path, bad, 0o600)) // and when it is opened
			d, warned = open(t, path)
			must(t, d.Put(anImport("3", statedb.Completed)))
			isAside(t, path, bad, *warned)
			if all := seen(t, path); len(all) != 1 || all[0].ID != "3" {
				t.Errorf("there are %v", all)
			}
		})
	}
}

func isAside(t *testing.T, path string, bad []byte, warned []string) {
	t.Helper()
	aside, err := filepath.Glob(path + ".damaged-*")
	must(t, err)
	if len(aside) == 0 || len(warned) != 1 || !strings.Contains(warned[0], "no event is") {
		t.Fatalf("aside are %v; said was %q", aside, warned)
	}
	b, err := os.ReadFile(aside[len(aside)-1])
	if err != nil || string(b) != string(bad) {
		t.Errorf("what was set aside is not what was there: %d bytes, %v", len(b), err)
	}
}

func TestAFileOfANewerVersionIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	d, _ := open(t, path)
	must(t, d.Exec("PRAGMA user_version = 1000"))
	must(t, d.Close())
	if _, err := statedb.Open(path, func(string) { t.Error("set aside") }); !errors.Is(err, statedb.ErrNewer) {
		t.Errorf("Open: %v", err)
	}
	if _, err := statedb.View(path); !errors.Is(err, statedb.ErrNewer) {
		t.Errorf("View: %v", err)
	}
}

// A reader that comes after a crash in the middle of a change sees what was before
// that.
func TestAReaderAfterACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	d, _ := open(t, path)
	must(t, d.Put(anImport("1", statedb.Completed)))
	for _, sql := range []string{"PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA cache_size = 1", "BEGIN IMMEDIATE", "UPDATE imports SET store = hex(zeroblob(1000000))", "DELETE FROM imports",
		"CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT i FROM n"} {
		must(t, d.Exec(sql))
	}
	crashed := filepath.Join(t.TempDir(), "state.db")
	for _, tail := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + tail)
		must(t, err)
		must(t, os.WriteFile(crashed+tail, b, 0o600))
	}
	if all := seen(t, crashed); len(all) != 1 || all[0].Store != "s" {
		t.Errorf("there are %v", all)
	}
}

// A copy has what was there, for its owner alone, whoever makes it.
func TestCopies(t *testing.T) {
	dir := t.TempDir()
	path, first, second := filepath.Join(dir, "state.db"), filepath.Join(dir, "a copy"), filepath.Join(dir, "of a copy")
	d, _ := open(t, path)
	must(t, d.Put(anImport("1", statedb.Completed)))
	must(t, d.CopyTo(first))
	must(t, d.Put(anImport("2", statedb.Completed)))
	must(t, d.CopyTo(first))
	reader, err := statedb.View(first)
	must(t, err)
	must(t, reader.CopyTo(second))
	must(t, reader.Close())
	if diff := cmp.Diff(seen(t, path), seen(t, second)); diff != "" {
		t.Errorf("-there +in the copy\n%s", diff)
	}
	if st, err := os.Stat(second); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	none, err := statedb.View(filepath.Join(dir, "none"))
	must(t, err)
	must(t, none.CopyTo(filepath.Join(dir, "copy of none")))
	must(t, d.Close())
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 3 {
		t.Errorf("there are %q", left)
	}
}
