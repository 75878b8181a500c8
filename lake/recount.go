package lake

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"

	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/journal"
	"tarn/lake/internal/proof"
)

// recount counts the events of a store again that the log says were accepted into
// the hot tier: by their numbers, wherever they are now. What it holds in memory is
// what overlaps: segments come in order of their first number.
type recount struct {
	mu      sync.Mutex
	parts   []acceptedPart // what the log says, in order of numbers
	next    int64          // number of the next live event in the log's order
	waiting []Segment      // accepted segments that were not counted yet, in order of MinSeq
	expired []Segment      // accepted segments that have expired: nobody can count them again
	lost    int64          // events of parts that such a segment may have had, and that are not there
	events  []numbered     // counted, and in no part so far
	wrong   []string
}

// acceptedPart is an Accepted as it is kept for all of a lake's minutes.
type acceptedPart struct {
	first, last, events int64
	root                proof.Hash
}

func (v *verifier) count(store string) *recount {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.counts[store]
	if c == nil {
		c = &recount{next: firstLive}
		v.counts[store] = c
	}
	return c
}

// apply takes in an entry, and what it says of accepted events.
func (v *verifier) apply(e entrylog.Entry) error {
	parsed, err := decodeEntry(e.Payload)
	if err != nil {
		return fmt.Errorf("entry %d: %w", e.Index, err)
	}
	if err := v.audit.take(e, parsed); err != nil || parsed.Journal == nil {
		return err
	}
	for _, p := range parsed.Journal.Parts {
		if err := v.count(p.Store).add(p); err != nil {
			return fmt.Errorf("%w: entry %d: %w", ErrCorrupt, e.Index, err)
		}
	}
	return nil
}

// add takes in what the log says. Live events follow each other without gaps.
func (c *recount) add(p Accepted) error {
	root, err := decodeHash(p.Root)
	if err != nil {
		return err
	}
	if p.Import == "" {
		if p.FirstSeq != c.next || p.Events != p.LastSeq-p.FirstSeq+1 {
			return fmt.Errorf("accepted events %d to %d do not follow %d", p.FirstSeq, p.LastSeq, c.next-1)
		}
		c.next = p.LastSeq + 1
	}
	c.parts = append(c.parts, acceptedPart{p.FirstSeq, p.LastSeq, p.Events, root})
	return nil
}

// expect says which segments will be counted.
func (c *recount) expect(all []Segment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range all {
		if s.accepted {
			c.waiting = append(c.waiting, s)
		}
	}
	slices.SortStableFunc(c.parts, func(a, b acceptedPart) int { return cmp.Compare(a.first, b.first) })
}

// deliver counts a segment.
func (c *recount) deliver(s Segment, leaves []proof.Hash, seqs []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, leaf := range leaves {
		c.events = append(c.events, numbered{seqs[i], leaf})
	}
	c.waiting = slices.DeleteFunc(c.waiting, func(o Segment) bool { return o.ID == s.ID })
	c.settle()
}

// settle compares the parts of which all events must be there by now.
func (c *recount) settle() {
	sure := int64(math.MaxInt64)
	for _, s := range c.waiting {
		sure = min(sure, s.MinSeq)
	}
	sorted := false
	for len(c.parts) > 0 && c.parts[0].last < sure {
		if !sorted {
			slices.SortFunc(c.events, func(a, b numbered) int { return cmp.Compare(a.seq, b.seq) })
			sorted = true
		}
		c.compare(c.parts[0])
		c.parts = c.parts[1:]
	}
}

// compare takes a part's events out of those that were counted.
func (c *recount) compare(p acceptedPart) {
	from, _ := slices.BinarySearchFunc(c.events, p.first, func(n numbered, seq int64) int { return cmp.Compare(n.seq, seq) })
	to, _ := slices.BinarySearchFunc(c.events, p.last+1, func(n numbered, seq int64) int { return cmp.Compare(n.seq, seq) })
	var t tally
	for _, n := range c.events[from:to] {
		t.add(n.seq, n.leaf)
	}
	switch {
	case int64(to-from) < p.events && c.hadExpired(p):
		c.lost += p.events - int64(to-from)
	case int64(to-from) != p.events:
		c.wrong = append(c.wrong, fmt.Sprintf("%d of the %d events %d to %d that were accepted are there", to-from, p.events, p.first, p.last))
	case t.tree.Root() != p.root:
		c.wrong = append(c.wrong, fmt.Sprintf("events %d to %d are not those that were accepted: their tree hash differs from the log's", p.first, p.last))
	}
	c.events = slices.Delete(c.events, from, to)
}

// hadExpired reports whether a segment that has expired may have had events of the
// part: by their numbers.
func (c *recount) hadExpired(p acceptedPart) bool {
	return slices.ContainsFunc(c.expired, func(s Segment) bool { return s.MinSeq <= p.last && p.first <= s.MaxSeq })
}

// recounted reports what is missing. Where a segment could not be read, that is
// said already.
func (v *verifier) recounted(s *state) {
	for _, st := range s.stores {
		c := v.count(st.ID)
		if len(c.waiting) > 0 {
			continue
		}
		c.settle()
		var rows int64
		for _, seg := range c.expired {
			rows += seg.Rows
		}
		if c.lost != rows {
			c.wrong = append(c.wrong, fmt.Sprintf("%d events that were accepted are not there, and %d of such events have expired", c.lost, rows))
		} else if rows > 0 {
			v.report.Notes = append(v.report.Notes, fmt.Sprintf("event data store %s: %d events that were accepted one by one have expired, and cannot be counted again", st.Name, rows))
		}
		for _, what := range c.wrong {
			v.problem(hotDir, "event data store %s: %s", st.Name, what)
		}
	}
}

// hot takes in the hot tier as it is for the log that was checked, or for a later
// one, if it stands on that.
func (v *verifier) hot(s *state) {
	m, err := readManifest(v.fsys)
	if err == nil && m.LogSize > s.pos.Size && v.signed != nil {
		_, err = entrylog.Scan(v.fsys, s.pos, v.covered(), v.apply)
		v.report.LogSize = s.pos.Size
	}
	if err == nil && m.LogSize > s.pos.Size {
		err = fmt.Errorf("stands on %d log entries; there are %d", m.LogSize, s.pos.Size)
	}
	if err != nil {
		v.problem(manifestFile, "%v", err)
		return
	}
	s.hot = m.at(s.pos.Size)
	for _, r := range m.Retired {
		v.keep(Segment{ID: r.Segment, Day: r.Day, hot: true}, r.Store)
	}
	for _, f := range m.Files {
		v.keep(f.Segment, f.Store)
	}
	if _, err := journal.Replay(v.fsys, m.Journal, func(journal.Batch) error { return nil }); gone(err) != nil {
		v.problem(journal.Dir, "%v", err)
	}
}

// keep says that a segment's files are no orphans.
func (v *verifier) keep(s Segment, store string) {
	for _, ext := range []string{parquetExt, needlesExt, treeExt} {
		v.expected[s.dir(store)+"/"+s.ID+ext] = true
	}
}
