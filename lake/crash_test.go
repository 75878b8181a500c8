package lake_test

import (
	"encoding/binary"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/lake"
	"tarn/lake/laketest"
)

// A crash at any moment leaves a lake that opens, holds whole commits and is
// sound; the same import again completes it.
func TestAKilledImportIsCompletedByTheNext(t *testing.T) {
	objects := midnightObjects(t)
	for _, o := range laketest.Few(1, []lake.AppendOptions{{MemoryBytes: 1, DiskBytes: 1}, {KeepDuplicates: true, MemoryBytes: 1, DiskBytes: 1}}) {
		t.Run(optionsName(o), func(t *testing.T) {
			p := laketest.NewPlace(t)
			var mu sync.Mutex                      // segments are sealed two at a time
			var sealed, committed []laketest.Place // copies; of every third seal
			seals := 0
			options := p.Options()
			options.Events.SegmentSealed = func(lake.Store, lake.Segment) {
				mu.Lock()
				defer mu.Unlock()
				if seals++; seals%3 == 1 {
					sealed = append(sealed, p.Copy(t))
				}
			}
			options.Events.Committed = func(lake.Commit) {
				mu.Lock()
				defer mu.Unlock()
				committed = append(committed, p.Copy(t))
			}
			p.WriteWith(t, options, func(l *lake.Lake, st lake.Store) {
				laketest.Bring(t, l, st, o, objects, nil)
			})
			if seals < 6 || len(committed) < 1 {
				t.Fatalf("%d seals, %d commits; want some of both", seals, len(committed))
			}
			for i, c := range laketest.Few(1, committed) {
				c.Sound(t)
				checkListed(t, c, objects, o.KeepDuplicates)
				complete(t, fmt.Sprint("killed behind commit ", i), c, o, objects)
			}
			for i, c := range laketest.Few(2, sealed) {
				complete(t, fmt.Sprint("killed behind seal ", i), c, o, objects)
			}
		})
	}
}

func complete(t *testing.T, when string, p laketest.Place, o lake.AppendOptions, objects []laketest.Object) {
	t.Helper()
	o.MemoryBytes, o.DiskBytes = 0, 0
	p.Write(t, func(l *lake.Lake, st lake.Store) { laketest.Bring(t, l, st, o, objects, nil) })
	laketest.Same(t, when+", events", rawOf(objects, keysOf(objects), o.KeepDuplicates), p.Events(t))
	checkNumbers(t, when, p, objects)
	p.Sound(t)
}

