//go:build !linux

package background

// StepBack does nothing: a thread of its own priority is Linux's.
func StepBack() {}
