package lake_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tarn/internal/confine"
	"tarn/lake"
	"tarn/lake/laketest"
)

// Who tries is this test binary, told by its environment where the lake is: what a
// process gives up it cannot have back.
const breakerEnv = "TARN_TEST_BREAKER"

// attempt is something that must not be possible.
type attempt struct {
	what  string
	since int // the version of Landlock that refuses it
	do    func() error
}

// attempts are all ways that we know to change, replace or lose a sealed file.
func attempts(dir, sealed string) []attempt {
	tmp := filepath.Join(dir, "tmp")
	day := filepath.Dir(sealed)
	mine := func(name string) string {
		name = filepath.Join(tmp, name)
		_ = os.WriteFile(name, []byte("forged"), 0o644)
		return name
	}
	write := func(flag int) func() error {
		return func() error {
			f, err := os.OpenFile(sealed, flag, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString("forged")
			return errors.Join(err, f.Close())
		}
	}
	shell := func(line string) func() error {
		return func() error { return exec.Command("sh", "-c", line, "sh", sealed).Run() }
	}
	return []attempt{
		{"write", 2, write(os.O_WRONLY)},
		{"append", 2, write(os.O_WRONLY | os.O_APPEND)},
		{"open and truncate", 2, write(os.O_WRONLY | os.O_TRUNC)},
		{"create over", 2, write(os.O_RDWR | os.O_CREATE)},
		{"truncate", 3, func() error { return os.Truncate(sealed, 1) }},
		{"unlink", 2, func() error { return os.Remove(sealed) }},
		{"rename over", 2, func() error { return os.Rename(mine("a"), sealed) }},
		{"exchange", 2, func() error {
			return unix.Renameat2(unix.AT_FDCWD, mine("b"), unix.AT_FDCWD, sealed, unix.RENAME_EXCHANGE)
		}},
		{"rename away", 2, func() error { return os.Rename(sealed, filepath.Join(tmp, "gone")) }},
		{"rename beside", 2, func() error { return os.Rename(sealed, sealed+".old") }},
		{"link to where files are written, and write", 2, func() error {
			link := filepath.Join(tmp, "link")
			if err := os.Link(sealed, link); err != nil {
				return err
			}
			return os.WriteFile(link, []byte("forged"), 0o644)
		}},
		{"map and write", 2, func() error { return mapAndWrite(sealed) }},
		{"allow all, and write", 2, func() error {
			// Landlock lets the mode be changed: it does not help.
			return errors.Join(os.Chmod(sealed, 0o666), write(os.O_WRONLY)())
		}},
		{"write through the descriptor of a reader", 2, func() error { return reopen(sealed) }},
		{"put a link in its place", 2, func() error { return os.Symlink(mine("c"), sealed+".link") }},
		{"rename the day", 2, func() error { return os.Rename(day, day+"x") }},
		{"move the segments", 2, func() error { return os.Rename(filepath.Join(dir, "segments"), filepath.Join(tmp, "segments")) }},
		{"rename the segments", 2, func() error { return os.Rename(filepath.Join(dir, "segments"), filepath.Join(dir, "old")) }},
		{"rename the lake", 2, func() error { return os.Rename(dir, dir+"x") }},
		{"remove all", 2, func() error { return os.RemoveAll(day) }},
		{"mount over", 2, func() error { return unix.Mount(tmp, day, "", unix.MS_BIND, "") }},
		{"write in a program", 2, shell(`exec 2>/dev/null; printf forged >"$1"`)},
		{"remove in a program", 2, shell(`exec rm -f "$1" 2>/dev/null`)},
		{"write beside the lake", 2, func() error { return os.WriteFile(dir+".other", nil, 0o644) }},
	}
}

func mapAndWrite(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		if f, err = os.Open(name); err != nil {
			return err
		}
	}
	defer f.Close()
	b, err := unix.Mmap(int(f.Fd()), 0, 4, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err == nil {
		b[0] ^= 1
		err = unix.Munmap(b)
	}
	return err
}

func reopen(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return os.WriteFile(fmt.Sprintf("/proc/self/fd/%d", f.Fd()), []byte("forged"), 0)
}

// TestBreaker is no test: it is who tries, in the process that writes the lake.
func TestBreaker(t *testing.T) {
	dir := os.Getenv(breakerEnv)
	if dir == "" {
		t.Skip("is run by TestSealedFilesAreLocked")
	}
	p := laketest.Place{Dir: dir, Key: dir + ".key"}
	// A thread that is there before, and tries afterwards.
	old := make(chan func())
	go func() {
		runtime.LockOSThread()
		for do := range old {
			do()
		}
	}()
	old <- func() {}
	p.WriteWith(t, p.Options(), func(l *lake.Lake, st lake.Store) {
		laketest.Bring(t, l, st, lake.AppendOptions{}, midnightObjects(t)[:1], nil)
		start := time.Now()
		if _, err := lake.Confine(dir); err != nil {
			t.Fatal(err)
		}
		t.Logf("confined in %v", time.Since(start))
		for _, sealed := range sealedBy(t, p) {
			for _, a := range attempts(dir, sealed) {
				if confine.Version() < a.since {
					fmt.Printf("tried: %s: %s: not refused by version %d\n", filepath.Base(sealed), a.what, confine.Version())
					continue
				}
				err := a.do()
				var other error
				done := make(chan bool)
				old <- func() { other = a.do(); close(done) }
				<-done
				fmt.Printf("tried: %s: %s: %t %t\n", filepath.Base(sealed), a.what, err == nil, other == nil)
				var errno syscall.Errno
				if errors.As(err, &errno) && !slices.Contains([]syscall.Errno{unix.EACCES, unix.EPERM, unix.EXDEV}, errno) {
					t.Errorf("%s: %v; that is no refusal", a.what, err)
				}
			}
		}
		// And all the rest goes on.
		laketest.Bring(t, l, st, lake.AppendOptions{}, midnightObjects(t)[1:], nil)
		if _, err := l.Put(t.Context(), st, []lake.Event{laketest.Event(t, "live", "2026-05-01T12:00:00Z", "")}); err != nil {
			t.Error(err)
		}
		if err := errors.Join(l.Flush(), l.PublishIndex()); err != nil {
			t.Error(err)
		}
	})
}

// sealedBy returns a sealed file of each kind.
func sealedBy(t *testing.T, p laketest.Place) (files []string) {
	t.Helper()
	err := filepath.WalkDir(p.Dir, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(p.Dir, name)
		first, _, _ := strings.Cut(rel, "/")
		if err == nil && !d.IsDir() && (first == "sources" || first == "segments" && strings.HasSuffix(name, ".parquet")) {
			files = append(files, name)
		}
		return err
	})
	if err != nil || len(files) < 2 {
		t.Fatalf("sealed files %v, %v", files, err)
	}
	return files
}

