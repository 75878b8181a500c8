package lake_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
)

// The writer that is killed is this test binary, told by its environment where the
// lake is, which life of it this is, and what the day is.
const putterEnv = "TARN_TEST_PUTTER"

// livesADay is how many lives pass before the next day comes.
const livesADay = 4

func lifeTime(life int) time.Time {
	return time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, life/livesADay)
}

// lifeEvent is an event that a life offers: of today or of yesterday. Every fifth
// was offered by the life before too.
func lifeEvent(t testing.TB, life, writer, i int) lake.Event {
	if i%5 == 4 && life > 0 {
		life--
	}
	at := lifeTime(life).AddDate(0, 0, -(i % 2))
	return laketest.Event(t, fmt.Sprintf("%d-%d-%d", life, writer, i), at.Format(time.RFC3339), "")
}

// TestPutter is no test: it is the writer.
func TestPutter(t *testing.T) {
	dir, life, ok := strings.Cut(os.Getenv(putterEnv), "#")
	if !ok {
		t.Skip("is run by TestKilledWhileEventsCome")
	}
	n, err := strconv.Atoi(life)
	if err != nil {
		t.Fatal(err)
	}
	p := laketest.Place{Dir: dir, Key: dir + ".key"}
	o := p.Options()
	o.Now = func() time.Time { return lifeTime(n) }
	acked := os.NewFile(3, "acknowledged")
	p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() { putForEver(t, l, st, acked, n, w) })
		}
		wg.Go(func() {
			for {
				if err := l.Flush(); err != nil {
					t.Error(err)
				}
				if err := l.Tidy(); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Wait()
	})
}

func putForEver(t *testing.T, l *lake.Lake, st lake.Store, acked *os.File, life, writer int) {
	for i := 0; ; {
		var events []lake.Event
		for range 1 + rand.IntN(20) {
			events = append(events, lifeEvent(t, life, writer, i))
			i++
		}
		if _, err := l.Put(t.Context(), st, events); err != nil {
			t.Error(err)
			return
		}
		var lines strings.Builder
		for _, e := range events {
			fmt.Fprintf(&lines, "%s\n", e.Raw)
		}
		if _, err := acked.WriteString(lines.String()); err != nil {
			return
		}
	}
}

// A writer may be killed at any moment, while files are merged and days are sealed:
// what it acknowledged is there, once, for every reader.
func TestKilledWhileEventsCome(t *testing.T) {
	if os.Getenv(putterEnv) != "" {
		t.Skip("the writer itself")
	}
	kills := 12
	if text := os.Getenv("TARN_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir() + "/lake"
	p := laketest.Place{Dir: dir, Key: dir + ".key"}
	p.Write(t, func(*lake.Lake, lake.Store) {})
	want := map[string]bool{}
	chance := rand.New(rand.NewPCG(7, uint64(time.Now().UnixNano())))
	segments := 0
	for life := range kills {
		lived(t, p, life, time.Duration(chance.IntN(400))*time.Millisecond, want)
		checkLife(t, p, want, life%5 == 4 || life == kills-1)
		if t.Failed() {
			t.Fatalf("in life %d; the lake is in %s", life, dir)
		}
	}
	p.Read(t, func(s *lake.Snapshot, st lake.Store) { segments = len(s.Segments(st.ID, false)) })
	t.Logf("%d kills, %d events acknowledged, %d segments", kills, len(want), segments)
}

// lived lets a writer live for a while, and notes what it acknowledged.
func lived(t *testing.T, p laketest.Place, life int, long time.Duration, want map[string]bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestPutter$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s#%d", putterEnv, p.Dir, life))
	cmd.ExtraFiles = []*os.File{w}
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	kill := time.AfterFunc(50*time.Millisecond+long, func() { cmd.Process.Kill() })
	defer kill.Stop()
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			break // half a line was not acknowledged
		}
		want[strings.TrimSuffix(line, "\n")] = true
	}
	r.Close()
	_ = cmd.Wait() // it was killed
	if text := said.String(); text != "" {
		t.Fatalf("the writer said: %s", text)
	}
}

// checkLife checks what a reader finds before and after the next writer has opened
// the lake.
func checkLife(t *testing.T, p laketest.Place, want map[string]bool, thorough bool) {
	t.Helper()
	once(t, p.Events(t))
	if thorough {
		p.Sound(t)
	}
	o := p.Options()
	p.WriteWith(t, o, func(*lake.Lake, lake.Store) {})
	got := p.Events(t)
	once(t, got)
	missing := 0
	for raw := range want {
		if _, ok := slices.BinarySearch(got, raw); !ok {
			if missing++; missing < 4 {
				t.Errorf("was acknowledged, and is not there: %s", raw)
			}
		}
	}
	if thorough {
		p.Sound(t)
	}
}

func once(t *testing.T, sorted []string) {
	t.Helper()
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			t.Fatalf("is there twice: %s", sorted[i])
		}
	}
}
