package laketest

import (
	"runtime/debug"
	"slices"
	"sync"
)

// racing tells whether the race detector watches. Sealing a segment then takes
// half a second instead of some milliseconds: it watches every byte of the
// tables of the Zstandard encoders, of which each column has one.
var racing = sync.OnceValue(func() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
})

// Few returns the cases that a test goes through that seals many segments: all,
// but the first n where the race detector watches. They are enough for it to see
// what runs at the same time.
func Few[T any](n int, cases []T) []T {
	if racing() {
		return cases[:min(n, len(cases))]
	}
	return cases
}
