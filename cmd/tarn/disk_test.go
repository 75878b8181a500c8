package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tarn/internal/eventgen"
	"tarn/lake/laketest"
)

// smallDisk mounts a disk in memory of that many bytes, where the machine lets it.
func smallDisk(t *testing.T, size string) (dir string, remount func(options string)) {
	t.Helper()
	dir = t.TempDir()
	mount := func(options string) error {
		out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", options, "tarn-test", dir).CombinedOutput()
		if err != nil {
			t.Logf("mount: %v: %s", err, out)
		}
		return err
	}
	if mount("size="+size) != nil {
		t.Skip("cannot mount a disk in memory here")
	}
	t.Cleanup(func() {
		// The test's own context is done by now.
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return dir, func(options string) {
		if err := mount("remount," + options); err != nil {
			t.Fatal(err)
		}
	}
}

// fails runs the program, which must say what is wrong in a sentence and exit with 1.
func (p program) fails(t *testing.T, args ...string) string {
	t.Helper()
	cmd := p.command(t, args...)
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(string(out), "tarn: error: ") {
		t.Fatalf("tarn %s exits with %d; want %d and a sentence\n%s", strings.Join(args, " "), code, exitFailed, out)
	}
	return string(out)
}

// On a full disk an import says so, what was committed stays and can be read, and
// with room again the same command completes it.
func TestAFullDisk(t *testing.T) {
	p := newProgram(t)
	disk, remount := smallDisk(t, "900k")
	bucket, whole := filepath.Join(t.TempDir(), "bucket"), filepath.Join(t.TempDir(), "whole")
	if _, err := eventgen.WriteBucket(bucket, eventgen.Options{Events: 3000, Days: 20, EventsPerObject: 30, NoStory: true}); err != nil {
		t.Fatal(err)
	}
	p.run(t, "import", bucket, "--lake", whole)
	want := p.place(t, whole).Events(t)

	name := filepath.Join(disk, "lake")
	said := p.fails(t, "import", bucket, "--lake", name)
	// It stops a little before the disk does, or where that is full between two looks.
	full := strings.Contains(said, "no space left on device") || strings.Contains(said, "the lake's disk is nearly full")
	if !full || !strings.Contains(said, "hint: make room") {
		t.Errorf("on a full disk import says\n%s", said)
	}
	_, seen := seenIn(t, name)
	p.fails(t, "import", bucket, "--lake", name)
	if _, n := seenIn(t, name); n < seen || n >= len(want) {
		t.Errorf("%d events after the second attempt; want %d or more, and not all", n, seen)
	}
	p.run(t, "verify", "--lake", name)
	remount("size=64m")
	p.run(t, "import", bucket, "--lake", name)
	laketest.Same(t, "events", want, p.place(t, name).Events(t))
	p.place(t, name).Sound(t)
	t.Logf("%d of %d events fitted; it said\n%s", seen, len(want), said)
}

// A lake on a disk that is only for reading can be read, and says why it cannot
// grow.
func TestALakeThatIsOnlyForReading(t *testing.T) {
	p := newProgram(t)
	disk, remount := smallDisk(t, "16m")
	bucket, name := filepath.Join(t.TempDir(), "bucket"), filepath.Join(disk, "lake")
	if _, err := eventgen.WriteBucket(bucket, eventgen.Options{Events: 100, Days: 2, EventsPerObject: 30, NoStory: true}); err != nil {
		t.Fatal(err)
	}
	p.run(t, "import", firstLog(t, bucket), "--lake", name)
	remount("ro")
	for _, args := range [][]string{
		{"query", "SELECT count(*) FROM cloudtrail", "--lake", name}, {"verify", "--lake", name},
		{"export", "--raw", "--lake", name}, {"import", "--failures", "--lake", name},
	} {
		p.run(t, args...)
	}
	said := p.fails(t, "import", bucket, "--lake", name)
	if !strings.Contains(said, "read-only file system") || !strings.Contains(said, "tarn: hint: ") {
		t.Errorf("import says\n%s\nwant the reason and a hint", said)
	}
	t.Log(said)
	if said := p.fails(t, "import", bucket, "--lake", filepath.Join(disk, "another")); !strings.Contains(said, "read-only file system") {
		t.Errorf("import into a new lake says\n%s", said)
	}
	if entries, err := os.ReadDir(disk); err != nil || len(entries) != 1 {
		t.Errorf("the disk holds %v, %v; want the lake alone", entries, err)
	}
}
