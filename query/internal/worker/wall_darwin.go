package worker

import "time"

// wallIn does nothing: this system has no wall that a program can put up for
// itself with what it documents.
func wallIn([]string, string) error { return nil }

// Walls says what holds a worker on this machine, and what is missing.
func Walls() []Wall {
	const none = "Landlock is Linux's"
	return []Wall{
		{What: "files", Missing: none}, {What: "TCP", Missing: none}, {What: "signals", Missing: none}, {What: "UDP", Missing: none},
		{What: "memory", Missing: "this system does not keep the limit of a process"}, {What: "processor time", Holds: true},
	}
}

// addressSpace is more than this process has.
func addressSpace() uint64 { return 1 << 40 }

// grantTime does nothing: what a worker may use in its life is what limits it.
func grantTime(int, time.Duration) (time.Duration, error) { return 0, nil }
