package query_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"tarn/internal/hint"
	"tarn/lake"
	"tarn/query"
)

// wantDamage complains if an error is not that of a damaged segment.
func wantDamage(t *testing.T, what string, err error, path, id string) {
	t.Helper()
	var syntax *query.SyntaxError
	switch {
	case err == nil:
		return
	case !errors.Is(err, lake.ErrCorrupt) || errors.As(err, &syntax):
		t.Errorf("%s: %v; want lake.ErrCorrupt", what, err)
	case !strings.Contains(err.Error(), "segment "+id+" of cloudtrail") || strings.Contains(err.Error(), path):
		t.Errorf("%s: %v; want the segment %s and no path", what, err, id)
	case !slices.Contains(hint.Of(err), "tarn verify says what differs"):
		t.Errorf("%s: hints %q; want tarn verify", what, hint.Of(err))
	}
}

func TestDamagedSegmentsAreNamed(t *testing.T) {
	e, l := openEngine(t), sample(t)
	id := l.stores[0].ID
	seg := l.segments[id][0]
	path := l.Path(id, seg)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damages := map[string]func() error{
		"missing":             func() error { return os.Remove(path) },
		"empty":               func() error { return os.WriteFile(path, nil, 0o666) },
		"half":                func() error { return os.WriteFile(path, whole[:len(whole)/2], 0o666) },
		"other bytes":         func() error { return os.WriteFile(path, bytes.Repeat([]byte("x"), len(whole)), 0o666) },
		"an end that is lost": func() error { return os.WriteFile(path, whole[:len(whole)-1], 0o666) },
		"zeros in the pages":  func() error { return os.WriteFile(path, zeroed(whole, 4, len(whole)/3), 0o666) },
		"zeros in the footer": func() error { return os.WriteFile(path, zeroed(whole, len(whole)-3000, len(whole)-2000), 0o666) },
	}
	for what, damage := range damages {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		_, err := ask(e, l, "SELECT * FROM cloudtrail")
		if err == nil {
			t.Errorf("%s: no error", what)
		}
		wantDamage(t, what, err, path, seg.ID)
	}
}

func zeroed(b []byte, from, to int) []byte {
	b = bytes.Clone(b)
	clear(b[from:to])
	return b
}

// A flipped bit anywhere either shows as damage or does not show at all: it is
// never taken for a mistake in the statement.
func TestFlippedBitsAreNotTheStatementsFault(t *testing.T) {
	e, l := openEngine(t), sample(t)
	id := l.stores[0].ID
	seg := l.segments[id][0]
	path := l.Path(id, seg)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for at := 2; at < len(whole); at += len(whole)/60 + 1 {
		flipped := bytes.Clone(whole)
		flipped[at] ^= 0x5a
		if err := os.WriteFile(path, flipped, 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := ask(e, l, "SELECT * FROM cloudtrail")
		wantDamage(t, fmt.Sprint("byte ", at), err, path, seg.ID)
		if err != nil {
			shown++
		}
	}
	if shown == 0 {
		t.Error("no flipped bit was seen")
	}
	t.Logf("%d of 60 flipped bytes were seen", shown)
}

func TestTheLakesOwnDamagePassesThrough(t *testing.T) {
	e, l := openEngine(t), sample(t)
	l.broken = fmt.Errorf("read needle filters of segment x: %w", lake.ErrCorrupt)
	_, err := e.Explain(context.Background(), l, "SELECT * FROM cloudtrail WHERE eventID = 'id-1'")
	if !errors.Is(err, lake.ErrCorrupt) || !slices.Contains(hint.Of(err), "tarn verify says what differs") {
		t.Errorf("Explain = %v, hints %q; want lake.ErrCorrupt and tarn verify", err, hint.Of(err))
	}
}

// What fails over whole files is the statement's fault or the machine's.
func TestFailuresOverWholeFilesAreNoDamage(t *testing.T) {
	e, l := openEngine(t), sample(t)
	for _, sql := range []string{
		"SELECT CAST(eventName AS integer) FROM cloudtrail",
		"SELECT error('ZSTD Decompression failure of parquet') FROM cloudtrail",
		"SELECT error('" + l.Path("", l.segments[l.stores[0].ID][0]) + "') FROM cloudtrail",
		"SELECT CAST('x' AS integer) FROM cloudtrail",
		"SELECT eventName + 1 FROM cloudtrail",
	} {
		_, err := ask(e, l, sql)
		var syntax *query.SyntaxError
		if !errors.As(err, &syntax) || errors.Is(err, lake.ErrCorrupt) {
			t.Errorf("%s: %v; want a SyntaxError", sql, err)
		}
		if err != nil && strings.HasPrefix(err.Error(), "0:0") {
			t.Errorf("%s: %v has a place that is none", sql, err)
		}
	}
	small, err := query.Open(query.Options{MemoryLimit: "20MB", TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	var syntax *query.SyntaxError
	_, err = ask(small, l, "SELECT list(range || rpad('x', 1000, 'x')) FROM range(1000000)")
	if err == nil || errors.As(err, &syntax) || !strings.Contains(err.Error(), "memory") {
		t.Errorf("too much memory: %v; want an error of memory", err)
	}
}

// What the system does not let us read is no damage, and the engine's words for
// it help nobody.
func TestSegmentsThatCannotBeReadAreNamed(t *testing.T) {
	e, l := openEngine(t), sample(t)
	id := l.stores[0].ID
	seg := l.segments[id][0]
	path := l.Path(id, seg)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	// Even root cannot read a link to itself.
	if err := os.Symlink(path, path); err != nil {
		t.Skip(err)
	}
	_, err := ask(e, l, "SELECT * FROM cloudtrail")
	if err == nil || errors.Is(err, lake.ErrCorrupt) || len(hint.Of(err)) == 0 ||
		!strings.Contains(err.Error(), "segment "+seg.ID+" of cloudtrail, "+seg.Day+": cannot be read: too many levels") {
		t.Errorf("%v, hints %q; want that the segment cannot be read", err, hint.Of(err))
	}
}
