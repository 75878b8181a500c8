package vfs_test

import (
	"errors"
	"syscall"
	"testing"

	"tarn/internal/vfs"
	"tarn/internal/vfs/crashfs"
)

// A sync that failed once may succeed the next time, and have lost everything.
func TestNothingIsWrittenAfterAFailedSync(t *testing.T) {
	for _, kind := range []string{crashfs.Sync, crashfs.SyncDir, crashfs.Truncate} {
		disk := crashfs.New("")
		fsys := vfs.Stopping(disk)
		if err := vfs.WriteFile(fsys, "before", []byte("x")); err != nil {
			t.Fatal(err)
		}
		f, err := fsys.Append("open")
		if err != nil {
			t.Fatal(err)
		}
		disk.Watch(func(op crashfs.Op) error {
			if op.Kind == kind {
				return syscall.EIO
			}
			return nil
		}, nil)
		if err := errors.Join(fsys.Truncate("before", 0), f.Sync(), fsys.SyncDir(".")); !errors.Is(err, syscall.EIO) {
			t.Errorf("%s = %v; want EIO", kind, err)
		}
		disk.Watch(nil, nil)
		_, written := f.Write([]byte("x"))
		_, created := fsys.Create("c")
		_, appended := fsys.Append("a")
		for what, err := range map[string]error{
			"Write": written, "Sync": f.Sync(), "SyncDir": fsys.SyncDir("."), "Create": created, "Append": appended,
			"Rename": fsys.Rename("before", "after"), "Truncate": fsys.Truncate("before", 0), "MkdirAll": fsys.MkdirAll("d"),
		} {
			if !errors.Is(err, vfs.ErrStopped) || !errors.Is(err, syscall.EIO) {
				t.Errorf("after a failed %s, %s = %v; want ErrStopped, and EIO for its reason", kind, what, err)
			}
		}
		if _, err := vfs.ReadFile(fsys, "before"); err != nil {
			t.Errorf("after a failed %s, ReadFile: %v", kind, err)
		}
		if err := errors.Join(f.Close(), fsys.Remove("before")); err != nil {
			t.Errorf("after a failed %s, Close and Remove: %v", kind, err)
		}
	}
}
