package eventgen

import (
	"cmp"
	"slices"
)

// regions are where the company works, the ones it uses most first. Sign-ins
// and other global services report to us-east-1.
var regions = [...]struct {
	name   string
	weight float64
}{
	{globalRegion, 5}, {homeRegion, 10}, {"eu-west-1", 4}, {"eu-central-1", 2}, {"us-west-2", 1.5},
	{"eu-west-3", 1}, {"us-east-2", 0.9}, {"ap-northeast-1", 0.8}, {"ap-southeast-1", 0.7}, {"ca-central-1", 0.6},
	{"eu-west-2", 0.5}, {"ap-south-1", 0.5}, {"us-west-1", 0.4}, {"ap-southeast-2", 0.4}, {"eu-south-1", 0.3}, {"ap-northeast-2", 0.3},
}

const (
	globalRegion = "us-east-1"
	homeRegion   = "eu-north-1"
	// unusedRegion is where nothing happens but in the story.
	unusedRegion = "sa-east-1"
)

// lane is one region of one account: what CloudTrail delivers together.
type lane struct {
	account *account
	region  string
	reports int // 1 where global services report, else 0
	seed    uint64
	events  int // in the background
	rhythm  *rhythm
	world   world
	scenes  []*scene // of the story, in order of time
}

// newLanes shares the events out to the accounts and regions, to the last
// one, and returns the lanes in the order of their keys.
func newLanes(o Options, r *rhythm) []*lane {
	var lanes []*lane
	var upTo []float64
	sum := 0.0
	for i := range o.Accounts {
		a := newAccount(o.Seed, i)
		for _, region := range regions[:o.Regions] {
			lanes = append(lanes, newLane(a, region.name, r))
			sum += region.weight / float64(i+1)
			upTo = append(upTo, sum)
		}
	}
	before := 0
	for i, l := range lanes {
		share := float64(float64(o.Events) * (upTo[i] / sum)) // rounded here on every machine
		after := int(share + 0.5)
		l.events, before = after-before, after
	}
	if !o.NoStory {
		lanes = append(lanes, newLane(lanes[0].account, unusedRegion, r))
	}
	slices.SortFunc(lanes, func(a, b *lane) int {
		return cmp.Or(cmp.Compare(a.account.id, b.account.id), cmp.Compare(a.region, b.region))
	})
	return lanes
}

func newLane(a *account, region string, r *rhythm) *lane {
	l := &lane{account: a, region: region, seed: mixText(a.seed, region), rhythm: r}
	if region == globalRegion {
		l.reports = 1
	}
	l.world[kindUser], l.world[kindRole] = a.users, a.roles
	l.world[kindApp], l.world[kindPart] = apps[:], parts[:]
	m := maker{}
	m.src.start(l.seed, 0)
	m.rec.lane = l
	for k, spec := range worldSpec {
		name := compile(spec.pattern)
		for range spec.count {
			l.world[k] = append(l.world[k], string(m.expand(nil, name)))
		}
	}
	return l
}

// begin starts the stream of a record and returns its time. Ranks are in
// order of time: a later rank is never earlier.
func (l *lane) begin(s *source, rank int) int64 {
	s.start(l.seed, uint64(rank))
	return l.rhythm.at((float64(rank) + s.unit()) / float64(l.events))
}
