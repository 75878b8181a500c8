package lake

import (
	"errors"
	"fmt"
	"path"
	"sync/atomic"
)

// sealers is how many goroutines write segments and runs: as many as fill the two
// processors that a small machine has. More would hold more memory.
const sealers = 2

// defaultDisk is some gigabytes on disk: compressed, events take a fifth.
const defaultDisk = 16 << 30

// relieve writes events to disk while too many bytes wait in memory: d's, to which
// one was added, if they are a lot alone; then those of the largest days. Where too
// much waits on disk, days are sealed though more may come for them.
func (a *Appender) relieve(d *openDay) error {
	if d.bytes > a.opts.MemoryBytes/4 {
		a.spill(d)
	}
	for a.open > a.opts.MemoryBytes/2 {
		a.spill(a.largest(func(d *openDay) int64 { return d.bytes }))
	}
	for a.spilled > a.opts.DiskBytes || len(a.days) > maxOpenDays {
		a.seal(a.largest(func(d *openDay) int64 { return d.bytes + d.spilled }))
	}
	return a.commitSome(segmentsPerCommit)
}

// largest returns the open day with the most bytes.
func (a *Appender) largest(bytes func(*openDay) int64) (most *openDay) {
	for _, d := range a.days {
		if most == nil || bytes(d) > bytes(most) {
			most = d
		}
	}
	return most
}

// spill writes what the day has in memory to runs, in the background. It waits
// for a sealing goroutine to be free.
func (a *Appender) spill(d *openDay) {
	for _, p := range []*pile{&d.events, &d.conflicts} {
		if len(p.events) == 0 {
			continue
		}
		a.runs++
		r := &run{name: path.Join(tmpDir, fmt.Sprintf("%s-%d.run", a.opts.Import, a.runs))}
		events := p.events
		p.runs, p.events = append(p.runs, r), nil
		d.spills.Add(1)
		a.seals.Go(func() error {
			defer d.spills.Done()
			if r.err = a.writeRun(r, events); r.err != nil {
				a.sealed.put(sealedDay{}, r.err)
			}
			return nil
		})
	}
	a.open -= d.bytes
	a.spilled += d.bytes
	d.spilled += d.bytes
	d.bytes = 0
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
			if r.err != nil {
				return // told already; the day cannot be sealed
			}
		}
	}
	parts := d.parts(a.lake.fsys)
	if len(parts) == 0 { // all was taken back
		a.whole(d)
	}
	var left atomic.Int64
	left.Store(int64(len(parts)))
	for _, p := range parts {
		a.seals.Go(func() error {
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
