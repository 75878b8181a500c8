package cloudtrail

import (
	"context"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"tarn/lake/statedb"
	"tarn/server/access"
	"tarn/server/fault"
)

// A trail brings events into a bucket. Here it is a configuration that is kept, and
// nothing is delivered by it: no answer says otherwise.
var trailOperations = []operation{
	op("CreateTrail", access.Manage, (*API).createTrail),
	op("DeleteTrail", access.Manage, (*API).deleteTrail),
	op("DescribeTrails", access.Query, (*API).describeTrails),
	op("GetEventSelectors", access.Query, (*API).getEventSelectors),
	op("GetTrail", access.Query, (*API).getTrail),
	op("GetTrailStatus", access.Query, (*API).getTrailStatus),
	op("ListTrails", access.Query, (*API).listTrails),
	op("PutEventSelectors", access.Manage, (*API).putEventSelectors),
	op("StartLogging", access.Manage, (*API).startLogging),
	op("StopLogging", access.Manage, (*API).stopLogging),
	op("UpdateTrail", access.Manage, (*API).updateTrail),
}

const (
	trailKind statedb.Kind = "trail"
	// trailARN begins the ARNs of trails.
	trailARN = "arn:aws:cloudtrail:" + channelRegion + ":000000000000:trail/"
	// maxTrails is how many there are.
	maxTrails = 5
)

// trail is what is kept of one.
type trail struct {
	Name                       string
	S3BucketName               string
	S3KeyPrefix                string `json:",omitempty"`
	SnsTopicName               string `json:",omitempty"`
	SnsTopicARN                string `json:",omitempty"`
	IncludeGlobalServiceEvents bool
	IsMultiRegionTrail         bool
	LogFileValidationEnabled   bool
	CloudWatchLogsLogGroupArn  string `json:",omitempty"`
	CloudWatchLogsRoleArn      string `json:",omitempty"`
	IsOrganizationTrail        bool
	RecursiveLogging           bool
	Selectors                  *trailSelectors `json:",omitempty"`
	Settings                   *settings       `json:",omitempty"`
	Stopped                    time.Time       `json:",omitzero"`
}

func (t trail) arn() string { return trailARN + t.Name }

func (t trail) settings() settings {
	if t.Settings == nil {
		return settings{}
	}
	return *t.Settings
}

// trailDetail is a trail as CreateTrail and UpdateTrail tell of one.
type trailDetail struct {
	trail
	TrailARN  string
	Selectors *none `json:",omitempty"` // hide what is kept besides
	Settings  *none `json:",omitempty"`
	Stopped   *none `json:",omitempty"`
}

func detailOfTrail(t trail) trailDetail { return trailDetail{trail: t, TrailARN: t.arn()} }

// describedTrail is a trail as it is described.
type describedTrail struct {
	trailDetail
	HomeRegion              string
	HasCustomEventSelectors bool
	HasInsightSelectors     bool
}

func described(t trail) describedTrail {
	return describedTrail{detailOfTrail(t), channelRegion, t.Selectors != nil, len(t.settings().InsightSelectors) > 0}
}

// adjacent are marks in a name beside each other, or at an end.
var adjacent = regexp.MustCompile(`^[._-]|[._-]$|[._-]{2}`)

// trailNamed is the name in what a caller calls a trail: its ARN, or its name.
func trailNamed(ref string) (string, error) {
	if strings.HasPrefix(ref, "arn:") {
		parts := strings.SplitN(ref, ":", 6)
		name, ok := strings.CutPrefix(parts[len(parts)-1], "trail/")
		if len(parts) != 6 || parts[2] != "cloudtrail" || !ok {
			return "", fault.New("CloudTrailARNInvalidException", "%.300q is not the ARN of a trail", ref)
		}
		ref = name
	}
	_, err := netip.ParseAddr(ref)
	if n := len(ref); n < 3 || n > 128 || !patterns["name"].MatchString(ref) || adjacent.MatchString(ref) || err == nil {
		return "", fault.New("InvalidTrailNameException", "%.150q is not the name of a trail: 3 to 128 letters, digits, '.', '_' and '-', "+
			"a letter or digit at either end and between two marks, and no IP address", ref)
	}
	return ref, nil
}

// mayTrails reports whether trails are there for somebody: they are of the whole lake.
func mayTrails(who access.Principal) bool { return len(who.Stores) == 0 }

// trail is the trail that a caller means.
func (a *API) trail(who access.Principal, act access.Act, ref string) (one statedb.Kept[trail], err error) {
	name, err := trailNamed(ref)
	if err != nil {
		return one, err
	}
	one, ok, err := statedb.KeptOf[trail](a.State, trailKind, name)
	if err == nil && (!ok || !mayTrails(who) || who.Role != access.Admin && act == access.Manage) {
		err = fault.New("TrailNotFoundException", "there is no trail %s", ref)
	}
	return one, err
}

