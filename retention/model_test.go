package retention_test

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tarn/lake"
)

// model is what ought to be, by rules that are written down here once more and ask
// the lake nothing.
type model struct {
	now     time.Time
	turn    int // counts what happens
	stores  map[string]*store
	holds   map[string]lake.Hold
	dead    map[string]*dead // expired segments
	readers []*reader
}

type store struct {
	id, name  string
	retention int
	deleted   time.Time // zero unless it was
}

// dead is a segment that has expired.
type dead struct {
	store, day string
	at         time.Time
	turn       int
}

// due reports whether a day's time has come.
func (m *model) due(storeID, day string) bool {
	st := m.stores[storeID]
	if !st.deleted.IsZero() && !m.now.Before(st.deleted.Add(7*24*time.Hour)) {
		return true
	}
	start, err := time.Parse("2006-01-02", day)
	return err == nil && !m.now.Before(start.Add(time.Duration(1+st.retention)*24*time.Hour))
}

func (m *model) held(storeID, day string) bool {
	for _, h := range m.holds {
		if h.Store == storeID && (h.From == "" || day >= h.From) && (h.To == "" || day <= h.To) {
			return true
		}
	}
	return false
}

// stays reports whether the files of a segment that expired must be there.
func (m *model) stays(d *dead) bool {
	for _, r := range m.readers {
		if r.turn <= d.turn {
			return true
		}
	}
	return m.held(d.store, d.day) || m.now.Before(d.at.Add(75*time.Minute))
}

// readerEnv tells this test binary that it is a reader, of which lake.
const readerEnv = "TARN_TEST_READER"

// reader is another process that has the lake open.
type reader struct {
	turn  int // at which it opened it
	cmd   *exec.Cmd
	ask   io.WriteCloser
	hear  *bufio.Scanner
	first string // what it saw at first
}

// TestReader is no test: it is the reader. It answers each line with what it sees of
// sealed events; those of the hot tier have a quarter of an hour, whoever reads.
func TestReader(t *testing.T) {
	dir := os.Getenv(readerEnv)
	if dir == "" {
		t.Skip("is run by TestRetentionKeepsItsPromises")
	}
	l, err := lake.View(dir, lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	snap := l.Snapshot()
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		files, sum := 0, sha256.New()
		for _, st := range snap.EveryStore() {
			for _, seg := range append(snap.Segments(st.ID, false), snap.Segments(st.ID, true)...) {
				if seg.Hot() {
					continue
				}
				content, err := os.ReadFile(snap.Path(st.ID, seg))
				if err != nil {
					fmt.Printf("cannot read: %v\n", err)
					os.Exit(1)
				}
				files++
				sum.Write(content)
			}
		}
		fmt.Printf("%d files of %x at %d\n", files, sum.Sum(nil), snap.LogSize())
	}
}

// reads starts a reader.
func (m *model) reads(t *testing.T, dir string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{turn: m.turn, cmd: exec.Command(exe, "-test.run=^TestReader$")}
	r.cmd.Env = append(os.Environ(), readerEnv+"="+dir)
	r.cmd.Stderr = os.Stderr
	out, err := r.cmd.StdoutPipe()
	if err == nil {
		r.ask, err = r.cmd.StdinPipe()
	}
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill() }) // unless it has ended
	r.hear = bufio.NewScanner(out)
	r.first = r.sees(t)
	m.readers = append(m.readers, r)
}

// sees asks a reader what it sees.
func (r *reader) sees(t *testing.T) string {
	t.Helper()
	if _, err := io.WriteString(r.ask, "read\n"); err != nil {
		t.Fatal(err)
	}
	if !r.hear.Scan() || !strings.Contains(r.hear.Text(), " files of ") {
		t.Fatalf("a reader says %q", r.hear.Text())
	}
	return r.hear.Text()
}

// ends lets a reader end, by itself or killed.
func (m *model) ends(t *testing.T, i int, kill bool) {
	t.Helper()
	r := m.readers[i]
	if got := r.sees(t); got != r.first {
		t.Errorf("a reader sees %s; at first it saw %s", got, r.first)
	}
	if kill {
		_ = r.cmd.Process.Kill()
	}
	r.ask.Close() // it ends
	_ = r.cmd.Wait()
	m.readers = append(m.readers[:i], m.readers[i+1:]...)
}
