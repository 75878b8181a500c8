package journal_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"

	"tarn/internal/vfs/crashfs"
	"tarn/lake/internal/journal"
)

// Of a write that failed whole frames may be there. Who was offered such an event
// again says that it is known, so it has to be on disk from when it is read.
func TestWhatIsRecoveredIsDurable(t *testing.T) {
	disk := crashfs.New("")
	w, err := journal.Start(disk, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, raw := range []string{"{1}", "{2}"} { // frames of one length: half of them is one
		w.Add(journal.Batch{Store: "s", First: int64(i), Events: []journal.Event{{Raw: []byte(raw)}}})
	}
	disk.Watch(func(op crashfs.Op) error {
		if op.Kind == crashfs.Write {
			return syscall.ENOSPC
		}
		return nil
	}, nil)
	if err := w.Wait(w.Last()); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	disk.Watch(nil, nil)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	recovered := texts(t, disk)
	if !slices.Equal(recovered, []string{"{1}"}) {
		t.Fatalf("recovered %v; want the first", recovered)
	}
	if _, err := journal.Start(disk, 2); err != nil {
		t.Fatal(err)
	}
	for share := range 5 {
		found := disk.Crash(25*share, rand.New(rand.NewPCG(1, uint64(share))), "")
		if got := texts(t, found); !slices.Equal(got, recovered) {
			t.Errorf("of what was recovered, a crash leaves %v", got)
		}
	}
}

func texts(t *testing.T, disk *crashfs.FS) (all []string) {
	t.Helper()
	_, err := journal.Recover(disk, 1, func(b journal.Batch) error {
		for _, e := range b.Events {
			all = append(all, string(e.Raw))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
