package worker

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"tarn/internal/confine"
)

// scratch is what may be done in a worker's own folder. Programs cannot be run anywhere.
const scratch = confine.Read | confine.Edit | confine.Remove | confine.Add

// wallIn takes from this process, for good, all files but those in the folders,
// to be read, and those in dir, the network, and signals to others.
func wallIn(folders []string, dir string) error {
	if err := confine.Everything(confine.Grant(scratch, dir), confine.Grant(confine.Read, folders...)); err != nil {
		return err
	}
	// Landlock does it where there is one.
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}

// Walls says what holds a worker on this machine, and what is missing.
func Walls() []Wall {
	version := confine.Version()
	landlocked := func(since int, what string) Wall {
		w := Wall{What: what, Holds: version >= since}
		switch {
		case w.Holds:
		case version == 0:
			w.Missing = "this kernel has no Landlock, or it is turned off"
		default:
			w.Missing = fmt.Sprintf("this kernel has version %d of Landlock; it takes %d", version, since)
		}
		return w
	}
	return append([]Wall{
		landlocked(1, "files"),
		landlocked(4, "TCP"),
		landlocked(6, "signals"),
		landlocked(10, "UDP"),
	}, Wall{What: "memory", Holds: true}, Wall{What: "processor time", Holds: true})
}

// addressSpace is what this process has.
func addressSpace() uint64 {
	var pages uint64
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	if _, err := fmt.Sscan(string(text), &pages); err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}

// grantTime lets a process use some more processor time, and returns how much
// it has used so far.
func grantTime(pid int, more time.Duration) (time.Duration, error) {
	var used unix.Timespec
	// The clock of another process's time has this number.
	if err := unix.ClockGettime(int32(^pid<<3|2), &used); err != nil {
		return 0, err
	}
	var now unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_CPU, nil, &now); err != nil {
		return 0, err
	}
	sofar := time.Duration(used.Nano())
	now.Cur = min(now.Max, uint64((sofar+more)/time.Second)+1)
	return sofar, unix.Prlimit(pid, unix.RLIMIT_CPU, &now, nil)
}
