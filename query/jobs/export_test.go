package jobs

import "context"

// Sweep is what Run does first.
func (j *Jobs) Sweep() error { return j.sweep(context.Background()) }
