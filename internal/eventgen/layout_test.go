package eventgen

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

var keyLayout = regexp.MustCompile(`^AWSLogs/(\d{12})/CloudTrail/([a-z0-9-]+)/(\d{4}/\d\d/\d\d)/(\d{12})_CloudTrail_([a-z0-9-]+)_(\d{8}T\d{4}Z)_[A-Za-z0-9]{16}\.json\.gz$`)

func TestKeysFollowTheLayout(t *testing.T) {
	eachShape(t, func(t *testing.T, o Options) {
		g := New(o)
		end := g.options.Start.AddDate(0, 0, g.options.Days)
		lastDay, lastKey := "", ""
		for object := range g.Objects() {
			m := keyLayout.FindStringSubmatch(object.Key)
			if m == nil || m[1] != m[4] || m[2] != m[5] {
				t.Fatalf("key %s does not follow the layout", object.Key)
			}
			delivered, err := time.Parse("20060102T1504Z", m[6])
			if err != nil || delivered.Format("2006/01/02") != m[3] {
				t.Errorf("key %s has two days (%v)", object.Key, err)
			}
			if m[3] < lastDay || m[3] == lastDay && object.Key <= lastKey {
				t.Errorf("%s comes after %s", object.Key, lastKey)
			}
			lastDay, lastKey = m[3], object.Key
			var last time.Time
			for _, raw := range records(t, object.Body) {
				at := parse(t, raw).time(t)
				if at.Before(g.options.Start) || !at.Before(end) {
					t.Errorf("%s is outside the period", at)
				}
				if at.After(last) {
					last = at
				}
			}
			if d := delivered.Sub(last); d < 2*time.Minute || d > 10*time.Minute {
				t.Errorf("%s is delivered %v after its last event", object.Key, d)
			}
		}
	})
}

func TestObjectsAreCutAsAsked(t *testing.T) {
	objects, n, ordered, late := 0, 0, 0, 0
	for object := range New(Options{Events: 12_000, EventsPerObject: 60}).Objects() {
		objects++
		n += object.Records
		previous, inOrder := "", true
		for _, raw := range records(t, object.Body) {
			e := parse(t, raw)
			inOrder = inOrder && e.EventTime >= previous
			previous = e.EventTime
			if folder := strings.ReplaceAll(keyLayout.FindStringSubmatch(object.Key)[3], "/", "-"); e.EventTime[:10] != folder {
				late++
			}
		}
		if inOrder {
			ordered++
		}
	}
	if mean := n / objects; mean < 55 || mean > 65 {
		t.Errorf("%d records per object, want about 60", mean)
	}
	if share := 100 * ordered / objects; share < 30 || share > 75 {
		t.Errorf("%d%% of the objects are in order, want about half", share)
	}
	if late == 0 {
		t.Errorf("no event is in the next day's folder")
	}
}

func TestEventsAreAsManifoldAsRealOnes(t *testing.T) {
	services, names, arns := map[string]bool{}, map[string]bool{}, map[string]bool{}
	var n, raw, gz, failed, data, weekend, night int
	var zipped bytes.Buffer
	w, _ := gzip.NewWriterLevel(&zipped, gzipLevel)
	for object := range New(Options{Events: 25_000, NoStory: true}).Objects() {
		raw += len(object.Body)
		zipped.Reset()
		w.Reset(&zipped)
		w.Write(object.Body)
		w.Close()
		gz += zipped.Len()
		for _, r := range records(t, object.Body) {
			e := parse(t, r)
			n++
			services[e.EventSource], names[e.EventName], arns[e.UserIdentity.Arn] = true, true, true
			at := e.time(t)
			if e.ErrorCode != "" {
				failed++
			}
			if !e.ManagementEvent {
				data++
			}
			if d := at.Weekday(); d == time.Saturday || d == time.Sunday {
				weekend++
			}
			if at.Hour() < 4 {
				night++
			}
		}
	}
	for _, claim := range []struct {
		what           string
		got, low, high int
	}{
		{"services", len(services), 25, 60},
		{"event names", len(names), 150, 500},
		{"callers", len(arns), 1000, 20_000},
		{"bytes per record", raw / n, 1300, 1500},
		{"gzipped bytes per record", gz / n, 130, 210},
		{"errors in a thousand", 1000 * failed / n, 25, 100},
		{"data events in a thousand", 1000 * data / n, 100, 300},
		{"weekend's events in a thousand", 1000 * weekend / n, 100, 230}, // 8 of 30 days are 267
		{"night's events in a thousand", 1000 * night / n, 60, 150},      // 4 of 24 hours are 167
	} {
		if claim.got < claim.low || claim.got > claim.high {
			t.Errorf("%s: %d, want %d to %d", claim.what, claim.got, claim.low, claim.high)
		}
	}
}

func TestEveryHoleHasAName(t *testing.T) {
	if len(worldSpec) > 64 {
		t.Fatalf("%d kinds of things; maker.picked has room for 64", len(worldSpec))
	}
	var texts []string
	for _, s := range services {
		texts = append(texts, s.host, s.extra, denials[s.denied])
		for _, a := range s.apis {
			texts = append(texts, a.host, a.request, a.response, a.resources, a.extra, a.details, a.fails.message)
		}
		if denials[s.denied] == "" || throttles[s.throttled] == "" {
			t.Errorf("%s: no message for %q or %q", s.name, s.denied, s.throttled)
		}
	}
	for _, s := range slices.Concat(script[:], secondScript[:]) {
		texts = append(texts, s.request, s.response, s.extra, s.message)
	}
	for _, w := range worldSpec {
		texts = append(texts, w.pattern)
	}
	texts = append(texts, keyPatterns[:]...)
	named := regexp.MustCompile(`<([^<>]+)>`)
	for _, text := range texts {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			if _, known := holeNamed(m[1]); !known && m[1] != "sensitiveDataRemoved" {
				t.Errorf("<%s> has no meaning in %s", m[1], text)
			}
		}
	}
}

func TestEveryClassFindsWork(t *testing.T) {
	c := newCatalog()
	for i := range classes {
		for j := range c.choosers[i] {
			if c.choosers[i][j].total() == 0 {
				t.Errorf("class %d has nothing to do in lanes of kind %d", i, j)
			}
		}
	}
	for _, k := range c.calls {
		if k.by&aws != 0 && len(k.invokers) == 0 {
			t.Errorf("%s %s: which services call it?", k.of.name, k.name)
		}
	}
}
