package lake

import (
	"slices"
	"strings"
	"sync"
)

// lists are the segments of a state as they are asked for, made when they first are:
// each question asks for those of its stores, and there may be tens of thousands.
type lists struct {
	mu sync.Mutex
	of map[listKey][]Segment
}

type listKey struct {
	store     string
	conflicts bool
}

func (l *lists) get(key listKey, list func() []Segment) []Segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	all, ok := l.of[key]
	if !ok {
		if l.of == nil {
			l.of = map[listKey][]Segment{}
		}
		all = list()
		l.of[key] = all
	}
	return all
}

// list is what a state has of a store, in order of day.
func (s *state) list(storeID string, conflicts bool) (out []Segment) {
	for _, some := range [][]Segment{s.segments[storeID], s.hot[storeID]} {
		for _, seg := range some {
			if seg.Conflicts == conflicts {
				out = append(out, seg)
			}
		}
	}
	if len(s.hot[storeID]) > 0 {
		slices.SortStableFunc(out, func(a, b Segment) int { return strings.Compare(a.Day, b.Day) })
	}
	return slices.Clip(out)
}