// The process that writes a lake can do nothing to a file that it has sealed, in any
// thread, nor can what it starts; and goes on writing.
func TestSealedFilesAreLocked(t *testing.T) {
	if v := confine.Version(); v < confine.TruncateSince {
		if v < confine.FilesSince {
			t.Skipf("SKIPPED: this kernel has version %d of Landlock, and nothing is refused", v)
		}
		t.Logf("NOT ALL TRIED: this kernel has version %d of Landlock, and does not refuse to truncate", v)
	}
	dir := filepath.Join(t.TempDir(), "lake")
	c := exec.Command(os.Args[0], "-test.run=^TestBreaker$", "-test.v")
	c.Env = append(os.Environ(), breakerEnv+"="+dir)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	n := 0
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "tried: ") {
			continue
		}
		n++
		if !strings.HasSuffix(line, ": false false\n") {
			t.Error(line)
		}
	}
	if n < 2*len(attempts(dir, dir)) {
		t.Errorf("%d attempts were made", n)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "confined in") {
			t.Log(line)
		}
	}
	p := laketest.Place{Dir: dir, Key: dir + ".key"}
	p.Sound(t)
	if r := p.Verify(t); r.Events < 2 || len(r.Orphans) > 0 {
		t.Errorf("%d events, orphans %v", r.Events, r.Orphans)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Errorf("its owner cannot remove it: %v", err)
	}
}
