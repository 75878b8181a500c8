package lake_test

import (
	"syscall"
	"testing"
	"time"

	"tarn/internal/vfs/crashfs"
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
	faults = laketest.Few(3, faults)
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
	faults = laketest.Few(3, faults)
	t.Logf("%d faults", len(faults))
	for _, err := range crashtest.Fail(t, story, faults) {
		t.Error(err)
	}
}

// A creation that fails can be tried again with the same key file, and one that may
// have made a lake after all does not take its key away.
func TestACreationThatFailsCanBeTriedAgain(t *testing.T) {
	for n := 0; ; n++ {
		p := laketest.NewPlace(t)
		disk := crashfs.New(p.Dir)
		p.FS = disk
		count := 0
		disk.Watch(func(crashfs.Op) error {
			if count++; count == n+1 {
				return syscall.EIO
			}
			return nil
		}, nil)
		l, err := lake.Create(p.Dir, p.Options())
		disk.Watch(nil, nil)
		if err == nil {
			l.Close()
			if n < 30 {
				t.Errorf("creation takes %d operations; want all of them tried", n)
			}
			return
		}
		p.Write(t, func(*lake.Lake, lake.Store) {})
		p.Sound(t)
	}
}
