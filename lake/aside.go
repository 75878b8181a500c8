package lake

import "tarn/internal/background"

// Helpers is how many goroutines do what so many would, if nobody waited for answers:
// with Options.Aside it is one, for Go's scheduler lets everybody wait where all of its
// processors have work.
func (l *Lake) Helpers(most int) int {
	if l.opts.Aside {
		return 1
	}
	return most
}

// StepAside makes the rest of the calling goroutine background work, if the lake was
// opened with Options.Aside.
func (l *Lake) StepAside() {
	if l.opts.Aside {
		background.StepBack()
	}
}
