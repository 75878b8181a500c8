package worker

import (
	"time"

	"golang.org/x/sys/unix"
)

// limits are what a worker's process may use of the machine.
type limits struct {
	Memory uint64 // address space beyond what an idle worker has, in bytes
	File   uint64 // size of one file, in bytes
	CPU    uint64 // processor time in its whole life, in seconds
}

const (
	// openFiles is how many files a worker may have open. DuckDB opens a file
	// when it comes to it.
	openFiles = 4096
	// lifetime is the processor time after which the kernel ends a worker,
	// whatever its parent does. It is given up at half of it.
	lifetime = 24 * time.Hour
)

// set sets the limits of this process. They can be lowered from now on, and not
// raised.
func (l limits) set() error {
	for what, limit := range map[int]uint64{
		unix.RLIMIT_CORE:   0,
		unix.RLIMIT_FSIZE:  l.File,
		unix.RLIMIT_NOFILE: openFiles,
		unix.RLIMIT_CPU:    l.CPU,
		unix.RLIMIT_AS:     addressSpace() + l.Memory,
	} {
		var now unix.Rlimit
		if err := unix.Getrlimit(what, &now); err != nil {
			return err
		}
		limit = min(limit, uint64(now.Max))
		if err := unix.Setrlimit(what, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
	}
	return nil
}
