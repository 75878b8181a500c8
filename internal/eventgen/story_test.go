package eventgen

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// found counts the story's facts in a bucket.
type found struct {
	failures, keyEvents, taken, openings, bucketCallers int
	signIn, first, last, stopped                        string
}

func find(t *testing.T, g *Generator) found {
	var f found
	st := g.Story()
	callers := map[string]bool{}
	for object := range g.Objects() {
		for _, raw := range records(t, object.Body) {
			e := parse(t, raw)
			if e.SourceIPAddress == st.SignInAddress && e.EventName == "ConsoleLogin" {
				if string(e.ResponseElements) == `{"ConsoleLogin":"Failure"}` {
					f.failures++
				} else if f.signIn = e.EventTime; e.AdditionalEventData["MFAUsed"] != "No" || e.UserIdentity.UserName != st.Victim {
					t.Errorf("the attacker's sign-in is %s", raw)
				}
			}
			aboutBucket := bytes.Contains(e.RequestParameters, []byte(`"bucketName":"`+st.Bucket+`"`))
			if aboutBucket {
				callers[e.UserIdentity.Arn] = true
			}
			if e.EventID == st.StopLoggingID {
				f.stopped = e.EventSource + " " + e.EventName
			}
			if e.UserIdentity.AccessKeyID != st.AccessKeyID {
				continue
			}
			if f.keyEvents++; f.first == "" || e.EventTime < f.first {
				f.first = e.EventTime
			}
			f.last = max(f.last, e.EventTime)
			if e.SourceIPAddress != st.KeyAddress || e.UserIdentity.UserName != st.ServiceUser {
				t.Errorf("the key is used by somebody else: %s", raw)
			}
			if aboutBucket && e.EventName == "GetObject" {
				f.taken++
			}
			if e.EventName == "AuthorizeSecurityGroupIngress" && bytes.Contains(e.RequestParameters, []byte("0.0.0.0/0")) {
				f.openings++
			}
		}
	}
	f.bucketCallers = len(callers)
	return f
}

func TestTheStoryIsInTheBucket(t *testing.T) {
	for name, o := range map[string]Options{
		"a month":    {Events: 3000},
		"one region": {Accounts: 1, Regions: 1, Events: 2000},
		"two trails": {Accounts: 3, Events: 5000, DuplicatePercent: 50, Seed: 9},
		"two days":   {Days: 2, Events: 1000},
		"incidents":  {Events: 3000, Incidents: true},
	} {
		t.Run(name, func(t *testing.T) {
			g := New(o)
			st, got := g.Story(), find(t, g)
			iso := func(at time.Time) string { return at.Format("2006-01-02T15:04:05Z") }
			want := found{
				failures: st.FailedSignIns, keyEvents: st.KeyEvents, taken: st.ObjectsTaken, openings: st.WorldOpenings,
				signIn: iso(st.SignIn), first: iso(st.FirstUse), last: iso(st.LastUse),
				stopped: "cloudtrail.amazonaws.com StopLogging", bucketCallers: got.bucketCallers,
			}
			if got != want {
				t.Errorf("in the bucket: %+v\nin the Story:  %+v", got, want)
			}
			if got.failures < 10 || got.taken < 30 || got.openings < 2 {
				t.Errorf("the story is too thin: %+v", got)
			}
			if most := map[bool]int{false: 150, true: 300}[o.Incidents]; st.Events < 60 || st.Events > most {
				t.Errorf("%d events, want 60 to %d", st.Events, most)
			}
		})
	}
}

func TestTheStoryOfTheDemo(t *testing.T) {
	g := New(Options{})
	st := g.Story()
	if got := st.First.Format(time.DateOnly) + " " + st.Last.Format(time.DateOnly); got != "2026-10-12 2026-10-19" {
		t.Errorf("the story runs from %s", got)
	}
	// The benchmark asks for this week of the key.
	from, to := time.Date(2026, 10, 12, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 19, 0, 0, 0, 0, time.UTC)
	if st.FirstUse.Before(from) || !st.LastUse.Before(to) || st.LastUse.Sub(st.FirstUse) < 6*24*time.Hour {
		t.Errorf("the key is used from %s to %s", st.FirstUse, st.LastUse)
	}
	if f := find(t, g); f.bucketCallers < 4 {
		t.Errorf("%d callers touch the planted bucket; it should not stand out", f.bucketCallers)
	}
}

func TestNoStory(t *testing.T) {
	g := New(Options{Events: 20_000, NoStory: true})
	if g.Story() != (Story{}) {
		t.Errorf("NoStory, but %+v", g.Story())
	}
	for object := range g.Objects() {
		for _, trace := range []string{signInAddress, keyAddress, unusedRegion, "StopLogging"} {
			if bytes.Contains(object.Body, []byte(trace)) || strings.Contains(object.Key, trace) {
				t.Errorf("NoStory, but %s in %s", trace, object.Key)
			}
		}
	}
}

// More of the story adds events, and changes none of the others.
func TestIncidentsAreAdded(t *testing.T) {
	events := func(o Options) map[string]bool {
		all := map[string]bool{}
		for object := range New(o).Objects() {
			for _, raw := range records(t, object.Body) {
				all[string(raw)] = true
			}
		}
		return all
	}
	without, with := events(Options{Events: 2000}), events(Options{Events: 2000, Incidents: true})
	for raw := range without {
		if !with[raw] {
			t.Fatalf("Incidents changed %s", raw)
		}
	}
	if more := len(with) - len(without); more < 80 {
		t.Errorf("Incidents adds %d events", more)
	}
}

func TestScriptsCanBePlayed(t *testing.T) {
	for _, s := range [][]step{script[:], secondScript[:]} {
		canBePlayed(t, s)
	}
}

func canBePlayed(t *testing.T, script []step) {
	c := newCatalog()
	last := -storyFirstDay * 24 * time.Hour
	for _, s := range script {
		clock, err := time.Parse(time.TimeOnly, s.clock)
		if err != nil {
			t.Errorf("%s: %v", s.api, err)
		}
		service, name, _ := strings.Cut(s.api, " ")
		if c.called(service, name) == nil || c.find(service, name) == nil && s.request == "" && s.code == "" {
			t.Errorf("%s: nothing in the catalog is called that", s.api)
		}
		at := time.Duration(s.day)*24*time.Hour + clock.Sub(clock.Truncate(24*time.Hour))
		if at <= last {
			t.Errorf("day %d %s %s is told after what follows it", s.day, s.clock, s.api)
		}
		last = at
	}
}
