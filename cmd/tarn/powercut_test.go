package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
)

// image is a file system of the kernel's own in a file, whose power can be cut.
type image struct{ file, mounted string }

func newImage(t *testing.T) image {
	t.Helper()
	dir := t.TempDir()
	i := image{filepath.Join(dir, "ext4"), filepath.Join(dir, "mnt")}
	err := errors.Join(os.WriteFile(i.file, nil, 0o600), os.Truncate(i.file, 48<<20), os.Mkdir(i.mounted, 0o755))
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "linux" || !i.do(t, "mkfs.ext4", "-q", "-F", i.file) || !i.mount(t) {
		t.Skip("cannot mount a file system from a file here")
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", i.mounted).Run() })
	return i
}

func (i image) do(t *testing.T, name string, args ...string) bool {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Logf("%s: %v: %s", name, err, out)
	}
	return err == nil
}

func (i image) mount(t *testing.T) bool {
	t.Helper()
	return i.do(t, "mount", "-o", "loop", i.file, i.mounted)
}

// cut stops the file system at once: what it has not written by now it never will.
// Everything that is done with it from then on is an error.
func (i image) cut(t *testing.T) {
	t.Helper()
	const goingDown, withoutLog = 0x8004587d, 2 // FS_IOC_GOINGDOWN, and its flag NOLOGFLUSH
	f, err := os.Open(i.mounted)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	how := uint32(withoutLog)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), goingDown, uintptr(unsafe.Pointer(&how))); errno != 0 {
		t.Skip("this file system cannot be stopped: ", errno)
	}
}

// again mounts the file system anew, which plays back its journal.
func (i image) again(t *testing.T) {
	t.Helper()
	if !i.do(t, "umount", i.mounted) || !i.mount(t) {
		t.FailNow()
	}
}

// The power is cut while tarn imports into a file system of the kernel's own: not a
// model of one. What an import said was committed is there afterwards.
func TestThePowerFailsOnARealFileSystem(t *testing.T) {
	p := newProgram(t)
	bucket, whole := filepath.Join(t.TempDir(), "bucket"), filepath.Join(t.TempDir(), "whole")
	if _, err := eventgen.WriteBucket(bucket, eventgen.Options{Events: 600, Days: 12, EventsPerObject: 15, NoStory: true}); err != nil {
		t.Fatal(err)
	}
	p.run(t, "import", bucket, "--lake", whole)
	start := time.Now()
	p.run(t, "import", bucket, "--lake", whole+" once more")
	took := time.Since(start)
	want := p.place(t, whole).Events(t)

	chance := rand.New(rand.NewPCG(2, uint64(time.Now().UnixNano())))
	cuts, inTime, partial := 0, 0, 0
	for cuts < number(t, "TARN_CUTS", 4) {
		disk := newImage(t)
		name := filepath.Join(disk.mounted, "lake")
		for range 2 {
			cuts++
			before, _ := seenIn(t, name)
			committed, done := p.importUntil(t, time.Duration(chance.Int64N(int64(took))), disk, bucket, name)
			disk.again(t)
			segments, events := seenIn(t, name)
			if segments < before+committed || done && events != len(want) {
				t.Fatalf("after a power cut there are %d segments, %d events; want the %d segments before, %d that were committed, and %d events if the import was done (%t)",
					segments, events, before, committed, len(want), done)
			}
			if !done {
				inTime++
			}
			if events > 0 && events < len(want) {
				partial++
			}
		}
		p.run(t, "import", bucket, "--lake", name)
		laketest.Same(t, "events", want, p.place(t, name).Events(t))
		p.place(t, name).Sound(t)
		if !disk.do(t, "umount", disk.mounted) {
			t.FailNow()
		}
	}
	t.Logf("%d power cuts, %d of them before the import was done, %d with a part of it committed", cuts, inTime, partial)
}

// importUntil imports and cuts the power after a while. It returns how many segments
// were committed by what the import said, and whether it said that it was done.
func (p program) importUntil(t *testing.T, after time.Duration, disk image, bucket, name string) (committed int, done bool) {
	t.Helper()
	cmd := p.command(t, "import", bucket, "--lake", name, "--log-level", "info")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case err = <-ended:
		disk.cut(t)
	case <-time.After(after):
		disk.cut(t)
		err = <-ended
	}
	for line := range strings.Lines(said.String()) {
		var l struct {
			Message  string
			Segments int
		}
		if json.Unmarshal([]byte(line), &l) == nil && l.Message == "committed" {
			committed += l.Segments
		}
		if strings.Contains(line, "panic") {
			t.Errorf("import says\n%s", &said)
		}
	}
	return committed, err == nil
}

// seenIn counts the segments and events that a reader sees in a lake that may not be
// there.
func seenIn(t *testing.T, dir string) (segments, events int) {
	t.Helper()
	l, err := lake.View(dir, lake.Options{})
	if errors.Is(err, lake.ErrNoLake) {
		return 0, 0
	}
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	snap := l.Snapshot()
	defer snap.Release()
	for _, st := range snap.Stores() {
		segments += len(snap.Segments(st.ID, false)) + len(snap.Segments(st.ID, true))
		err := snap.Raw(t.Context(), st.ID, false, func([]byte) error { events++; return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	return segments, events
}
