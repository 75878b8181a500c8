package lake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/lake"
	"tarn/lake/laketest"
)

// words are outcomes as one reads them.
var words = map[lake.Outcome]string{lake.Stored: "stored", lake.Duplicate: "duplicate", lake.Conflict: "conflict"}

// ways are how the same events may come into a lake: what they are to it must
// not depend on that. Each returns what became of the events.
var ways = map[string]func(*testing.T, laketest.Place, []lake.Event) []string{
	"in one import": func(t *testing.T, p laketest.Place, events []lake.Event) []string {
		return offerEach(t, p, lake.AppendOptions{}, events, nil)
	},
	"sealed one by one": func(t *testing.T, p laketest.Place, events []lake.Event) []string {
		return offerEach(t, p, lake.AppendOptions{MemoryBytes: 1}, events, nil)
	},
	"each when its day has passed": func(t *testing.T, p laketest.Place, events []lake.Event) []string {
		return offerEach(t, p, lake.AppendOptions{}, events, func(a *lake.Appender) error {
			return a.Advance(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
		})
	},
	"each in an import of its own": func(t *testing.T, p laketest.Place, events []lake.Event) (all []string) {
		for _, e := range events {
			all = append(all, offerEach(t, p, lake.AppendOptions{}, []lake.Event{e}, nil)...)
		}
		return all
	},
}

// offerEach imports each event as a source of its own, and does what is to be done
// between them.
func offerEach(t *testing.T, p laketest.Place, o lake.AppendOptions, events []lake.Event, between func(*lake.Appender) error) (all []string) {
	t.Helper()
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		a, err := l.Append(st, o)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range events {
			what := laketest.Put(t, a, laketest.Object{Key: fmt.Sprint("object ", i), Events: []lake.Event{e}})
			all = append(all, words[what[0]])
			if between != nil {
				if err := between(a); err != nil {
					t.Fatal(err)
				}
			}
		}
		r, err := a.Finish()
		if err != nil {
			t.Fatal(err)
		}
		if c := r.Counts; c.Offered != int64(len(events)) || c.Offered != c.Stored+c.Duplicates+c.Conflicts+c.Filtered+c.Rejected {
			t.Errorf("counts of %d events do not add up: %+v", len(events), c)
		}
	})
	return all
}

const (
	noon     = "2026-01-02T12:00:00Z"
	lastSec  = "2026-01-02T23:59:59Z"
	firstSec = "2026-01-03T00:00:00Z"
	nextNoon = "2026-01-03T12:00:00Z"
	dayAfter = "2026-01-04T12:00:00Z"
)

// happening is an event as the tables write it: id, time, note.
type happening [3]string

func (h happening) event(t *testing.T) lake.Event { return laketest.Event(t, h[0], h[1], h[2]) }

