package eventgen

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Story is what was planted among the events: somebody guesses a password,
// makes themselves a key, and uses it for a week until they are thrown out.
// Everything in it happens in one account, between the twelfth and the
// nineteenth day; a period of less than 20 days has it earlier and faster.
type Story struct {
	Account      string // where it happens
	Region       string // and where in it, mostly
	UnusedRegion string // where nothing happens but the attacker's machines

	SignInAddress string // from where the attacker guesses passwords
	KeyAddress    string // from where they use the key
	Victim        string // the user whose password they guess
	FailedSignIns int    // failed ConsoleLogins from SignInAddress
	SignIn        time.Time

	ServiceUser string // the user for whom they make the key
	AccessKeyID string // the key
	KeyEvents   int    // events made with it
	FirstUse    time.Time
	LastUse     time.Time

	Bucket        string // what they are after
	ObjectsTaken  int    // GetObject from Bucket with the key
	SecurityGroup string // which they open to the world, in Region
	WorldOpenings int    // how often they open a group to 0.0.0.0/0
	StopLoggingID string // eventID of their StopLogging

	Admin  string // who ends it
	Events int    // of the whole story, with Options.Incidents
	First  time.Time
	Last   time.Time
}

// The names of the story. Background addresses end at 150 or below, so the
// attacker's are theirs alone.
const (
	storyVictim     = "jonas.lie"
	storyAdmin      = "ingrid.berg"
	storyRobot      = "svc-reporting"
	storyBucket     = "fjordbyte-customer-exports"
	signInAddress   = "203.0.113.211"
	keyAddress      = "198.51.100.219"
	storyDays       = 20 // a shorter period has a faster story
	storyFirstDay   = 11
	storyBucketRank = 4 // how busy the bucket is apart from the story
)

// scene is one event of the story.
type scene struct {
	step  *step
	at    int64
	id    [2]uint64
	call  *call
	actor *actor
}

// tellStory plants the script's events in the lanes where they happen.
func (g *Generator) tellStory() {
	home := g.lane(homeRegion)
	if home == nil {
		home = g.lane(globalRegion)
	}
	st := &g.story
	*st = Story{
		Account: home.account.id, Region: home.region, UnusedRegion: unusedRegion,
		SignInAddress: signInAddress, KeyAddress: keyAddress, Victim: storyVictim,
		ServiceUser: storyRobot, Admin: storyAdmin, Bucket: storyBucket,
		AccessKeyID:   keyID("AKIA", mixText(g.options.Seed, "the planted key"), 20),
		SecurityGroup: home.world[kindGroup][2],
	}
	home.world[kindBucket] = slices.Insert(home.world[kindBucket], storyBucketRank, storyBucket)

	t := teller{g: g, home: home, cast: g.newCast()}
	t.src.start(mixText(home.account.seed, "story"), 0)
	for i := range script {
		t.tell(&script[i])
	}
	if g.options.Incidents {
		for i := range secondScript {
			t.tell(&secondScript[i])
		}
	}
	for _, l := range g.lanes {
		slices.SortStableFunc(l.scenes, func(a, b *scene) int { return int(a.at - b.at) })
	}
}

// lane returns the first account's lane in a region, or nil.
func (g *Generator) lane(region string) *lane {
	for _, l := range g.lanes {
		if l.region == region && l.account.id == accountIDs[0] {
			return l
		}
	}
	return nil
}

// teller turns the script into scenes.
type teller struct {
	g    *Generator
	home *lane
	cast map[part]*actor
	src  source
}

// tell plants one step of the script, as often as it happens.
func (t *teller) tell(s *step) {
	o := t.g.options
	l := t.home
	switch s.where {
	case inGlobal:
		l = t.g.lane(globalRegion)
	case inUnused:
		l = t.g.lane(unusedRegion)
	}
	clock, _ := time.Parse(time.TimeOnly, s.clock) // TestScriptCanBePlayed reads every one
	seconds := int64(storyFirstDay+s.day)*day + int64(clock.Hour()*hour+clock.Minute()*minute+clock.Second())
	for i := range max(1, s.times) {
		at := o.Start.Unix() + seconds*int64(min(o.Days, storyDays))/storyDays
		sc := &scene{step: s, at: at, call: t.call(s, i), actor: t.cast[s.by], id: [2]uint64{t.src.Uint64(), t.src.Uint64()}}
		l.scenes = append(l.scenes, sc)
		t.note(sc)
		seconds += s.every/2 + int64(t.src.n(int(s.every)+1))
	}
}

