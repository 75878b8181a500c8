package lake_test

import (
	"os"
	"sync"
	"testing"

	"tarn/lake"
	"tarn/lake/laketest"
)

// A writer that stays may publish its index at any moment, also while an import is
// under way: it lacks nothing of what the log has, if the process dies next.
func TestAnIndexIsPublishedWhileTheLakeIsOpen(t *testing.T) {
	p := laketest.NewPlace(t)
	objects := midnightObjects(t)
	want := rawOf(objects, keysOf(objects), false)
	again := func(p laketest.Place) {
		t.Helper()
		p.Write(t, func(l *lake.Lake, st lake.Store) { laketest.Bring(t, l, st, lake.AppendOptions{}, objects, nil) })
		laketest.Same(t, "events", want, p.Events(t))
		p.Sound(t)
	}
	var crashed []laketest.Place
	o := p.Options()
	o.Events.Committed = func(lake.Commit) { crashed = append(crashed, p.Copy(t)) }
	p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		done := make(chan struct{})
		var publishing sync.WaitGroup
		publishing.Go(func() {
			for {
				if err := l.PublishIndex(); err != nil {
					t.Errorf("PublishIndex: %v", err)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
		for i := range objects { // an import of each, so that there are many commits
			laketest.Bring(t, l, st, lake.AppendOptions{}, objects[i:i+1], nil)
		}
		close(done)
		publishing.Wait()
		if err := l.PublishIndex(); err != nil {
			t.Fatal(err)
		}
		at := p.Copy(t)
		at.Sound(t)
		again(at)
		if r := laketest.Bring(t, l, st, lake.AppendOptions{}, objects, nil); r.Counts.Offered != 0 {
			t.Errorf("%d records were read again", r.Counts.Offered)
		}
		// One that was removed meanwhile is made anew, whole.
		if err := os.Remove(p.Path("local/index.db")); err != nil {
			t.Fatal(err)
		}
		if _, err := l.UpdateStore(st.ID, lake.StoreSettings{RetentionDays: 90}); err != nil {
			t.Fatal(err)
		}
		if err := l.PublishIndex(); err != nil {
			t.Errorf("PublishIndex without the old one: %v", err)
		}
	})
	for _, c := range laketest.Few(4, crashed) {
		again(c)
	}
	again(p)
}