// checkNumbers checks that every event's number tells an object that has it.
func checkNumbers(t *testing.T, when string, p laketest.Place, objects []laketest.Object) {
	t.Helper()
	has := map[string]bool{}
	for _, o := range objects {
		for _, e := range o.Events {
			has[e.ID+" from "+o.Key] = true
		}
	}
	p.Read(t, func(s *lake.Snapshot, st lake.Store) {
		err := s.Provenance(t.Context(), st.ID, func(id, source string) error {
			if !has[id+" from "+source] {
				t.Errorf("%s: by its number, %s came from %q", when, id, source)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// What the disk may hold when the power went between two writes of a commit:
// the new state with some files still, or in part, as they were.
func TestAnInterruptedCommitIsWholeOrAbsent(t *testing.T) {
	objects := midnightObjects(t)
	p := laketest.NewPlace(t)
	p.Fill(t, lake.AppendOptions{}, objects[:2]...)
	before := p.Copy(t)
	p.Fill(t, lake.AppendOptions{}, objects[2:]...)
	old, new := holdingOf(t, before), holdingOf(t, p)

	const entries, checkpoints, checkpoint, tiles = "log/entries", "log/checkpoints", "log/checkpoint", "log/tile"
	for _, tt := range laketest.Few(2, []struct {
		name string
		old  []string       // as before the commit
		torn map[string]int // the bytes of the new file that are missing
		want holding
	}{
		{"nothing of the entry", []string{entries, checkpoints, checkpoint, tiles}, nil, old},
		{"half an entry", []string{checkpoints, checkpoint, tiles}, map[string]int{entries: 100}, old},
		{"all of the entry but a byte", []string{checkpoints, checkpoint, tiles}, map[string]int{entries: 1}, old},
		{"the entry", []string{checkpoints, checkpoint, tiles}, nil, old},
		{"the entry and its tiles", []string{checkpoints, checkpoint}, nil, old},
		{"the entry, its tiles and half a checkpoint", []string{checkpoint}, map[string]int{checkpoints: 50}, old},
		{"the entry and half a checkpoint", []string{checkpoint, tiles}, map[string]int{checkpoints: 50}, old},
		{"all but the checkpoint that is shown", []string{checkpoint}, nil, new},
		{"all but that and the tiles", []string{checkpoint, tiles}, nil, new},
		{"all but the tiles", []string{tiles}, nil, new},
	}) {
		for _, index := range laketest.Few(1, []string{"old", "new", "no"}) {
			t.Run(fmt.Sprintf("%s, %s index", tt.name, index), func(t *testing.T) {
				t.Parallel()
				c := p.Copy(t)
				removeAll(t, c, tt.old...)
				for _, f := range before.Files(t) {
					for _, stays := range tt.old {
						if f == stays || stays == tiles && len(f) > len(tiles) && f[:len(tiles)] == tiles {
							replace(t, c, f, contentOf(t, before, f))
						}
					}
				}
				for f, n := range tt.torn {
					b := contentOf(t, c, f)
					replace(t, c, f, b[:len(b)-n])
				}
				switch index {
				case "old":
					replace(t, c, "local/index.db", contentOf(t, before, "local/index.db"))
				case "no":
					removeAll(t, c, "local/index.db")
				}
				c.Write(t, func(*lake.Lake, lake.Store) {})
				if d := cmp.Diff(tt.want, holdingOf(t, c)); d != "" {
					t.Errorf("content (-want +got):\n%s", d)
				}
				c.Sound(t)
				complete(t, tt.name, c, lake.AppendOptions{}, objects)
			})
		}
	}
}

// What stands behind the last checkpoint is nothing to readers, and a writer cuts
// it off, also where it is whole: nobody was told that it counts.
func TestTornEntriesAreCutOff(t *testing.T) {
	p := filledPlace(t)
	want := holdingOf(t, p)
	whole := contentOf(t, p, "log/entries")
	for name, tail := range map[string][]byte{
		"a whole entry":     whole[8 : 16+binary.LittleEndian.Uint32(whole[8:])],
		"a length":          {100, 0, 0, 0},
		"a torn entry":      whole[8:60],
		"zeros":             make([]byte, 3000),
		"a false checksum":  {2, 0, 0, 0, 1, 2, 3, 4, '{', '}'},
		"an absurd length":  {255, 255, 255, 255, 1, 2, 3, 4, '{', '}'},
		"a length of zero":  {0, 0, 0, 0, 0, 0, 0, 0},
		"garbage of a page": fmt.Appendf(nil, "%4096d", 7),
	} {
		t.Run(name, func(t *testing.T) {
			c := p.Copy(t)
			replace(t, c, "log/entries", append(whole[:len(whole):len(whole)], tail...))
			if d := cmp.Diff(want, holdingOf(t, c)); d != "" {
				t.Errorf("content for readers (-want +got):\n%s", d)
			}
			c.Write(t, func(*lake.Lake, lake.Store) {})
			if d := cmp.Diff(want, holdingOf(t, c)); d != "" {
				t.Errorf("content (-want +got):\n%s", d)
			}
			if got := contentOf(t, c, "log/entries"); string(got) != string(whole) {
				t.Errorf("log/entries has %d bytes; want the %d before", len(got), len(whole))
			}
			c.Sound(t)
		})
	}
}
