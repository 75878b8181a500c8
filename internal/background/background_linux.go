package background

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// StepBack makes the rest of the calling goroutine background work. Its thread, which
// has no other work from now on, ends with it.
func StepBack() {
	runtime.LockOSThread()
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, Nice) // of this thread; if it cannot, it works all the same
}
