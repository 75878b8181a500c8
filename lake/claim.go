package lake

import "fmt"

// claim is that an import is under way: a lake takes one at a time.
type claim struct {
	store Store
	brief bool
	done  chan struct{} // closed at its end
}

// claim takes the place of the one import that there may be. Who finds a brief one
// there waits for its end, and goes before the next brief one.
func (l *Lake) claim(store Store, brief bool) (*claim, error) {
	c := &claim{store: store, brief: brief, done: make(chan struct{})}
	busy := fmt.Errorf("append to %s: %w", store.Name, ErrImporting)
	if brief && l.awaiting.Load() > 0 {
		return nil, busy
	}
	for !l.appending.CompareAndSwap(nil, c) {
		before := l.appending.Load()
		switch {
		case before == nil: // it has just ended
		case brief || !before.brief:
			return nil, busy
		default:
			l.awaiting.Add(1)
			<-before.done
			defer l.awaiting.Add(-1)
		}
	}
	return c, nil
}

// unclaim lets another import begin. Again, it does nothing.
func (l *Lake) unclaim(c *claim) {
	if l.appending.CompareAndSwap(c, nil) {
		close(c.done)
	}
}

// Importing reports whether an import is under way in this process for whose end
// others would not wait.
func (l *Lake) Importing() bool {
	c := l.appending.Load()
	return c != nil && !c.brief
}
