package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
)

// fill writes a file until the disk is full, and then leaves so many bytes. It
// returns what makes room again.
func (i image) fill(t *testing.T, left int64) (empty func()) {
	t.Helper()
	name := filepath.Join(i.mounted, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size := int64(0)
	for block := 1 << 20; block >= 1<<10; block /= 4 {
		for {
			n, err := f.Write(make([]byte, block))
			size += int64(n)
			if err != nil {
				break
			}
		}
	}
	if err := errors.Join(f.Truncate(max(0, size-left)), f.Sync()); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// A disk that is full at any step: what was acknowledged stays, queries go on, and
// when there is room again so does everything else, without anybody's help.
func TestTheDiskMayBeFullWhileEventsCome(t *testing.T) {
	i := newImage(t)
	p := laketest.Place{Dir: filepath.Join(i.mounted, "lake"), Key: filepath.Join(t.TempDir(), "key")}
	o := p.Options()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	o.Now = func() time.Time { return now }
	// The watermark would refuse before the disk does.
	o.Free = func() (int64, int64, error) { return 1 << 40, 1 << 40, nil }
	var acked []string
	refused := 0
	p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		n := 0
		put := func() error {
			n++
			e := laketest.Event(t, fmt.Sprint(n), now.Format(time.RFC3339), fmt.Sprintf("%08000d", n))
			done, err := l.Put(t.Context(), st, []lake.Event{e})
			if len(done) == 1 {
				acked = append(acked, string(e.Raw))
			}
			return err
		}
		for round := range int64(12) {
			empty := i.fill(t, round*24<<10)
			for range 12 {
				err := errors.Join(put(), l.Flush())
				if round%4 == 3 {
					now = now.Add(2 * time.Hour)
					err = errors.Join(err, l.Tidy())
				}
				if err != nil {
					refused++
				}
			}
			seen := p.Events(t)
			empty()
			if err := errors.Join(put(), l.Flush()); err != nil {
				t.Fatalf("round %d: with room again: %v", round, err)
			}
			if got := p.Events(t); len(got) < len(seen) {
				t.Fatalf("round %d: %d events; there were %d", round, len(got), len(seen))
			}
		}
	})
	if refused == 0 {
		t.Error("the disk was never full")
	}
	got := map[string]bool{}
	for _, raw := range p.Events(t) {
		if got[raw] {
			t.Errorf("is there twice: %.100s", raw)
		}
		got[raw] = true
	}
	for _, raw := range acked {
		if !got[raw] {
			t.Errorf("was acknowledged, and is not there: %.100s", raw)
		}
	}
	p.Sound(t)
	t.Logf("%d events acknowledged, %d refusals", len(acked), refused)
}
