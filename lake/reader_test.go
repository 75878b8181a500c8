package lake_test

import (
	"testing"

	"tarn/lake"
	"tarn/lake/laketest"
)

// A reader has the lake as it was when it opened it, whatever happens since.
func TestAReaderKeepsItsSnapshot(t *testing.T) {
	p := laketest.NewPlace(t)
	objects := midnightObjects(t)
	p.Fill(t, lake.AppendOptions{}, objects[:2]...)
	want, wantLog := p.Events(t), int64(0)

	early, err := lake.View(p.Dir, lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer early.Close()
	snap := early.Snapshot()
	st := snap.Stores()[0]
	wantLog = snap.LogSize()

	p.Fill(t, lake.AppendOptions{}, objects[2:]...)
	laketest.Same(t, "events of the early snapshot", want, laketest.Texts(t, snap, st, false))
	late := early.Snapshot()
	laketest.Same(t, "events of a later snapshot of the same reader", want, laketest.Texts(t, late, st, false))
	if snap.LogSize() != wantLog || late.LogSize() != wantLog {
		t.Errorf("log sizes %d and %d; want %d", snap.LogSize(), late.LogSize(), wantLog)
	}
	laketest.Same(t, "events of a new reader", rawOf(objects, keysOf(objects), false), p.Events(t))
}

// A writer's own snapshot does not change under whoever holds it either.
func TestAWritersSnapshotStays(t *testing.T) {
	p := laketest.NewPlace(t)
	objects := midnightObjects(t)
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		empty := l.Snapshot()
		laketest.Bring(t, l, st, lake.AppendOptions{}, objects[:2], nil)
		first := l.Snapshot()
		want := laketest.Texts(t, first, st, false)
		laketest.Bring(t, l, st, lake.AppendOptions{}, objects[2:], nil)
		laketest.Same(t, "events before the first import", nil, laketest.Texts(t, empty, st, false))
		laketest.Same(t, "events before the second import", want, laketest.Texts(t, first, st, false))
		laketest.Same(t, "events now", rawOf(objects, keysOf(objects), false), laketest.Texts(t, l.Snapshot(), st, false))
	})
}

// During an import, readers see what is committed and nothing else: what is only
// sealed is there as files, and not as segments.
func TestReadersSeeOnlyWhatIsCommitted(t *testing.T) {
	p := laketest.NewPlace(t)
	committed, seals, commits := map[string]bool{}, 0, 0
	check := func() {
		p.Read(t, func(s *lake.Snapshot, st lake.Store) {
			segments := append(s.Segments(st.ID, false), s.Segments(st.ID, true)...)
			for _, seg := range segments {
				if !committed[seg.ID] {
					t.Errorf("segment %s is seen and was not committed", seg.ID)
				}
			}
			if len(segments) != len(committed) {
				t.Errorf("%d segments are seen; %d were committed", len(segments), len(committed))
			}
			if _, err := s.Store(laketest.StoreName); err != nil {
				t.Error(err)
			}
		})
	}
	options := p.Options()
	var segments []lake.Segment
	// One day at a time, so that no commit goes on while a seal is told.
	options.Events.SegmentSealed = func(_ lake.Store, s lake.Segment) {
		segments = append(segments, s)
		seals++
		check()
	}
	options.Events.Committed = func(c lake.Commit) {
		for _, s := range c.Segments {
			committed[s.ID] = true
		}
		commits++
		check()
	}
	p.WriteWith(t, options, func(l *lake.Lake, st lake.Store) {
		for _, o := range laketest.Few(2, midnightObjects(t)) {
			day := laketest.Object{Key: o.Key + " late", Events: o.Events[:2]}
			for _, part := range []laketest.Object{day, {Key: o.Key, Events: o.Events[2:]}} {
				laketest.Bring(t, l, st, lake.AppendOptions{}, []laketest.Object{part}, nil)
			}
		}
	})
	if seals == 0 || len(segments) != len(committed) || commits < 4 {
		t.Errorf("%d seals, %d committed segments, %d commits; want some, as many, and one for each source", seals, len(committed), commits)
	}
}

// Reading and verifying go on beside a writer: nothing is half there, nothing
// that was there is gone, and nothing looks damaged.
func TestReadingBesideAWriter(t *testing.T) {
	p := laketest.NewPlace(t)
	objects := laketest.Few(3, midnightObjects(t))
	p.Fill(t, lake.AppendOptions{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i, o := range objects {
			p.Fill(t, lake.AppendOptions{MemoryBytes: int64(i % 2)}, o)
		}
	}()
	seen, rounds := 0, 0
	for running := true; running; rounds++ {
		select {
		case <-done:
			running = false
		default:
		}
		n := len(p.Events(t))
		if n < seen {
			t.Errorf("%d events; there were %d before", n, seen)
		}
		seen = n
		p.Sound(t)
	}
	if want := len(rawOf(objects, keysOf(objects), false)); seen != want {
		t.Errorf("%d events in the end; want %d", seen, want)
	}
	t.Log(rounds, "rounds")
}
