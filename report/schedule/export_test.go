package schedule

// Around has fn make each change of the state.
func (s *Scheduler) Around(fn func(change func() error) error) { s.write = fn }

// Begins is when a report is begun that is due then.
var Begins = starts
