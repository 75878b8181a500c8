package crashfs_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/internal/vfs"
	"tarn/internal/vfs/crashfs"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The twin behaves as the disk does.
func TestBothDisksBehaveAlike(t *testing.T) {
	disk, err := vfs.OpenOS(t.TempDir())
	must(t, err)
	defer disk.Close()
	for name, fsys := range map[string]vfs.FS{"of the operating system": disk, "in memory": crashfs.New("")} {
		t.Run(name, func(t *testing.T) {
			must(t, fsys.MkdirAll("a/b"))
			must(t, fsys.MkdirAll("a/b"))
			f, err := fsys.Create("a/b/f")
			must(t, err)
			for _, part := range []string{"first ", "second"} {
				if n, err := f.Write([]byte(part)); n != len(part) || err != nil {
					t.Errorf("Write(%q) = %d, %v", part, n, err)
				}
			}
			must(t, fsys.Rename("a/b/f", "a/g"))
			must(t, f.Sync())
			p := make([]byte, 20)
			if n, err := f.ReadAt(p, 6); string(p[:n]) != "second" || !errors.Is(err, io.EOF) {
				t.Errorf("ReadAt(6) = %q, %v; want the rest and io.EOF", p[:n], err)
			}
			must(t, f.Close())
			must(t, fsys.Truncate("a/g", 3))
			f, err = fsys.Append("a/g")
			must(t, err)
			_, err = f.Write([]byte("!"))
			must(t, errors.Join(err, f.Close(), vfs.WriteFile(fsys, "h", []byte("h")), fsys.Rename("h", "a/h")))
			got, err := vfs.ReadFile(fsys, "a/g")
			if string(got) != "fir!" || err != nil {
				t.Errorf("content = %q, %v; want fir!", got, err)
			}
			checkErrors(t, fsys, f)
			var files []string
			must(t, vfs.Walk(fsys, ".", func(path string, d fs.DirEntry) error {
				files = append(files, path)
				return fsys.Remove(path)
			}))
			if d := cmp.Diff([]string{"a/g", "a/h"}, files); d != "" {
				t.Errorf("files (-want +got):\n%s", d)
			}
			must(t, fsys.Remove("a/b"))
			must(t, fsys.SyncDir("a"))
		})
	}
}

// checkErrors wants a folder a with a file g, and a closed file.
func checkErrors(t *testing.T, fsys vfs.FS, closed vfs.File) {
	t.Helper()
	open := func(f vfs.File, err error) error { return err }
	_, written := closed.Write([]byte("x"))
	reader, err := fsys.Open("a/g")
	must(t, err)
	_, writtenTo := reader.Write([]byte("x"))
	must(t, reader.Close())
	_, listed := fsys.List("a/g")
	for _, tt := range []struct {
		what      string
		got, want error
	}{
		{"Create of a name that is taken", open(fsys.Create("a/g")), fs.ErrExist},
		{"Create in no folder", open(fsys.Create("b/g")), fs.ErrNotExist},
		{"Create below a file", open(fsys.Create("a/g/h")), syscall.ENOTDIR},
		{"Append in no folder", open(fsys.Append("b/g")), fs.ErrNotExist},
		{"Open of nothing", open(fsys.Open("a/x")), fs.ErrNotExist},
		{"Rename of nothing", fsys.Rename("a/x", "a/y"), fs.ErrNotExist},
		{"Rename into no folder", fsys.Rename("a/g", "b/g"), fs.ErrNotExist},
		{"Remove of nothing", fsys.Remove("a/x"), fs.ErrNotExist},
		{"Remove of a folder in use", fsys.Remove("a"), syscall.ENOTEMPTY},
		{"Truncate of nothing", fsys.Truncate("a/x", 0), fs.ErrNotExist},
		{"MkdirAll below a file", fsys.MkdirAll("a/g/h"), syscall.ENOTDIR},
		{"SyncDir of nothing", fsys.SyncDir("x"), fs.ErrNotExist},
		{"List of a file", listed, syscall.ENOTDIR},
		{"Write to a closed file", written, fs.ErrClosed},
		{"Write to a file opened for reading", writtenTo, syscall.EBADF},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s = %v; want %v", tt.what, tt.got, tt.want)
		}
	}
	if entries, err := fsys.List("x"); entries != nil || err != nil {
		t.Errorf("List of nothing = %v, %v; want none", entries, err)
	}
}

// holds is every file of the disk with its content.
func holds(t *testing.T, fsys vfs.FS) string {
	t.Helper()
	var all []string
	must(t, vfs.Walk(fsys, ".", func(path string, _ fs.DirEntry) error {
		b, err := vfs.ReadFile(fsys, path)
		all = append(all, fmt.Sprintf("%s=%s", path, b))
		return err
	}))
	return strings.Join(all, " ")
}

func write(t *testing.T, fsys vfs.FS, name, content string, sync bool) {
	t.Helper()
	f, err := fsys.Append(name)
	must(t, err)
	_, err = f.Write([]byte(content))
	must(t, err)
	if sync {
		must(t, f.Sync())
	}
	must(t, f.Close())
}

