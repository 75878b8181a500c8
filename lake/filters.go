package lake

import (
	"sync"

	"tarn/internal/memory"
	"tarn/lake/internal/needle"
)

// filterShare is how much of the machine's memory filters may take, within bounds:
// whoever looks for an event by its id among fifty millions asks for 57 MB of them.
const (
	filterShare = 64
	leastFilter = 64 << 20
	mostFilter  = 1 << 30
)

// filterBytes is how much of filters is kept in memory.
var filterBytes = sync.OnceValue(func() int {
	return int(min(max(memory.Total()/filterShare, leastFilter), mostFilter))
})

// filters are those that questions asked lately, in two ages: when the young are many,
// they become the old ones, and the old are forgotten. A sealed file does not change,
// so what was checked once holds.
type filters struct {
	mu         sync.Mutex
	young, old map[filterKey]*needle.Filter
	bytes      int // of the young
}

type filterKey struct{ segment, kind string }

// get returns a filter, from where it is loaded if it is not there.
func (f *filters) get(segment, kind string, load func() (*needle.Filter, error)) (*needle.Filter, error) {
	key := filterKey{segment, kind}
	f.mu.Lock()
	filter, ok := f.young[key]
	if !ok {
		if filter, ok = f.old[key]; ok {
			f.keep(key, filter)
		}
	}
	f.mu.Unlock()
	if ok {
		return filter, nil
	}
	filter, err := load()
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keep(key, filter)
	return filter, nil
}

// keep makes a filter a young one. The caller holds mu.
func (f *filters) keep(key filterKey, filter *needle.Filter) {
	const entry = 200 // what the map takes
	if f.bytes += entry + filter.Size(); f.bytes > filterBytes()/2 || f.young == nil {
		f.old, f.young, f.bytes = f.young, map[filterKey]*needle.Filter{}, entry+filter.Size()
	}
	f.young[key] = filter
}
