package lake_test

import (
	"syscall"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/crashtest"
	"tarn/lake/laketest"
)

// Whatever operation fails: the answer is an error, or what was asked for is there;
// and the lake goes on.
func TestAnyOperationMayFail(t *testing.T) {
	days := fewDays(t)
	story := storyOf([][]laketest.Object{days[0][:1], days[1][:1]}, lake.AppendOptions{})
	start := time.Now()
	faults, operations := crashtest.Faults(t, story, seeds(t) > 1)
	faults = laketest.Few(20, faults)
	wrong := crashtest.Fail(t, story, faults)
	t.Logf("%d operations, %d faults in %v", operations, len(faults), time.Since(start).Round(time.Second))
	for _, err := range wrong {
		t.Error(err)
	}
}

// A disk that is full stays so for a while, also for what an import does when it
// gives up. With room again the lake goes on.
func TestTheDiskMayBeFullFromAnyMomentOn(t *testing.T) {
	days := fewDays(t)
	story := storyOf([][]laketest.Object{days[0][:2], days[1][:1]}, lake.AppendOptions{})
	all, _ := crashtest.Faults(t, story, false)
	var faults []crashtest.Fault
	for _, f := range all {
		if f.Err == syscall.ENOSPC {
			f.Lasts = true
			faults = append(faults, f)
		}
	}
	faults = laketest.Few(20, faults)
	t.Logf("%d faults", len(faults))
	for _, err := range crashtest.Fail(t, story, faults) {
		t.Error(err)
	}
}
