package progress_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tarn/internal/progress"
)

// clock is a time that passes when told to.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time       { return c.now }
func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }
func newClock() *clock                { return &clock{now: time.Unix(1_700_000_000, 0)} }
func lines(screen *strings.Builder) []string {
	text := strings.ReplaceAll(screen.String(), "\x1b[K", "")
	return strings.Split(text, "\r")[1:]
}

func TestLine(t *testing.T) {
	tests := []struct {
		name    string
		o       progress.Options
		elapsed time.Duration
		work    func(*progress.Meter)
		want    string
	}{
		{
			"a known total gives share and time left",
			progress.Options{Label: "import", Unit: "events", Total: 650_000}, 10 * time.Second,
			func(m *progress.Meter) { m.Add(412_345) },
			"import  412,345 events  41,000/s  63 %  6 s left",
		}, {
			"an unknown total gives neither",
			progress.Options{Label: "import", Unit: "events"}, 10 * time.Second,
			func(m *progress.Meter) { m.Add(412_345) },
			"import  412,345 events  41,000/s",
		}, {
			"a total may come later",
			progress.Options{Unit: "files"}, time.Second,
			func(m *progress.Meter) { m.SetTotal(40); m.SetDone(10) },
			"10 files  10/s  25 %  3 s left",
		}, {
			"bytes are sizes",
			progress.Options{Label: "verify", Unit: "bytes", Total: 100_000_000}, 4 * time.Second,
			func(m *progress.Meter) { m.Add(50_123_456) },
			"verify  50.1 MB  13.0 MB/s  50 %  4 s left",
		}, {
			"nothing done leaves the end open",
			progress.Options{Label: "import", Unit: "events", Total: 10}, time.Second,
			func(m *progress.Meter) { m.Add(0) },
			"import  0 events  0/s  0 %",
		}, {
			"all done has nothing left",
			progress.Options{Label: "import", Unit: "events", Total: 10}, time.Second,
			func(m *progress.Meter) { m.Add(10) },
			"import  10 events  10/s  100 %",
		}, {
			"almost done is not all",
			progress.Options{Unit: "events", Total: 1000}, time.Second,
			func(m *progress.Meter) { m.Add(999) },
			"999 events  1,000/s  99 %  1 s left",
		}, {
			"a total that was too small is not exceeded",
			progress.Options{Unit: "events", Total: 10}, time.Second,
			func(m *progress.Meter) { m.Add(25) },
			"25 events  25/s  100 %",
		}, {
			"weeks are not guessed",
			progress.Options{Unit: "events", Total: 1 << 62}, time.Second,
			func(m *progress.Meter) { m.Add(1) },
			"1 events  1/s  0 %",
		}, {
			"extra text stands at the end",
			progress.Options{Label: "import", Unit: "events"}, time.Second,
			func(m *progress.Meter) { m.Line("day 2026-11-22"); m.Add(5) },
			"import  5 events  5/s  day 2026-11-22",
		}, {
			"a long line is cut to a terminal's width",
			progress.Options{Label: "import"}, time.Second,
			func(m *progress.Meter) { m.Line(strings.Repeat("ü", 100)); m.Add(5) },
			"import  5  5/s  " + strings.Repeat("ü", 62) + "…",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var screen strings.Builder
			c := newClock()
			tt.o.Live, tt.o.Now = true, c.Now
			m := progress.New(&screen, tt.o)
			tt.work(m)
			c.pass(tt.elapsed)
			m.Add(0)
			if diff := cmp.Diff([]string{tt.want}, lines(&screen)); diff != "" {
				t.Errorf("lines painted: -want +got\n%s", diff)
			}
		})
	}
}

func TestRepaintsAtMostFiveTimesASecond(t *testing.T) {
	var screen strings.Builder
	c := newClock()
	m := progress.New(&screen, progress.Options{Unit: "events", Live: true, Now: c.Now})
	for range 2000 {
		c.pass(time.Millisecond)
		m.Add(1)
	}
	if got := len(lines(&screen)); got != 10 {
		t.Errorf("%d repaints in two seconds; want 10", got)
	}
}

func TestFinishClearsTheLineOnce(t *testing.T) {
	var screen strings.Builder
	c := newClock()
	m := progress.New(&screen, progress.Options{Unit: "events", Live: true, Now: c.Now})
	c.pass(time.Second)
	m.Add(1)
	m.Finish()
	m.Finish()
	c.pass(time.Second)
	m.Add(1)
	if got, want := screen.String(), "\r1 events  1/s\x1b[K\r\x1b[K"; got != want {
		t.Errorf("painted %q; want %q", got, want)
	}
}

func TestShortWorkPaintsNothing(t *testing.T) {
	var screen strings.Builder
	c := newClock()
	m := progress.New(&screen, progress.Options{Unit: "events", Live: true, Now: c.Now})
	c.pass(199 * time.Millisecond)
	m.Add(1000)
	m.Finish()
	if screen.Len() != 0 {
		t.Errorf("painted %q; want nothing", &screen)
	}
}

func TestOffATerminalItIsSilent(t *testing.T) {
	var log strings.Builder
	c := newClock()
	m := progress.New(&log, progress.Options{Label: "import", Total: 10, Now: c.Now})
	for range 10 {
		c.pass(time.Second)
		m.Add(1)
		m.Line("file")
	}
	m.Finish()
	if log.Len() != 0 {
		t.Errorf("wrote %q; want nothing", &log)
	}
}

func TestManyGoroutinesMayReport(t *testing.T) {
	var screen strings.Builder
	m := progress.New(&screen, progress.Options{Unit: "events", Live: true, Now: ticking()})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				m.Add(1)
			}
		})
	}
	wg.Wait()
	m.Add(0)
	painted := lines(&screen)
	if got := painted[len(painted)-1]; !strings.HasPrefix(got, "800 events") {
		t.Errorf("last line %q; want 800 events", got)
	}
}

// ticking returns a clock that goes on by a second whenever it is read. The
// meter reads it under its own lock.
func ticking() func() time.Time {
	c := newClock()
	return func() time.Time {
		c.pass(time.Second)
		return c.now
	}
}

func TestAWriterThatFailsStopsNothing(t *testing.T) {
	c := newClock()
	m := progress.New(broken{}, progress.Options{Live: true, Now: c.Now})
	c.pass(time.Second)
	m.Add(1)
	m.Finish()
}

// broken is a terminal that has gone away.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("gone") }

func Example() {
	c := newClock()
	var screen strings.Builder
	m := progress.New(&screen, progress.Options{Label: "import", Unit: "events", Total: 19_600, Live: true, Now: c.Now})
	c.pass(300 * time.Millisecond)
	m.Add(12_345)
	fmt.Println(lines(&screen)[0])
	m.Finish()
	// Output: import  12,345 events  41,000/s  62 %  1 s left
}

func TestTheLineIsAsWideAsTheTerminal(t *testing.T) {
	for width, want := range map[int]int{0: 79, 1: 79, 40: 39, 120: 119} {
		var out strings.Builder
		now := time.Unix(0, 0)
		m := progress.New(&out, progress.Options{
			Live: true, Now: func() time.Time { return now }, Width: func() int { return width },
		})
		now = now.Add(time.Second)
		m.Line(strings.Repeat("x", 200))
		line := strings.TrimSuffix(strings.TrimPrefix(out.String(), "\r"), "\x1b[K")
		if n := utf8.RuneCountInString(line); n != want {
			t.Errorf("on %d columns the line has %d characters; want %d", width, n, want)
		}
	}
}