func TestWhatAnEventIsToTheStore(t *testing.T) {
	for _, tt := range laketest.Few(2, []struct {
		name   string
		events []happening
		want   string
	}{
		{"a conflict on the next day comes again", []happening{{"a", noon, ""}, {"a", nextNoon, ""}, {"a", nextNoon, ""}},
			"stored conflict duplicate"},
		{"other ids are other events", []happening{{"a", noon, ""}, {"b", noon, ""}}, "stored stored"},
		{"the same bytes again are a duplicate", []happening{{"a", noon, ""}, {"a", noon, ""}, {"a", noon, ""}},
			"stored duplicate duplicate"},
		{"other bytes under an id are a conflict", []happening{{"a", noon, "1"}, {"a", noon, "2"}}, "stored conflict"},
		{"a third variant is one more conflict", []happening{{"a", noon, "1"}, {"a", noon, "2"}, {"a", noon, "3"}},
			"stored conflict conflict"},
		{"event and conflict come again", []happening{{"a", noon, "1"}, {"a", noon, "2"}, {"a", noon, "1"}, {"a", noon, "2"}},
			"stored conflict duplicate duplicate"},
		{"a conflict a second later on the next day", []happening{{"a", lastSec, ""}, {"a", firstSec, ""}}, "stored conflict"},
		{"a conflict on the day before", []happening{{"a", firstSec, ""}, {"a", lastSec, ""}}, "stored conflict"},
		{"two days later the id is another event's", []happening{{"a", noon, ""}, {"a", dayAfter, ""}}, "stored stored"},
		{"a conflict does not stand between event and event", []happening{{"a", noon, ""}, {"a", nextNoon, ""}, {"a", dayAfter, ""}},
			"stored conflict stored"},
		{"without id, the same bytes are a duplicate", []happening{{"", noon, "1"}, {"", noon, "1"}}, "stored duplicate"},
		{"without id, other bytes are another event", []happening{{"", noon, "1"}, {"", noon, "2"}, {"", noon, "1"}},
			"stored stored duplicate"},
		{"with and without id", []happening{{"", noon, "1"}, {"a", noon, "1"}, {"a", noon, "2"}, {"", noon, "1"}},
			"stored stored conflict duplicate"},
	}) {
		for way, bring := range ways {
			t.Run(tt.name+", "+way, func(t *testing.T) {
				t.Parallel()
				p := laketest.NewPlace(t)
				var events []lake.Event
				kept := map[string][]string{}
				want := strings.Fields(tt.want)
				for i, h := range tt.events {
					e := h.event(t)
					events = append(events, e)
					kept[want[i]] = append(kept[want[i]], string(e.Raw))
				}
				if d := cmp.Diff(want, bring(t, p, events)); d != "" {
					t.Errorf("outcomes (-want +got):\n%s", d)
				}
				laketest.Same(t, "events", kept["stored"], p.Events(t))
				laketest.Same(t, "conflicts", kept["conflict"], p.Conflicts(t))

				again := bring(t, p, events)
				if d := cmp.Diff(strings.Fields(strings.Repeat("duplicate ", len(events))), again); d != "" {
					t.Errorf("outcomes when all come again (-want +got):\n%s", d)
				}
				laketest.Same(t, "events in the end", kept["stored"], p.Events(t))
				laketest.Same(t, "conflicts in the end", kept["conflict"], p.Conflicts(t))
				p.Sound(t)
			})
		}
	}
}

func TestKeepDuplicatesStoresEverything(t *testing.T) {
	p := laketest.NewPlace(t)
	var want []string
	var events []lake.Event
	for _, note := range []string{"1", "1", "2"} {
		e := laketest.Event(t, "a", noon, note)
		events, want = append(events, e), append(want, string(e.Raw))
	}
	r := p.Fill(t, lake.AppendOptions{KeepDuplicates: true}, laketest.Object{Key: "k", Events: events})
	if d := cmp.Diff(lake.Counts{Offered: 3, Stored: 3}, r.Counts); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
	laketest.Same(t, "events", want, p.Events(t))
	laketest.Same(t, "conflicts", nil, p.Conflicts(t))
}

