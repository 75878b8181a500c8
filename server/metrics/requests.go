package metrics

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// bounds are the upper ends of the histogram's buckets, in seconds.
var bounds = []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// Requests counts requests. The zero value is ready, and safe for concurrent use. Names
// of operations must be of a list: each is kept for ever.
type Requests struct {
	mu      sync.Mutex
	running int
	by      map[outcome]int64
	took    map[string]*histogram
	in, out int64
}

// outcome is what became of requests for an operation.
type outcome struct {
	operation string
	status    int
}

type histogram struct {
	buckets []int64 // how many were within each bound, and not within the one before
	count   int64
	sum     float64
}

// Begin counts a request that runs.
func (r *Requests) Begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running++
}

// End counts what became of it: the bytes of its body and of its answer, and how long
// that took.
func (r *Requests) End(operation string, status int, in, out int64, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by, r.took = map[outcome]int64{}, map[string]*histogram{}
	}
	r.running--
	r.by[outcome{operation, status}]++
	r.in += max(in, 0)
	r.out += out
	h := r.took[operation]
	if h == nil {
		h = &histogram{buckets: make([]int64, len(bounds))}
		r.took[operation] = h
	}
	h.count++
	h.sum += took.Seconds()
	if i, _ := slices.BinarySearch(bounds, took.Seconds()); i < len(bounds) {
		h.buckets[i]++
	}
}

// Write adds what was counted to a page.
func (r *Requests) Write(p *Page) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.Gauge("tarn_http_requests_running", "Requests that are being answered.", float64(r.running))
	byName := func(a, b outcome) int {
		return cmp.Or(cmp.Compare(a.operation, b.operation), cmp.Compare(a.status, b.status))
	}
	for _, o := range slices.SortedFunc(maps.Keys(r.by), byName) {
		p.Counter("tarn_http_requests_total", "Requests that were answered, by operation and status.", float64(r.by[o]),
			Label{"operation", o.operation}, Label{"status", strconv.Itoa(o.status)})
	}
	for _, name := range slices.Sorted(maps.Keys(r.took)) {
		r.took[name].write(p, Label{"operation", name})
	}
	p.Counter("tarn_http_request_bytes_total", "Bytes of the bodies of requests.", float64(r.in))
	p.Counter("tarn_http_response_bytes_total", "Bytes of the bodies of answers.", float64(r.out))
}

func (h *histogram) write(p *Page, operation Label) {
	const name, help = "tarn_http_request_duration_seconds", "How long requests took, from their head to the end of the answer."
	within := int64(0)
	for i, n := range h.buckets {
		within += n
		p.sample("histogram", name, "_bucket", help, float64(within), []Label{operation, {"le", strconv.FormatFloat(bounds[i], 'g', -1, 64)}})
	}
	p.sample("histogram", name, "_bucket", help, float64(h.count), []Label{operation, {"le", "+Inf"}})
	p.sample("histogram", name, "_sum", help, h.sum, []Label{operation})
	p.sample("histogram", name, "_count", help, float64(h.count), []Label{operation})
}
