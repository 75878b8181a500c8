package metrics

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Process adds what the process takes of the machine to a page.
func Process(p *Page) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	p.Gauge("go_goroutines", "Goroutines there are.", float64(runtime.NumGoroutine()))
	p.Gauge("go_memstats_heap_alloc_bytes", "Bytes of objects on the heap.", float64(m.HeapAlloc))
	p.Gauge("go_memstats_heap_inuse_bytes", "Bytes of the heap's spans in use.", float64(m.HeapInuse))
	p.Gauge("go_memstats_sys_bytes", "Bytes that Go has from the system.", float64(m.Sys))
	p.Counter("go_memstats_alloc_bytes_total", "Bytes that were ever allocated.", float64(m.TotalAlloc))
	p.Counter("go_gc_cycles_total", "Garbage collections that are over.", float64(m.NumGC))
	if names, err := os.ReadDir("/proc/self/fd"); err == nil {
		p.Gauge("process_open_fds", "Files that are open.", float64(len(names)))
	}
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(b)); len(fields) > 1 {
			pages, _ := strconv.ParseFloat(fields[1], 64) // the kernel writes a number
			p.Gauge("process_resident_memory_bytes", "Bytes in memory, without workers.", pages*float64(os.Getpagesize()))
		}
	}
}