// call returns the step's API with the story's own parameters in it.
func (t *teller) call(s *step, n int) *call {
	service, name, _ := strings.Cut(s.api, " ")
	known := t.g.catalog.called(service, name)
	machines := t.g.lane(unusedRegion).world[kindInstance]
	group := t.g.story.SecurityGroup
	if s.where == inUnused {
		group = t.g.lane(unusedRegion).world[kindGroup][0]
	}
	names := strings.NewReplacer(
		"<bucket>", storyBucket, "<user>", storyRobot, "<role>", stolenRole, "$victim", storyVictim, "$key", t.g.story.AccessKeyID,
		"<sg>", group, "<trail>", t.home.world[kindTrail][0], "<instance>", machines[n%2],
		"<key>", "customers/2026-09/export-"+strconv.Itoa(10_417+n+100*s.day)+".csv.gz",
		"m6i.large", "g5.12xlarge", "<keypair>", "k1", ec2Tags, `"tagSet":{}`,
	)
	a := *known.api
	a.fails = failure{0, s.code, s.message}
	for own, text := range map[*string]string{&a.request: s.request, &a.response: s.response, &a.extra: s.extra} {
		if text != "" {
			*own = text
		}
	}
	for _, text := range []*string{&a.request, &a.response, &a.resources, &a.extra, &a.fails.message} {
		*text = names.Replace(*text)
	}
	of := *known.of
	of.host = names.Replace(of.host)
	return newCall(&of, &a)
}

// note keeps the facts that tests and the demo will ask for.
func (t *teller) note(sc *scene) {
	st, at := &t.g.story, time.Unix(sc.at, 0).UTC()
	st.Events++
	if st.First.IsZero() || at.Before(st.First) {
		st.First = at
	}
	if at.After(st.Last) {
		st.Last = at
	}
	name := sc.call.name
	if sc.step.by == theKey {
		st.KeyEvents++
		if st.FirstUse.IsZero() {
			st.FirstUse = at
		}
		if at.After(st.LastUse) {
			st.LastUse = at
		}
		switch name {
		case "GetObject":
			st.ObjectsTaken++
		case "StopLogging":
			st.StopLoggingID = string(appendUUID(nil, sc.id[0], sc.id[1], lowerHex))
		case "AuthorizeSecurityGroupIngress":
			st.WorldOpenings++
		}
	}
	if name == "ConsoleLogin" {
		if sc.step.message != "" {
			st.FailedSignIns++
		} else if sc.step.by == theVictim {
			st.SignIn = at
			t.cast[theVictim].since = sc.at
		}
	}
}

// perform writes a scene.
func (m *maker) perform(b []byte, sc *scene) []byte {
	m.src.start(sc.id[0], sc.id[1])
	l := sc.lane(m.gen)
	m.fresh(l, sc.at)
	m.rec.id, m.rec.call = sc.id, sc.call
	c, a := &m.caller, sc.actor
	c.who, c.identity, c.since = a.who, a.identity, a.since
	if c.since == 0 {
		c.since = sc.at / hour * hour
	}
	c.session, c.key = append(c.session, a.session...), append(c.key, a.key...)
	if a.who != nil {
		c.arn = append(append(c.arn, a.who.arn...), a.session...)
	}
	c.address = append(c.address, a.address...)
	c.agent, c.overTLS, c.console, c.foreign = a.agent, true, a.console, a.foreign
	if f := &sc.call.fails; f.message != "" {
		m.rec.code, m.rec.message, m.rec.failed = f.code, sc.call.failMessage, true
	}
	return m.appendRecord(b)
}

// lane returns where the scene takes place.
func (sc *scene) lane(g *Generator) *lane {
	switch sc.step.where {
	case inGlobal:
		return g.lane(globalRegion)
	case inUnused:
		return g.lane(unusedRegion)
	}
	return g.lane(g.story.Region)
}
