package lake

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"

	"tarn/lake/internal/needle"
	"tarn/lake/internal/proof"
	"tarn/lake/internal/segment"
	"tarn/schemas"
	"tarn/schemas/columns"
)

// comparison says of which events of a segment the columns are compared with the
// event's bytes.
type comparison struct {
	base   string // the segment's path, without extension
	claims segment.Claims
	all    bool
	group  int     // the row group of the sample
	rows   []int64 // its rows there
}

// Where not all events are compared, so many of each segment are, in one column of
// so many: to read a value costs inflating the column of its row group.
const (
	sampled = 4
	oneIn   = 8
)

// comparable reports whether the program knows the rules that made the columns.
func comparable(st Store, seg Segment) bool {
	return schemas.FamilyNamed(st.Family) != nil && seg.Columns == columns.Rules
}

// compare prepares the comparison of a segment; nil if there is none. Which events
// a sample takes nobody can know before.
func (v *verifier) compare(st Store, seg Segment, groups []int64) *comparison {
	family := schemas.FamilyNamed(st.Family)
	if !comparable(st, seg) {
		v.remark("the columns of some segments were not compared with their events: they were made by rules that this program does not know")
		return nil
	}
	base := path.Join(seg.dir(st.ID), seg.ID)
	c := &comparison{base: base, all: v.opts.Deep, claims: segment.Claims{
		Family: family, Format: seg.Format, Filters: v.filters(base+needlesExt, family, seg)}}
	if c.all || len(groups) == 0 {
		return c
	}
	c.claims.OneIn = oneIn
	c.group = rand.IntN(len(groups))
	for range min(sampled, groups[c.group]) {
		c.rows = append(c.rows, rand.Int64N(groups[c.group]))
	}
	slices.Sort(c.rows)
	c.rows = slices.Compact(c.rows)
	return c
}

// filters loads a segment's needle filters. One that is not what was sealed is
// reported elsewhere.
func (v *verifier) filters(name string, family *schemas.Family, seg Segment) map[string]*needle.Filter {
	all := map[string]*needle.Filter{}
	f, err := v.fsys.Open(name)
	if err != nil {
		return all
	}
	defer f.Close()
	header, err := decodeHash(seg.Needles.SHA256)
	if err != nil {
		return all
	}
	for _, n := range family.Needles() {
		if filter, err := needle.Load(f, header, n.Name); err == nil {
			all[n.Name] = filter
		}
	}
	return all
}

// takes reports whether the event in a row of a row group is to be compared.
func (c *comparison) takes(group int, row int64) bool {
	if c == nil || c.all {
		return c != nil
	}
	_, found := slices.BinarySearch(c.rows, row)
	return found && group == c.group
}

// group fills leaves with the hashes of a row group's events, returns how many
// bytes these have, and compares the columns of those that are taken.
func (v *verifier) group(r *segment.Reader, group int, leaves []proof.Hash, c *comparison) (raw int64, err error) {
	keep := c != nil && c.all
	var taken []segment.Event
	err = r.Hashed(group, keep, func(event []byte, leaf proof.Hash) error {
		if len(leaves) == cap(leaves) {
			return fmt.Errorf("row group %d has more than %d events", group, cap(leaves))
		}
		if c.takes(group, int64(len(leaves))) {
			if !keep {
				event = bytes.Clone(event)
			}
			taken = append(taken, segment.Event{Raw: event, Leaf: leaf})
		}
		leaves = append(leaves, leaf)
		raw += int64(len(event))
		return nil
	})
	if err == nil && len(leaves) < cap(leaves) {
		err = fmt.Errorf("row group %d has %d events; the file says %d", group, len(leaves), cap(leaves))
	}
	if err != nil || len(taken) == 0 {
		return raw, err
	}
	differences, err := r.Compare(c.claims, group, c.rows, taken)
	v.differ(c.base, differences)
	v.mu.Lock()
	v.report.Compared += int64(len(taken))
	v.mu.Unlock()
	return raw, err
}

// differ reports values that are not what the events say.
func (v *verifier) differ(base string, all []segment.Difference) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, d := range all {
		p := Problem{Path: base + parquetExt, Column: d.Column, Stands: d.Stands, Should: d.Should}
		switch {
		case d.Filter:
			p.Path = base + needlesExt
			p.What = fmt.Sprintf("filter %s denies %s, which an event has: questions for it would pass the segment over", d.Column, d.Should)
		case d.Row < 0:
			p.What = fmt.Sprintf("column %s: the file has %s; the events make %s", d.Column, d.Stands, d.Should)
		default:
			p.Row = &d.Row
			p.What = fmt.Sprintf("column %s of event %d is %s; the event itself says %s", d.Column, d.Row, d.Stands, d.Should)
		}
		v.report.Problems = append(v.report.Problems, p)
	}
}
