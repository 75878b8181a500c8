package lake

import "time"

// Gauges are figures of a lake that is open for writing, for whoever watches it.
type Gauges struct {
	// LogSize is the number of the log's entries, LogBytes how many they have.
	LogSize, LogBytes int64
	// Stores, Segments and HotFiles are how many there are, and Bytes what segments
	// and hot files have on disk, without what stands beside them.
	Stores, Segments, HotFiles int
	Bytes                      int64
	// Stored, Duplicates and Conflicts are what became of live events since the lake
	// was opened.
	Stored, Duplicates, Conflicts int64
	// Waiting is how many bytes of events stand in the journal alone, Lag for how long
	// the oldest of them has.
	Waiting int64
	Lag     time.Duration
	// Free is how much room the disk has; 0 if nobody can tell.
	Free int64
}

// Gauges returns the lake's figures.
func (l *Lake) Gauges() Gauges {
	s := l.now()
	g := Gauges{LogSize: s.pos.Size, LogBytes: s.pos.Bytes, Stores: len(s.storesAt(l.opts.Now()))}
	for _, all := range s.segments {
		g.Segments += len(all)
		for _, seg := range all {
			g.Bytes += seg.Parquet.Bytes
		}
	}
	for _, all := range s.hot {
		g.HotFiles += len(all)
		for _, seg := range all {
			g.Bytes += seg.Parquet.Bytes
		}
	}
	if free, total := l.space.now(); total > 0 {
		g.Free = free
	}
	h := l.hot
	if h == nil {
		return g
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	g.Stored, g.Duplicates, g.Conflicts = h.outcomes[Stored], h.outcomes[Duplicate], h.outcomes[Conflict]
	if g.Waiting = h.waiting; g.Waiting > 0 {
		g.Lag = time.Since(h.since)
	}
	return g
}
