package lake

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync/atomic"

	"tarn/lake/internal/segment"
)

// sealers is how many goroutines write segments and runs: as many as fill the two
// processors that a small machine has. More would hold more memory.
const sealers = 2

// defaultDisk is some gigabytes on disk: compressed, events take a fifth.
const defaultDisk = 16 << 30

// relieve writes events to disk while too many bytes wait in memory: d's, to which
// one was added, if they are a lot alone; else those of the largest days. What
// stays in memory stays alone. Where too
// much waits on disk, days are sealed though more may come for them.
func (a *Appender) relieve(d *openDay) error {
	var gone []*openDay
	if d.bytes > a.opts.MemoryBytes/4 {
		gone = []*openDay{d}
	} else if a.open > a.opts.MemoryBytes/2 {
		gone = a.heaviest(a.opts.MemoryBytes / 4)
	}
	if len(gone) > 0 {
		a.spill(gone...)
		for _, d := range a.days {
			d.events.own()
			d.conflicts.own()
		}
	}
	for a.spilled > a.opts.DiskBytes || len(a.days) > maxOpenDays {
		a.seal(a.largest())
	}
	return a.commitSome(segmentsPerCommit)
}

// heaviest returns the open days with most in memory, as many as have so many
// bytes together: days that are small are many, and a run each time one of them is
// the largest would be runs of some kilobytes.
func (a *Appender) heaviest(bytes int64) []*openDay {
	days := slices.SortedFunc(maps.Values(a.days), func(x, y *openDay) int { return cmp.Compare(y.bytes, x.bytes) })
	n, sum := 0, int64(0)
	for n < len(days) && sum < bytes {
		sum += days[n].bytes
		n++
	}
	return days[:n]
}

// largest returns the open day with the most bytes.
func (a *Appender) largest() (most *openDay) {
	for _, d := range a.days {
		if most == nil || d.bytes+d.spilled > most.bytes+most.spilled {
			most = d
		}
	}
	return most
}

// spill writes what the days have in memory to runs in one file, in the
// background. It waits for a sealing goroutine to be free.
func (a *Appender) spill(days ...*openDay) {
	var runs []*run
	var events [][]segment.Event
	for _, d := range days {
		for _, p := range []*pile{&d.events, &d.conflicts} {
			if len(p.events) == 0 {
				continue
			}
			r := &run{}
			runs, events = append(runs, r), append(events, p.events)
			p.runs, p.events, p.owned = append(p.runs, r), nil, 0
		}
		a.open -= d.bytes
		a.spilled += d.bytes
		d.spilled += d.bytes
		d.bytes = 0
	}
	if len(runs) == 0 {
		return
	}
	for _, d := range days {
		d.spills.Add(1)
	}
	file := a.newRunFile(len(runs))
	for _, r := range runs {
		r.file = file
	}
	a.seals.Go(func() error {
		a.lake.StepAside()
		err := file.fill(a.lake.fsys, func(w *runWriter) error {
			for i, r := range runs {
				if err := w.write(r, sorted(events[i])); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			a.sealed.put(sealedDay{}, err)
		}
		for _, d := range days {
			d.spills.Done()
		}
		return nil
	})
}

// mergedAtOnce is how many runs are merged at a time: each is an open file and a
// block in memory.
const mergedAtOnce = 32

// shrink merges a pile's runs until they are few enough to be merged at once.
func (a *Appender) shrink(p *pile) error {
	for len(p.runs) > mergedAtOnce {
		some := pile{runs: p.runs[:mergedAtOnce], dropped: p.dropped}
		r := &run{file: a.newRunFile(1)}
		err := r.file.fill(a.lake.fsys, func(w *runWriter) error {
			return w.write(r, some.merge(a.lake.fsys, span{math.MinInt64, math.MaxInt64}))
		})
		if err != nil {
			return errors.Join(err, r.file.remove(a.lake.fsys))
		}
		p.runs = append(slices.Clone(p.runs[mergedAtOnce:]), r)
		if err := some.remove(a.lake.fsys); err != nil {
			return err
		}
	}
	return nil
}

// seal hands a day to the sealing goroutines, a segment each. It waits for one to
// be free, so what is being sealed is bounded as what is open.
func (a *Appender) seal(d *openDay) {
	delete(a.days, d.number)
	if d.spilled > 0 {
		a.spill(d)
		d.spills.Wait()
	}
	a.open -= d.bytes
	a.spilled -= d.spilled
	for _, p := range []*pile{&d.events, &d.conflicts} {
		for _, r := range p.runs {
			d.failed = errors.Join(d.failed, r.file.err)
		}
		if d.failed == nil {
			d.failed = a.shrink(p)
		}
	}
	var parts []part
	if d.hot {
		d.accept()
	}
	if d.failed == nil {
		parts = d.parts(a.lake.fsys)
	}
	if len(parts) == 0 { // it has failed, or all was taken back
		a.whole(d)
	}
	var left atomic.Int64
	left.Store(int64(len(parts)))
	for _, p := range parts {
		a.seals.Go(func() error {
			a.lake.StepAside()
			d.done(a.lake.sealSegment(a.store, d.number, p))
			if left.Add(-1) == 0 {
				a.whole(d)
			}
			return nil
		})
	}
}

// whole hands back a day of which all segments are sealed, or one has failed.
func (a *Appender) whole(d *openDay) {
	err := errors.Join(d.failed, d.forget(a.lake.fsys))
	if err != nil {
		err = fmt.Errorf("seal %s of %s: %w", dayName(d.number), a.store.Name, err)
	}
	a.sealed.put(sealedDay{d, d.segments}, err)
}
