package lake_test

import (
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
