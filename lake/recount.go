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
// the hot tier: by their numbers, wherever they are now. What it holds in memory are
// the events of parts that are not complete: a day with imports has low numbers and
// live events, so the order of segments tells little.
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
	done                bool
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
	c.parts = append(c.parts, acceptedPart{first: p.FirstSeq, last: p.LastSeq, events: p.Events, root: root})
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

// settle compares the parts that are complete, and those that nothing is to come for.
func (c *recount) settle() {
	sure := int64(math.MaxInt64)
	for _, s := range c.waiting {
		sure = min(sure, s.MinSeq)
	}
	slices.SortFunc(c.events, func(a, b numbered) int { return cmp.Compare(a.seq, b.seq) })
	events := c.events
	c.events = c.events[:0] // those of no part, or of one that is not complete
	for len(events) > 0 {
		some, p := 1, c.part(events[0].seq)
		if p != nil {
			some, _ = slices.BinarySearchFunc(events, p.last+1, func(n numbered, seq int64) int { return cmp.Compare(n.seq, seq) })
		}
		if p != nil && (int64(some) >= p.events || p.last < sure) {
			c.compare(p, events[:some])
		} else {
			c.events = append(c.events, events[:some]...)
		}
		events = events[some:]
	}
	for len(c.parts) > 0 && (c.parts[0].done || c.parts[0].last < sure) {
		if p := &c.parts[0]; !p.done {
			c.compare(p, nil)
		}
		c.parts = c.parts[1:]
	}
}

// part returns the part that the number is of, if it was not compared.
func (c *recount) part(seq int64) *acceptedPart {
	i, _ := slices.BinarySearchFunc(c.parts, seq, func(p acceptedPart, seq int64) int { return cmp.Compare(p.last, seq) })
	if i == len(c.parts) || c.parts[i].done || seq < c.parts[i].first {
		return nil
	}
	return &c.parts[i]
}

// compare compares a part with its events.
func (c *recount) compare(p *acceptedPart, events []numbered) {
	var t tally
	for _, n := range events {
		t.add(n.seq, n.leaf)
	}
	switch {
	case int64(len(events)) < p.events && c.hadExpired(*p):
		c.lost += p.events - int64(len(events))
	case int64(len(events)) != p.events:
		c.wrong = append(c.wrong, fmt.Sprintf("%d of the %d events %d to %d that were accepted are there", len(events), p.events, p.first, p.last))
	case t.tree.Root() != p.root:
		c.wrong = append(c.wrong, fmt.Sprintf("events %d to %d are not those that were accepted: their tree hash differs from the log's", p.first, p.last))
	}
	p.done = true
}

// rest looks at what is in no part, or came twice: of the former there may be live
// events that the log has not counted so far.
// They go on where it ends; the manifest, which is not signed, may name others.
func (c *recount) rest() {
	slices.SortFunc(c.events, func(a, b numbered) int { return cmp.Compare(a.seq, b.seq) })
	for i, e := range c.events {
		if e.seq != c.next+int64(i) {
			c.wrong = append(c.wrong, fmt.Sprintf("event %d is there twice, or was never accepted; %d would be the next", e.seq, c.next+int64(i)))
			return
		}
	}
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
		c.rest()
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
	if err == nil && m.LogSize > s.pos.Size && len(v.keys) > 0 {
		_, err = entrylog.Scan(v.fsys, s.pos, v.covered(), func(e entrylog.Entry) error { return v.apply(e) })
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
	torn, err := journal.Check(v.fsys, m.Journal)
	if gone(err) != nil {
		v.problem(journal.Dir, "%v", err)
	}
	if torn != "" {
		v.remark(torn + ": a sudden end leaves such a thing, and the next writer cuts it off; a change would look the same")
	}
}

// keep says that a segment's files are no orphans.
func (v *verifier) keep(s Segment, store string) {
	for _, ext := range []string{parquetExt, needlesExt, treeExt} {
		v.expected[s.dir(store)+"/"+s.ID+ext] = true
	}
}
