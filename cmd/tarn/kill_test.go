package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
)

// program is tarn as a program of its own: this test under another name, which
// TestMain knows.
type program struct{ path, config string }

func newProgram(t *testing.T) program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p := program{filepath.Join(dir, "tarn"), filepath.Join(dir, "config")}
	if err := os.Symlink(self, p.path); err != nil {
		t.Skip(err)
	}
	return p
}

// command is a command line. Unless a test is about it, it is not recorded: then a lake
// holds what the test has put there.
func (p program) command(t *testing.T, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), p.path, args...)
	cmd.Env = append([]string{"TARN_AUDIT=off"}, append(os.Environ(), "XDG_CONFIG_HOME="+p.config)...)
	return cmd
}

// run runs the program to its end, which must be a good one.
func (p program) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := p.command(t, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("tarn %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// place is a lake that the program made: its key lies in the program's own folder.
func (p program) place(t *testing.T, dir string) laketest.Place {
	t.Helper()
	format, err := os.ReadFile(filepath.Join(dir, "FORMAT"))
	if err != nil {
		t.Fatal(err)
	}
	_, id, _ := strings.Cut(strings.TrimSpace(string(format)), "tarn/")
	return laketest.Place{Dir: dir, Key: filepath.Join(p.config, "tarn", id+".key")}
}

// number is the number in an environment variable.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// An import may be killed as often as one likes, at any moment: what it had
// committed stays, and the one that is left alone completes it.
func TestKilledImportsLoseAndDoubleNothing(t *testing.T) {
	p := newProgram(t)
	bucket, dir := filepath.Join(t.TempDir(), "bucket"), t.TempDir()
	_, err := eventgen.WriteBucket(bucket, eventgen.Options{Events: 400, Days: 9, EventsPerObject: 15, NoStory: true})
	if err != nil {
		t.Fatal(err)
	}
	took := time.Hour
	whole := filepath.Join(dir, "whole")
	for range 3 { // the first time takes longer
		if err := os.RemoveAll(whole); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		p.run(t, "import", bucket, "--lake", whole)
		took = min(took, time.Since(start))
	}
	want := p.place(t, whole).Events(t)

	chance := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	var figures struct{ kills, tooLate, lakes, partial int }
	for figures.kills < number(t, "TARN_KILLS", 10) {
		name := filepath.Join(dir, fmt.Sprint("lake-", figures.lakes))
		figures.lakes++
		seen := 0
		for range 3 {
			if p.killed(t, time.Duration(chance.Int64N(int64(took))), "import", bucket, "--lake", name) {
				figures.kills++
			} else {
				figures.tooLate++
			}
			_, n := seenIn(t, name)
			if n < seen {
				t.Fatalf("%s has %d events; it had %d before", name, n, seen)
			}
			if n > 0 && n < len(want) {
				figures.partial++
			}
			seen = n
		}
		p.run(t, "import", bucket, "--lake", name)
		place := p.place(t, name)
		laketest.Same(t, "events of "+name, want, place.Events(t))
		place.Sound(t)
		if t.Failed() {
			return
		}
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%+v; an import left alone takes %v", figures, took)
}

// killed runs the program for a while and kills it, and returns false if it was
// done before.
func (p program) killed(t *testing.T, after time.Duration, args ...string) bool {
	t.Helper()
	cmd := p.command(t, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() >= 0 {
		t.Fatalf("tarn %s exits with %d:\n%s", strings.Join(args, " "), exit.ExitCode(), &out)
	}
	return err != nil
}

// Ten processes that ask while another imports see whole commits, and in each
// answer at least what was there in the one before.
func TestManyReadersBesideAnImport(t *testing.T) {
	p := newProgram(t)
	bucket, dir := filepath.Join(t.TempDir(), "bucket"), filepath.Join(t.TempDir(), "lake")
	_, err := eventgen.WriteBucket(bucket, eventgen.Options{Events: 6000, Days: 24, EventsPerObject: 50, NoStory: true})
	if err != nil {
		t.Fatal(err)
	}
	p.run(t, "import", firstLog(t, bucket), "--lake", dir)
	importing, done := p.command(t, "import", bucket, "--lake", dir), make(chan error, 1)
	if err := importing.Start(); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	go func() {
		done <- importing.Wait()
		close(stop)
	}()
	const readers = 10
	answers := make(chan []string, readers)
	for range readers {
		go func() { answers <- p.askUntil(t, stop, dir) }()
	}
	var all [][]string
	for range readers {
		all = append(all, <-answers)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	whole := wholeDays(t, p.place(t, dir))
	different, n := map[string]bool{}, 0
	for _, counts := range all {
		before := map[string]int{}
		for _, answer := range counts {
			n++
			different[answer] = true
			before = checkAnswer(t, answer, before, whole)
		}
	}
	t.Logf("%d answers, %d different", n, len(different))
	p.place(t, dir).Sound(t)
}

// askUntil asks how many events each day has, again and again until it is told to
// stop, and returns the answers.
func (p program) askUntil(t *testing.T, stop <-chan struct{}, dir string) (answers []string) {
	for {
		out, err := p.command(t, "query", "--lake", dir, "--format", "csv",
			"SELECT date_format(eventTime, '%Y-%m-%d'), count(*), count(DISTINCT eventID) FROM cloudtrail GROUP BY 1 ORDER BY 1").CombinedOutput()
		if err != nil {
			t.Errorf("query: %v\n%s", err, out)
		}
		answers = append(answers, string(out))
		select {
		case <-stop:
			return answers
		default:
		}
	}
}

// firstLog is one of the bucket's files.
func firstLog(t *testing.T, bucket string) (name string) {
	t.Helper()
	err := filepath.WalkDir(bucket, func(path string, d os.DirEntry, err error) error {
		if err == nil && name == "" && strings.HasSuffix(path, ".json.gz") && !strings.Contains(path, "Digest") {
			name = path
		}
		return err
	})
	if err != nil || name == "" {
		t.Fatal("no log file", err)
	}
	return name
}

// wholeDays are the numbers of events that a day has after each of its segments.
func wholeDays(t *testing.T, p laketest.Place) map[string]map[int]bool {
	t.Helper()
	sums, whole := map[string]int{}, map[string]map[int]bool{}
	p.Read(t, func(s *lake.Snapshot, st lake.Store) {
		for _, seg := range s.Segments(st.ID, false) {
			if whole[seg.Day] == nil {
				whole[seg.Day] = map[int]bool{}
			}
			sums[seg.Day] += int(seg.Rows)
			whole[seg.Day][sums[seg.Day]] = true
		}
	})
	return whole
}

// checkAnswer checks the days of an answer, and returns them.
func checkAnswer(t *testing.T, answer string, before map[string]int, whole map[string]map[int]bool) map[string]int {
	t.Helper()
	days := map[string]int{}
	lines := strings.Split(strings.TrimSpace(answer), "\n")
	for _, line := range lines[1:] {
		cells := strings.Split(strings.TrimSpace(line), ",")
		n, err := strconv.Atoi(cells[1])
		if err != nil {
			t.Fatalf("answer %q: %v", line, err)
		}
		days[cells[0]] = n
		if !whole[cells[0]][n] || cells[1] != cells[2] {
			t.Errorf("answer %q; that day has, segment by segment, %v events", line, whole[cells[0]])
		}
	}
	for day, n := range before {
		if days[day] < n {
			t.Errorf("%s has %d events; it had %d in the answer before", day, days[day], n)
		}
	}
	return days
}
