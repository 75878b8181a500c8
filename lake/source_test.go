package lake_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"tarn/lake"
	"tarn/lake/laketest"
)

// midnightObjects are objects of two trails that both deliver every event, each
// object around a midnight, with a record in it that is none. Trail 2 delivers
// right behind trail 1, while what it repeats is not sealed yet.
func midnightObjects(t *testing.T) (objects []laketest.Object) {
	for _, day := range laketest.Few(2, []int{1, 2, 3, 4}) {
		var events []lake.Event
		for _, at := range []string{
			fmt.Sprintf("2026-01-%02dT23:59:00Z", day), fmt.Sprintf("2026-01-%02dT00:01:00Z", day+1),
		} {
			for i := range 2 {
				events = append(events, laketest.Event(t, fmt.Sprintf("%s %d", at, i), at, fmt.Sprint("around midnight ", i)))
			}
		}
		for trail := 1; trail <= 2; trail++ {
			objects = append(objects, laketest.Object{
				Key: fmt.Sprintf("trail-%d/%d", trail, day), Events: events, Bad: []string{fmt.Sprintf("bad %d/%d", trail, day)},
			})
		}
	}
	return objects
}

// listed returns the keys in the source lists of the commits.
func listed(t testing.TB, p laketest.Place, commits []lake.Commit) (keys []string) {
	t.Helper()
	for _, c := range commits {
		if c.Sources == nil {
			continue
		}
		f, err := os.Open(p.Path(c.Sources.Name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := zstd.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		for d := json.NewDecoder(z); ; {
			var s lake.Source
			if err := d.Decode(&s); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if !s.Partial {
				keys = append(keys, s.Key)
			}
		}
	}
	return keys
}

// rawOf returns the events' bytes of the objects with these keys; each event
// once unless all are wanted.
func rawOf(objects []laketest.Object, keys []string, all bool) (raw []string) {
	for _, o := range objects {
		for _, e := range o.Events {
			if slices.Contains(keys, o.Key) && (all || !slices.Contains(raw, string(e.Raw))) {
				raw = append(raw, string(e.Raw))
			}
		}
	}
	return raw
}

func keysOf(objects []laketest.Object) (keys []string) {
	for _, o := range objects {
		keys = append(keys, o.Key)
	}
	return keys
}

// budgets are what an import may hold in memory: those of a byte seal at every turn.
var budgets = []lake.AppendOptions{
	{MemoryBytes: 1500}, {KeepDuplicates: true}, {}, {MemoryBytes: 1}, {KeepDuplicates: true, MemoryBytes: 1},
	{MemoryBytes: 1, DiskBytes: 1}, {KeepDuplicates: true, MemoryBytes: 1, DiskBytes: 1},
}

func optionsName(o lake.AppendOptions) string {
	return fmt.Sprintf("keep %t, %d bytes, %d on disk", o.KeepDuplicates, o.MemoryBytes, o.DiskBytes)
}

// Whenever a commit counts, readers see all events of all sources listed so far,
// also those that a source only repeats.
func TestASourceIsListedWhenAllItsEventsAreThere(t *testing.T) {
	objects := midnightObjects(t)
	for _, o := range laketest.Few(1, budgets) {
		t.Run(optionsName(o), func(t *testing.T) {
			t.Parallel()
			p := laketest.NewPlace(t)
			options := p.Options()
			options.Events.Committed = func(lake.Commit) {
				checkListed(t, p, objects, o.KeepDuplicates)
				p.Sound(t)
			}
			p.WriteWith(t, options, func(l *lake.Lake, st lake.Store) {
				laketest.Bring(t, l, st, o, objects, nil)
			})
			if d := cmp.Diff(keysOf(objects), inOrder(listed(t, p, commitsOf(t, p)), objects)); d != "" {
				t.Errorf("sources in the end (-want +got):\n%s", d)
			}
		})
	}
}

// checkListed checks that the events of all sources listed so far are there.
func checkListed(t *testing.T, p laketest.Place, objects []laketest.Object, all bool) {
	t.Helper()
	p.Read(t, func(s *lake.Snapshot, st lake.Store) {
		there := map[string]int{}
		for _, raw := range laketest.Texts(t, s, st, false) {
			there[raw]++
		}
		keys := listed(t, p, s.Commits())
		for _, raw := range rawOf(objects, keys, all) {
			if there[raw]--; there[raw] < 0 {
				t.Fatalf("after %d commits the sources %v are listed; missing: %s", len(s.Commits()), keys, raw)
			}
		}
	})
}

// inOrder puts keys in the order of the objects.
func inOrder(keys []string, objects []laketest.Object) []string {
	order := keysOf(objects)
	slices.SortFunc(keys, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	return keys
}

func commitsOf(t testing.TB, p laketest.Place) (all []lake.Commit) {
	t.Helper()
	p.Read(t, func(s *lake.Snapshot, _ lake.Store) { all = s.Commits() })
	return all
}

// Wherever an import was given up, the same import again completes it: every
// event is there as often as it must be, every source and reject is listed once.
func TestAnAbandonedImportIsCompletedByTheNext(t *testing.T) {
	objects := midnightObjects(t)
	for _, o := range laketest.Few(2, budgets) {
		for _, stop := range laketest.Few(1, []int{2, 5, len(objects) - 1}) {
			t.Run(fmt.Sprintf("%s, given up before object %d", optionsName(o), stop), func(t *testing.T) {
				t.Parallel()
				p := laketest.NewPlace(t)
				p.Write(t, func(l *lake.Lake, st lake.Store) {
					laketest.Bring(t, l, st, o, objects, func(i int) bool { return i == stop })
				})
				checkListed(t, p, objects, o.KeepDuplicates)
				before := p.Events(t)
				p.Write(t, func(l *lake.Lake, st lake.Store) {
					laketest.Bring(t, l, st, o, objects, nil)
				})
				laketest.Same(t, "events", rawOf(objects, keysOf(objects), o.KeepDuplicates), p.Events(t))
				if after := p.Events(t); len(after) < len(before) {
					t.Errorf("%d events; there were %d when the import was given up", len(after), len(before))
				}
				if d := cmp.Diff(keysOf(objects), inOrder(listed(t, p, commitsOf(t, p)), objects)); d != "" {
					t.Errorf("sources (-want +got):\n%s", d)
				}
				checkRejects(t, p, objects)
				checkNumbers(t, "in the end", p, objects)
				p.Sound(t)
			})
		}
	}
}

// checkRejects checks that each commit lists the rejects that it counts, and
// that in the end each is listed once.
func checkRejects(t *testing.T, p laketest.Place, objects []laketest.Object) {
	t.Helper()
	for i, c := range commitsOf(t, p) {
		lines := int64(0)
		if c.Rejects != nil {
			lines = c.Rejects.Lines
		}
		if lines != c.Counts.Rejected {
			t.Errorf("commit %d counts %d rejects and lists %d", i, c.Counts.Rejected, lines)
		}
	}
	var want, got []string
	for _, o := range objects {
		for _, raw := range o.Bad {
			want = append(want, o.Key+": "+raw)
		}
	}
	for _, r := range p.Rejects(t) {
		got = append(got, r.Source+": "+string(r.Raw))
	}
	laketest.Same(t, "rejects", want, got)
}

// A source that could not be read to its end is read again: nothing of it is lost,
// and nothing is there twice, also where duplicates are kept.
func TestASourceThatBrokeOffIsReadAgain(t *testing.T) {
	for _, o := range []lake.AppendOptions{{}, {KeepDuplicates: true}} {
		t.Run(optionsName(o), func(t *testing.T) {
			p := laketest.NewPlace(t)
			object := midnightObjects(t)[0]
			whole := laketest.Object{Key: "whole", Events: []lake.Event{laketest.Event(t, "a", noon, "")}}
			p.Write(t, func(l *lake.Lake, st lake.Store) {
				a, err := l.Append(st, o)
				if err != nil {
					t.Fatal(err)
				}
				laketest.Put(t, a, whole)
				a.Begin(object.Source())
				for _, e := range object.Events[:3] {
					if _, err := a.Offer(e); err != nil {
						t.Fatal(err)
					}
				}
				a.Break()
				r, err := a.Finish()
				if err != nil {
					t.Fatal(err)
				}
				n := len(laketest.Texts(t, l.Snapshot(), st, false))
				if c := r.Counts; c.Stored != int64(n) || c.Offered != c.Stored+c.Duplicates+c.Conflicts+c.Filtered+c.Rejected {
					t.Errorf("%d events are there; the receipt says %+v", n, c)
				}
			})
			if d := cmp.Diff([]string{"whole"}, listed(t, p, commitsOf(t, p))); d != "" {
				t.Errorf("sources (-want +got):\n%s", d)
			}
			p.Write(t, func(l *lake.Lake, st lake.Store) {
				laketest.Bring(t, l, st, o, []laketest.Object{object, whole}, nil)
			})
			want := append(rawOf([]laketest.Object{object}, []string{object.Key}, false), string(whole.Events[0].Raw))
			laketest.Same(t, "events", want, p.Events(t))
			checkNumbers(t, "in the end", p, []laketest.Object{object, whole})
			p.Sound(t)
		})
	}
}

// Sources that bring nothing are listed as the import goes on, not only at its end.
func TestSourcesWithoutEventsDoNotPileUp(t *testing.T) {
	p := laketest.NewPlace(t)
	commits := 0
	options := p.Options()
	options.Events.Committed = func(lake.Commit) { commits++ }
	p.WriteWith(t, options, func(l *lake.Lake, st lake.Store) {
		a, err := l.Append(st, lake.AppendOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 20_000 {
			a.Begin(lake.Source{Key: fmt.Sprint("empty-", i)})
			a.End("", 0)
		}
		if commits != 2 {
			t.Errorf("%d commits for 20,000 sources without events; want 2", commits)
		}
		if _, err := a.Finish(); err != nil {
			t.Fatal(err)
		}
	})
	p.Sound(t)
}