// trails are those that there are for somebody, by their names.
func (a *API) trails(who access.Principal) ([]statedb.Kept[trail], error) {
	if !mayTrails(who) {
		return nil, nil
	}
	return statedb.AllKept[trail](a.State, trailKind)
}

func (a *API) keepTrail(t trail) error {
	return statedb.Keep(a.State, trailKind, statedb.Kept[trail]{ID: t.Name, Created: time.Now(), Doc: t})
}

type trailInput struct {
	Name string `aws:"required"`
}

type getTrailOutput struct{ Trail describedTrail }

func (a *API) getTrail(_ context.Context, who access.Principal, in *trailInput) (*getTrailOutput, error) {
	one, err := a.trail(who, access.Query, in.Name)
	if err != nil {
		return nil, err
	}
	return &getTrailOutput{described(one.Doc)}, nil
}

type describeTrailsInput struct {
	Names  []string `json:"trailNameList"`
	Shadow *bool    `json:"includeShadowTrails"`
}

type describeTrailsOutput struct {
	Trails []describedTrail `json:"trailList"`
}

// describeTrails leaves out those that there are not, as CloudTrail does.
func (a *API) describeTrails(_ context.Context, who access.Principal, in *describeTrailsInput) (*describeTrailsOutput, error) {
	var wanted []string
	for _, ref := range in.Names {
		name, err := trailNamed(ref)
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, name)
	}
	all, err := a.trails(who)
	if err != nil {
		return nil, err
	}
	out := &describeTrailsOutput{Trails: []describedTrail{}}
	for _, one := range all {
		if len(wanted) == 0 || slices.Contains(wanted, one.ID) {
			out.Trails = append(out.Trails, described(one.Doc))
		}
	}
	return out, nil
}

type listTrailsInput struct{ NextToken string }

type listedTrail struct{ TrailARN, Name, HomeRegion string }

type listTrailsOutput struct{ Trails []listedTrail }

func (a *API) listTrails(_ context.Context, who access.Principal, in *listTrailsInput) (*listTrailsOutput, error) {
	if in.NextToken != "" {
		return nil, fault.New("InvalidTokenException", "NextToken is not one that was given out")
	}
	all, err := a.trails(who)
	if err != nil {
		return nil, err
	}
	out := &listTrailsOutput{Trails: []listedTrail{}}
	for _, one := range all {
		out.Trails = append(out.Trails, listedTrail{one.Doc.arn(), one.ID, channelRegion})
	}
	return out, nil
}

type trailStatus struct {
	IsLogging           bool
	LatestDeliveryError string
	StopLoggingTime     *Time  `json:",omitempty"`
	TimeLoggingStopped  string `json:",omitempty"`
}

// notDelivered is what every trail's status says.
const notDelivered = "nothing is delivered: this server keeps trails as configuration"

func (a *API) getTrailStatus(_ context.Context, who access.Principal, in *trailInput) (*trailStatus, error) {
	one, err := a.trail(who, access.Query, in.Name)
	if err != nil {
		return nil, err
	}
	s := &trailStatus{LatestDeliveryError: notDelivered, StopLoggingTime: at(one.Doc.Stopped)}
	if !one.Doc.Stopped.IsZero() {
		s.TimeLoggingStopped = one.Doc.Stopped.Format(time.RFC3339)
	}
	return s, nil
}

// startLogging says no: it would seem that events come into the bucket from now on.
func (a *API) startLogging(_ context.Context, who access.Principal, in *trailInput) (*none, error) {
	if _, err := a.trail(who, access.Manage, in.Name); err != nil {
		return nil, err
	}
	return nil, fault.New("UnsupportedOperationException", notDelivered).
		With("events come in by tarn import, StartImport, and over the network; they stay in event data stores")
}

// stopLogging notes when: nothing was delivered before either.
func (a *API) stopLogging(_ context.Context, who access.Principal, in *trailInput) (*none, error) {
	return &none{}, a.changeTrail(who, in.Name, func(t *trail) error {
		t.Stopped = time.Now().UTC().Truncate(time.Second)
		return nil
	})
}

// changeTrail changes a trail that somebody may manage.
func (a *API) changeTrail(who access.Principal, ref string, change func(*trail) error) error {
	a.keeping.Lock()
	defer a.keeping.Unlock()
	one, err := a.trail(who, access.Manage, ref)
	if err == nil {
		err = change(&one.Doc)
	}
	if err != nil {
		return err
	}
	return a.keepTrail(one.Doc)
}