// Late events make another segment of their day, one from an import unless they
// take too much room; how the days were cut must not show: every event is there
// once, however late it comes and comes again.
func TestLateEventsMakeAnotherSegment(t *testing.T) {
	for _, o := range laketest.Few(1, []lake.AppendOptions{
		{MemoryBytes: 1, DiskBytes: 1}, {MemoryBytes: 300}, {MemoryBytes: 1}, {MemoryBytes: 64 << 10}, {},
	}) {
		t.Run(optionsName(o), func(t *testing.T) {
			t.Parallel()
			p := laketest.NewPlace(t)
			var objects []laketest.Object
			var want []string
			for i := range 60 {
				// Three days, again and again from the first.
				e := laketest.Event(t, fmt.Sprint("id-", i), fmt.Sprintf("2026-01-0%dT12:00:%02dZ", 1+i%3, i), "")
				want = append(want, string(e.Raw))
				objects = append(objects,
					laketest.Object{Key: fmt.Sprint("trail-1/", i), Events: []lake.Event{e}},
					laketest.Object{Key: fmt.Sprint("trail-2/", i), Events: []lake.Event{e}})
			}
			p.Write(t, func(l *lake.Lake, st lake.Store) {
				a, err := l.Append(st, o)
				if err != nil {
					t.Fatal(err)
				}
				for i, o := range objects {
					laketest.Put(t, a, o)
					// The calendar runs ahead of the events every now and then.
					if i%7 == 0 {
						if err := a.Advance(time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)); err != nil {
							t.Fatal(err)
						}
					}
				}
				r, err := a.Finish()
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(lake.Counts{Offered: 120, Stored: 60, Duplicates: 60}, r.Counts); d != "" {
					t.Errorf("counts (-want +got):\n%s", d)
				}
				if n := len(r.Segments); o.DiskBytes > 0 && n < 30 || o.DiskBytes == 0 && n > 6 {
					t.Errorf("%d segments of 3 days; want two a day, or many without room", n)
				}
			})
			laketest.Same(t, "events", want, p.Events(t))
			p.Sound(t)
		})
	}
}

// Whatever the bytes of an event: they come out as they went in, and an event
// like it is known again.
func TestOddEventsAreKept(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	for _, raw := range laketest.Few(1, []string{
		`{"eventTime":"` + noon + `"}`,
		"{ \t\n \"eventTime\" : \"" + noon + "\" }",
		`{"eventTime":"` + noon + `","x":"\ud800 \u0000 ÿ 日本 \/"}`,
		`{"eventTime":"` + noon + `","awsRegion":"` + long + `","recipientAccountId":"` + long + `"}`,
		`{"eventTime":"` + noon + `","a":1,"a":2,"userIdentity":[],"resources":{},"requestParameters":7}`,
	}) {
		t.Run(fmt.Sprintf("%.60s", raw), func(t *testing.T) {
			t.Parallel()
			p := laketest.NewPlace(t)
			e := laketest.RawEvent(t, "", noon, raw)
			for i, want := range []string{"stored", "duplicate"} {
				got := offerEach(t, p, lake.AppendOptions{}, []lake.Event{e}, nil)
				if d := cmp.Diff([]string{want}, got); d != "" {
					t.Errorf("import %d (-want +got):\n%s", i+1, d)
				}
			}
			laketest.Same(t, "events", []string{raw}, p.Events(t))
			p.Sound(t)
		})
	}
}

// The lists of accounts and regions in a log entry come from the events: long
// ones must not make it longer than an entry can be.
func TestLongListsFitIntoTheLog(t *testing.T) {
	for _, length := range laketest.Few(1, []int{16, 17, 1000}) {
		t.Run(fmt.Sprintf("names of %d bytes", length), func(t *testing.T) {
			t.Parallel()
			p := laketest.NewPlace(t)
			var events []lake.Event
			// More days than an entry has room for segments.
			for day := range 20 {
				for i := range 64 {
					at := fmt.Sprintf("2026-01-%02dT12:00:00Z", day+1)
					name := fmt.Sprintf("%0*d", length, i)
					events = append(events, laketest.RawEvent(t, "", at, fmt.Sprintf(
						`{"eventTime":%q,"awsRegion":%q,"recipientAccountId":%q}`, at, name, name)))
				}
			}
			r := p.Fill(t, lake.AppendOptions{}, laketest.Object{Key: "k", Events: events})
			if len(r.Segments) != 20 || r.Counts.Stored != int64(len(events)) {
				t.Errorf("%d segments with %d events; want 20 with %d", len(r.Segments), r.Counts.Stored, len(events))
			}
			if kept := r.Segments[0].Stats.Regions != nil; kept != (length == 16) {
				t.Errorf("the list of regions is kept: %t", kept)
			}
			p.Sound(t)
		})
	}
}