func TestWhatACrashLeaves(t *testing.T) {
	for _, tt := range []struct {
		name                string
		do                  func(t *testing.T, d *crashfs.FS)
		least, most, seldom string // with 0 %, with 100 %, at times between
	}{
		{"a file without a durable name", func(t *testing.T, d *crashfs.FS) { write(t, d, "f", "x", true) }, "", "f=x", ""},
		{"a name without content", func(t *testing.T, d *crashfs.FS) {
			write(t, d, "f", "xy", false)
			must(t, d.SyncDir("."))
		}, "f=", "f=xy", "f=x"},
		{"both", func(t *testing.T, d *crashfs.FS) {
			write(t, d, "f", "x", true)
			must(t, d.SyncDir("."))
		}, "f=x", "f=x", ""},
		{"a folder whose own name is not durable", func(t *testing.T, d *crashfs.FS) {
			must(t, d.MkdirAll("a/b"))
			write(t, d, "a/b/f", "x", true)
			must(t, errors.Join(d.SyncDir("a/b"), d.SyncDir("a")))
		}, "", "a/b/f=x", ""},
		{"a rename", func(t *testing.T, d *crashfs.FS) {
			write(t, d, "f", "x", true)
			must(t, errors.Join(d.SyncDir("."), d.Rename("f", "g")))
		}, "f=x", "g=x", "f=x g=x"},
		{"a file that is replaced", func(t *testing.T, d *crashfs.FS) {
			write(t, d, "g", "old", true)
			write(t, d, "f", "new", true)
			must(t, errors.Join(d.SyncDir("."), d.Rename("f", "g")))
		}, "f=new g=old", "g=new", "g=old"},
		{"a file that is removed", func(t *testing.T, d *crashfs.FS) {
			write(t, d, "f", "x", true)
			must(t, errors.Join(d.SyncDir("."), d.Remove("f")))
		}, "f=x", "", ""},
		{"a file that grew", func(t *testing.T, d *crashfs.FS) {
			write(t, d, "f", "old ", true)
			must(t, d.SyncDir("."))
			write(t, d, "f", "new", false)
		}, "f=old ", "f=old new", "f=old n"},
		{"a file that was cut, which is durable at once", func(t *testing.T, d *crashfs.FS) {
			write(t, d, "f", "old", true)
			must(t, errors.Join(d.SyncDir("."), d.Truncate("f", 1)))
		}, "f=o", "f=o", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := crashfs.New("")
			tt.do(t, d)
			chance := rand.New(rand.NewPCG(1, 2))
			if got := holds(t, d.Crash(0, chance, "")); got != tt.least {
				t.Errorf("with nothing that is not durable: %q; want %q", got, tt.least)
			}
			if got := holds(t, d.Crash(100, chance, "")); got != tt.most {
				t.Errorf("with everything: %q; want %q", got, tt.most)
			}
			seen := map[string]bool{}
			for range 200 {
				seen[holds(t, d.Crash(50, chance, ""))] = true
			}
			if tt.seldom != "" && !seen[tt.seldom] {
				t.Errorf("with some: %v; want %q among them", seen, tt.seldom)
			}
		})
	}
}

// What a sync that fails should have made durable is gone, whatever comes behind.
func TestAFailedSyncIsNotMadeUpFor(t *testing.T) {
	d := crashfs.New("")
	f, err := d.Create("f")
	must(t, err)
	must(t, d.SyncDir("."))
	fail := func(op crashfs.Op) error {
		if op.Kind == crashfs.Sync || op.Kind == crashfs.SyncDir {
			return syscall.EIO
		}
		return nil
	}
	_, err = f.Write([]byte("x"))
	must(t, err)
	write(t, d, "g", "x", true)
	d.Watch(fail, nil)
	if err := errors.Join(f.Sync(), d.SyncDir(".")); !errors.Is(err, syscall.EIO) {
		t.Errorf("Sync = %v; want EIO", err)
	}
	d.Watch(nil, nil)
	write(t, d, "h", "x", true)
	must(t, errors.Join(f.Sync(), d.SyncDir(".")))
	if got, want := holds(t, d.Crash(0, rand.New(rand.NewPCG(1, 2)), "")), "f= h=x"; got != want {
		t.Errorf("after the crash: %q; want %q", got, want)
	}
}

func TestAFullDiskTakesHalfAWrite(t *testing.T) {
	d := crashfs.New("")
	d.Watch(func(op crashfs.Op) error {
		if op.Kind == crashfs.Write {
			return syscall.ENOSPC
		}
		return nil
	}, nil)
	f, err := d.Create("f")
	must(t, err)
	if n, err := f.Write([]byte("four")); n != 2 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Write = %d, %v; want 2 and ENOSPC", n, err)
	}
	if got, want := holds(t, d.Freeze()), "f=fo"; got != want {
		t.Errorf("content %q; want %q", got, want)
	}
}

// A frozen disk does not see what becomes of the other.
func TestAFrozenDiskStaysAsItIs(t *testing.T) {
	d := crashfs.New("")
	write(t, d, "f", "one", true)
	cold := d.Freeze()
	write(t, d, "f", " two", true)
	write(t, cold, "f", " 2", true)
	must(t, d.Truncate("f", 2))
	write(t, d, "f", "x", true)
	if got, want := holds(t, cold)+", "+holds(t, d), "f=one 2, f=onx"; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
}
