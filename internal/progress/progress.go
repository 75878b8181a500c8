// Package progress tells a waiting person how far long work has come.
//
// A [Meter] keeps one line of a terminal up to date:
//
//	import  12,345 events  41,000/s  63 %  8 s left
//
// It starts no goroutine: the line is repainted inside the calls that report
// progress, at most five times a second. Off a terminal it stays silent, since
// a log file has no use for a line that overwrites itself. The package also
// writes numbers, sizes and durations the way all of Tarn shows them.
package progress

import (
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"time"
)

const (
	// repaintEvery is often enough to look alive and rare enough to read.
	repaintEvery = 200 * time.Millisecond
	// usualWidth is that of a terminal that does not say.
	usualWidth = 80
	// clearRight removes what is left of a longer line painted before.
	clearRight = "\x1b[K"
)

// Options say what a meter shows. The zero value is a silent meter.
type Options struct {
	Label string           // what is being done, at the start of the line
	Unit  string           // what is counted, in the plural; "bytes" are shown as sizes
	Total int64            // how much there is to do; 0 is unknown
	Live  bool             // the writer is a terminal: paint; otherwise stay silent
	Now   func() time.Time // the clock; nil is time.Now
	// Width tells how many characters the terminal's rows have at this moment;
	// nil, or 0, is the usual 80.
	Width func() int
}

// Meter counts work done and shows it. Its methods may be called from several
// goroutines. Errors of the writer are ignored: work is not given up because
// nobody can watch it.
type Meter struct {
	mu      sync.Mutex
	w       io.Writer
	o       Options
	start   time.Time
	painted time.Time // when the line was painted last; start before that
	done    int64
	extra   string
	dirty   bool // a line stands on the terminal
	over    bool
}

// New starts a meter that paints on w. Work that ends within the first fifth
// of a second paints nothing at all.
func New(w io.Writer, o Options) *Meter {
	if o.Now == nil {
		o.Now = time.Now
	}
	now := o.Now()
	return &Meter{w: w, o: o, start: now, painted: now}
}

// Add reports n more units done.
func (m *Meter) Add(n int64) {
	m.update(func() { m.done += n })
}

// SetDone reports how many units are done in all, for work that counts itself.
func (m *Meter) SetDone(n int64) {
	m.update(func() { m.done = n })
}

// SetTotal tells how much there is to do, once that is known; 0 is unknown.
func (m *Meter) SetTotal(n int64) {
	m.update(func() { m.o.Total = n })
}

// Line puts extra at the end of the line, for what numbers do not tell, such
// as the file being read. It stays until the next call; "" removes it.
func (m *Meter) Line(extra string) {
	m.update(func() { m.extra = extra })
}

// Finish clears the line, so that whatever is printed next starts on an empty
// one. Reports after Finish, and a second Finish, do nothing.
func (m *Meter) Finish() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
	if m.dirty {
		m.dirty = false
		_, _ = io.WriteString(m.w, "\r"+clearRight)
	}
}

// update makes a change, then repaints if that is due.
func (m *Meter) update(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
	if m.over || !m.o.Live {
		return
	}
	now := m.o.Now()
	if now.Sub(m.painted) < repaintEvery {
		return
	}
	m.painted, m.dirty = now, true
	_, _ = io.WriteString(m.w, "\r"+m.line(now.Sub(m.start))+clearRight)
}

// line is the text of the line after the given time of work.
func (m *Meter) line(elapsed time.Duration) string {
	var parts []string
	if m.o.Label != "" {
		parts = append(parts, m.o.Label)
	}
	rate := float64(m.done) / elapsed.Seconds()
	parts = append(parts, m.amount(m.done), m.number(roundRate(rate))+"/s")
	if m.o.Total > 0 {
		parts = append(parts, m.remaining(rate)...)
	}
	if m.extra != "" {
		parts = append(parts, m.extra)
	}
	return cut(strings.Join(parts, "  "), m.width())
}

// width keeps the line on one row, whose last character stays free: a carriage
// return goes back to the start of the last row only.
func (m *Meter) width() int {
	n := 0
	if m.o.Width != nil {
		n = m.o.Width()
	}
	if n < 2 {
		n = usualWidth
	}
	return n - 1
}

// remaining is how much of the total is done and how long the rest will take
// at the rate so far.
func (m *Meter) remaining(rate float64) []string {
	// An estimated total may turn out too small; more than all looks broken.
	share := min(float64(m.done)/float64(m.o.Total), 1)
	parts := []string{fmt.Sprintf("%.0f %%", math.Floor(100*share))}
	if rate <= 0 || m.done >= m.o.Total {
		return parts
	}
	left := float64(m.o.Total-m.done) / rate
	if left > (1000 * time.Hour).Seconds() {
		return parts // a guess of weeks helps nobody, and may overflow
	}
	whole := time.Duration(math.Ceil(left)) * time.Second
	return append(parts, Duration(whole)+" left")
}

// amount is a number together with its unit.
func (m *Meter) amount(n int64) string {
	if m.o.Unit == "" || m.o.Unit == "bytes" {
		return m.number(n)
	}
	return m.number(n) + " " + m.o.Unit
}

// number writes n as the unit wants it.
func (m *Meter) number(n int64) string {
	if m.o.Unit == "bytes" {
		return Bytes(n)
	}
	return Count(n)
}

// roundRate keeps two digits: the others change with every repaint and cannot
// be read.
func roundRate(rate float64) int64 {
	if rate < 100 {
		return int64(math.Round(rate))
	}
	step := math.Pow(10, math.Floor(math.Log10(rate))-1)
	return int64(math.Round(rate/step) * step)
}

// cut shortens s to at most width characters.
func cut(s string, width int) string {
	r := []rune(s)
	if len(r) <= width {
		return s
	}
	return string(r[:width-1]) + "…"
}
