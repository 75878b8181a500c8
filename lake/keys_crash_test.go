package lake_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"testing"

	"tarn/internal/vfs"
	"tarn/internal/vfs/crashfs"
	"tarn/lake"
	"tarn/lake/crashtest"
	"tarn/schemas"
)

// below is a folder of a disk as a disk: the lake's, or that of its key.
type below struct {
	vfs.FS
	dir string
}

func (b below) Create(n string) (vfs.File, error)    { return b.FS.Create(b.dir + n) }
func (b below) Append(n string) (vfs.File, error)    { return b.FS.Append(b.dir + n) }
func (b below) Open(n string) (vfs.File, error)      { return b.FS.Open(b.dir + n) }
func (b below) Rename(from, to string) error         { return b.FS.Rename(b.dir+from, b.dir+to) }
func (b below) Remove(n string) error                { return b.FS.Remove(b.dir + n) }
func (b below) Truncate(n string, size int64) error  { return b.FS.Truncate(b.dir+n, size) }
func (b below) MkdirAll(n string) error              { return b.FS.MkdirAll(b.dir + n) }
func (b below) List(n string) ([]fs.DirEntry, error) { return b.FS.List(b.dir + n) }
func (b below) SyncDir(n string) error               { return b.FS.SyncDir(b.dir + n) }

// rotating is a lake whose key lies on the same disk.
func rotating(disk vfs.FS) lake.Options {
	return lake.Options{Key: "key", FS: below{disk, "lake/"}, KeyFS: below{disk, "keys/"}}
}

// Power goes at each operation of a rotation, on both disks. Whatever is found opens,
// with the one key or the other, is sound, takes events, and can be rotated again.
func TestARotationSurvivesPowerCuts(t *testing.T) {
	for name, change := range map[string]func(string, lake.Options) error{
		"rotate": func(dir string, o lake.Options) error {
			return inLake(dir, o, func(l *lake.Lake) error { _, err := l.RotateKey("", false); return err })
		},
		"destroy": func(dir string, o lake.Options) error {
			return inLake(dir, o, func(l *lake.Lake) error { _, err := l.RotateKey("", true); return err })
		},
		"lose": func(dir string, o lake.Options) error { _, err := lake.LoseKey(dir, o, "test"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			w := crashtest.NewWorld(t, nil)
			disk := w.Disk
			if err := errors.Join(disk.MkdirAll("keys"), disk.MkdirAll("lake"), disk.SyncDir(".")); err != nil {
				t.Fatal(err)
			}
			livedWithKey(t, w.Dir, disk)
			var moments []*crashfs.FS
			disk.Watch(nil, func(op crashfs.Op) {
				if op.Changes() {
					moments = append(moments, disk.Freeze())
				}
			})
			if err := change(w.Dir, rotating(disk)); err != nil {
				t.Fatal(err)
			}
			disk.Watch(nil, nil)
			for i, m := range moments {
				for _, share := range crashtest.Shares {
					found := m.Crash(share, rand.New(rand.NewPCG(1, uint64(i*101+share))), "")
					if err := goesOnWith(t, found, change); err != nil {
						t.Fatalf("power cut behind operation %d with %d %% of what was not durable: %v", i, share, err)
					}
				}
			}
			t.Logf("%d moments, %d disks", len(moments), len(moments)*len(crashtest.Shares))
		})
	}
}

// livedWithKey makes a lake with a store on the disk.
func livedWithKey(t *testing.T, dir string, disk *crashfs.FS) {
	t.Helper()
	l, err := lake.Create(dir, rotating(disk))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(oneStore(l, "first"), l.Close()); err != nil {
		t.Fatal(err)
	}
}

func oneStore(l *lake.Lake, name string) error {
	_, err := l.CreateStore(name, schemas.CloudTrail())
	return err
}

func inLake(dir string, o lake.Options, fn func(*lake.Lake) error) error {
	l, err := lake.Open(dir, o)
	if err != nil {
		return err
	}
	return errors.Join(fn(l), l.Close())
}

// goesOnWith checks a disk that was found after a power cut.
func goesOnWith(t *testing.T, found *crashfs.FS, change func(string, lake.Options) error) error {
	dir := t.TempDir()
	found = found.Crash(100, rand.New(rand.NewPCG(0, 0)), dir)
	o := rotating(found)
	if err := verified(dir, found); err != nil {
		return fmt.Errorf("as it was found: %w", err)
	}
	if err := inLake(dir, o, func(l *lake.Lake) error { return oneStore(l, "second") }); err != nil {
		return fmt.Errorf("opened: %w", err)
	}
	if err := verified(dir, found); err != nil {
		return fmt.Errorf("after recovery: %w", err)
	}
	if err := change(dir, o); err != nil {
		return fmt.Errorf("again: %w", err)
	}
	if err := inLake(dir, o, func(l *lake.Lake) error { return oneStore(l, "third") }); err != nil {
		return fmt.Errorf("opened again: %w", err)
	}
	return verified(dir, found)
}

func verified(dir string, disk vfs.FS) error {
	r, err := lake.Verify(context.Background(), dir, lake.VerifyOptions{FS: below{disk, "lake/"}})
	if err == nil && len(r.Problems)+len(r.Unread) > 0 {
		err = fmt.Errorf("%+v, %+v", r.Problems, r.Unread)
	}
	return err
}

// A rotation that fails half way, on a full disk say, ends nothing: the same process
// goes on with the key that then is the lake's.
func TestARotationThatFailsEndsNothing(t *testing.T) {
	broken := errors.New("no space")
	for at := 0; ; at++ {
		w := crashtest.NewWorld(t, nil)
		if err := errors.Join(w.Disk.MkdirAll("keys"), w.Disk.MkdirAll("lake"), w.Disk.SyncDir(".")); err != nil {
			t.Fatal(err)
		}
		livedWithKey(t, w.Dir, w.Disk)
		n, failed := 0, false
		l, err := lake.Open(w.Dir, rotating(w.Disk))
		if err != nil {
			t.Fatal(err)
		}
		w.Disk.Watch(func(op crashfs.Op) error {
			if op.Changes() {
				if n++; n == at+1 {
					failed = true
					return broken
				}
			}
			return nil
		}, nil)
		_, err = l.RotateKey("", false)
		w.Disk.Watch(nil, nil)
		if failed && err == nil && at < 3 {
			t.Errorf("operation %d failed, and the rotation did not say so", at)
		}
		_ = l.Close() // it may say again what failed
		if err := goesOnWith(t, w.Disk, func(string, lake.Options) error { return nil }); err != nil {
			t.Fatalf("operation %d failed: %v", at, err)
		}
		if !failed {
			t.Logf("%d operations", at)
			return
		}
	}
}
