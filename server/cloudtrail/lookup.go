package cloudtrail

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tarn/lake"
	"tarn/schemas"
	"tarn/server/access"
	"tarn/server/fault"
)

var lookupOperations = []operation{
	op("ListInsightsData", access.Query, (*API).listInsightsData),
	op("LookupEvents", access.Query, (*API).lookupEvents),
}

type lookupAttribute struct {
	AttributeKey   string `aws:"required,in=EventId|EventName|ReadOnly|Username|ResourceType|ResourceName|EventSource|AccessKeyId,else=InvalidLookupAttributesException"`
	AttributeValue string `aws:"required,min=1,max=2000,else=InvalidLookupAttributesException"`
}

type lookupEventsInput struct {
	LookupAttributes []lookupAttribute `aws:"max=1,else=InvalidLookupAttributesException"`
	StartTime        Time
	EndTime          Time
	EventCategory    string `aws:"in=insight,else=InvalidEventCategoryException"`
	MaxResults       int    `aws:"min=1,max=50,else=InvalidMaxResultsException"`
	NextToken        string
}

type lookupEventsOutput struct {
	Events    []foundEvent
	NextToken string `json:",omitempty"`
}

const (
	// lookupDays is how far back events are looked up, mostLookedUp how many at once.
	lookupDays   = 90 * 24 * time.Hour
	mostLookedUp = 50
)

func (a *API) lookupEvents(ctx context.Context, who access.Principal, in *lookupEventsInput) (*lookupEventsOutput, error) {
	q := lookup{from: in.StartTime.Time, to: in.EndTime.Time, family: schemas.CloudTrail(), most: in.MaxResults}
	if in.EventCategory == "insight" {
		q.family = schemas.Insights()
	}
	if !q.from.IsZero() && !q.to.IsZero() && q.to.Before(q.from) {
		return nil, fault.New("InvalidTimeRangeException", "EndTime is before StartTime")
	}
	for _, attribute := range in.LookupAttributes {
		if err := q.only(attribute.AttributeKey, attribute.AttributeValue); err != nil {
			return nil, err
		}
	}
	snap, release := a.seen(who, access.Query)
	defer release()
	for _, st := range snap.Stores() {
		if st.Family == q.family.Name && !st.Own() && st.Usable() == nil {
			q.stores = append(q.stores, st)
		}
	}
	events, next, err := a.lookUp(ctx, snap, q, in.NextToken)
	return &lookupEventsOutput{events, next}, err
}

type listInsightsDataInput struct {
	InsightSource string `aws:"required"`
	DataType      string `aws:"required,in=InsightsEvents"`
	Dimensions    map[string]string
	StartTime     Time
	EndTime       Time
	MaxResults    int `aws:"min=1,max=50"`
	NextToken     string
}

// listInsightsData tells of the insight events of a store for them, or of the one that is
// the InsightsDestination of another.
func (a *API) listInsightsData(ctx context.Context, who access.Principal, in *listInsightsDataInput) (*lookupEventsOutput, error) {
	q := lookup{from: in.StartTime.Time, to: in.EndTime.Time, family: schemas.Insights(), most: in.MaxResults}
	if len(in.Dimensions) > 1 || !q.from.IsZero() && !q.to.IsZero() && q.to.Before(q.from) {
		return nil, fault.New(fault.Invalid, "there is at most one dimension, and EndTime is not before StartTime")
	}
	for key, value := range in.Dimensions {
		if !slices.Contains([]string{"EventId", "EventName", "EventSource"}, key) || value == "" {
			return nil, fault.New(fault.Invalid, "a dimension is one of EventId, EventName, EventSource, and its value")
		}
		if err := q.only(key, value); err != nil {
			return nil, err
		}
	}
	snap, release := a.seen(who, access.Query)
	defer release()
	st, err := snap.Store(in.InsightSource)
	if err == nil && st.Family != q.family.Name {
		var s settings
		if s, err = a.settingsOf(st); err == nil {
			st, err = snap.Store(s.InsightsDestination)
		}
	}
	if f := fault.Of(err); f != nil || err == nil && st.Usable() != nil {
		return nil, fault.New(fault.Invalid, "InsightSource is no event data store for insights, nor one that has such a destination: %.256q", in.InsightSource)
	}
	if err != nil {
		return nil, err
	}
	q.stores = []lake.Store{st}
	events, next, err := a.lookUp(ctx, snap, q, in.NextToken)
	return &lookupEventsOutput{events, next}, err
}

// lookup is what is looked for: events of stores of one family, from one instant to
// another, both inclusive.
type lookup struct {
	stores   []lake.Store
	family   *schemas.Family
	from, to time.Time
	most     int
	where    string // of SQL; empty for all
	kind     string // of the needle that the value is, if it is one
	value    string
}

// only leaves events of which an attribute has a value.
func (q *lookup) only(key, value string) error {
	text := "'" + strings.ReplaceAll(value, "'", "''") + "'"
	columns := map[string][2]string{ // the column, and the kind of its needle
		"EventId": {"eventID", "eventid"}, "EventName": {"eventName", "eventname"}, "EventSource": {"eventSource", "eventsource"},
		"Username": {"userIdentity.userName", "username"}, "AccessKeyId": {"userIdentity.accessKeyId", "accesskeyid"},
	}
	if q.family.Name == schemas.Insights().Name {
		columns = map[string][2]string{"EventId": {"eventID", "eventid"}, "EventName": {"insightEventName", "eventname"}, "EventSource": {"insightEventSource", ""}}
	}
	if c, ok := columns[key]; ok {
		q.where, q.kind, q.value = c[0]+" = "+text, c[1], value
		return nil
	}
	switch {
	case q.family.Name == schemas.Insights().Name:
		return fault.New("InvalidLookupAttributesException", "insight events are looked up by EventId, EventName and EventSource")
	case key == "ReadOnly" && (value == "true" || value == "false"):
		q.where = "readOnly = " + value
	case key == "ReadOnly":
		return fault.New("InvalidLookupAttributesException", "ReadOnly is true or false")
	case key == "ResourceName":
		q.where, q.kind, q.value = "any_match(resources, r -> r.arn = "+text+")", "resourcearn", value
	case key == "ResourceType":
		q.where, q.kind, q.value = "any_match(resources, r -> r.type = "+text+")", "resourcetype", value
	}
	return nil
}

// firstLook is about how many events are looked at first; each further look is at
// lookMore times as many.
const (
	firstLook = 8_000
	lookMore  = 8
)

// lookUp returns the newest of the events that are looked for, behind a token, and the
// token of those behind them. It looks at the newest events, and then at ever more of the
// older ones, until there are enough: what is frequent is found among a few thousand, and
// what is rare in the few segments that may hold it.
func (a *API) lookUp(ctx context.Context, snap *lake.Snapshot, q lookup, token string) (found []foundEvent, next string, err error) {
	if q.most == 0 {
		q.most = mostLookedUp
	}
	now := time.Now().UTC()
	if oldest := now.Add(-lookupDays); q.from.Before(oldest) {
		q.from = oldest
	}
	if q.to.IsZero() || q.to.After(now) {
		q.to = now
	}
	last, err := placeOf(token)
	if err != nil {
		return nil, "", err
	}
	upper := q.to.Add(time.Millisecond)
	if !last.time.IsZero() && last.time.Before(upper) {
		upper = last.time.Add(time.Millisecond)
	}
	segments, err := q.segments(snap, upper)
	if err != nil {
		return nil, "", err
	}
	found = []foundEvent{}
	if q.kind != "" {
		may := map[string]bool{}
		for _, seg := range segments {
			may[seg.ID] = true
		}
		snap = snap.OnlySegments(func(id string) bool { return may[id] })
	}
	for look := float64(firstLook); upper.After(q.from) && len(segments) > 0; look *= lookMore {
		var lower time.Time
		if lower, segments = below(segments, upper, look); lower.Before(q.from) {
			lower = q.from
		}
		if err = a.look(ctx, snap, q, lower, upper, &last, &found); err != nil {
			return nil, "", err
		}
		if len(found) > q.most {
			return found[:q.most], tokenFor(found[q.most-1].place.String()), nil
		}
		upper = lower
	}
	return found, "", nil
}

// segments are those that may hold what is looked for before an instant, the newest first.
func (q lookup) segments(snap *lake.Snapshot, upper time.Time) (all []lake.Segment, err error) {
	for _, st := range q.stores {
		for _, seg := range snap.Segments(st.ID, false) {
			if seg.MaxTime.Before(q.from) || !seg.MinTime.Before(upper) {
				continue
			}
			may := true
			if q.kind != "" {
				if may, err = snap.MayHold(st.ID, &seg, q.kind, q.value); err != nil {
					return nil, err
				}
			}
			if may {
				all = append(all, seg)
			}
		}
	}
	slices.SortFunc(all, func(a, b lake.Segment) int { return cmp.Or(b.MaxTime.Compare(a.MaxTime), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// below is the instant from which on, up to upper, there are about so many events, as if
// each segment had them evenly; and the segments that have some before it.
func below(segments []lake.Segment, upper time.Time, look float64) (lower time.Time, rest []lake.Segment) {
	for i, seg := range segments {
		to := seg.MaxTime
		if to.After(upper) {
			to = upper
		}
		span := seg.MaxTime.Sub(seg.MinTime).Seconds() + 1
		rows := float64(seg.Rows) * (to.Sub(seg.MinTime).Seconds() + 1) / span
		if rows > look {
			lower = to.Add(-time.Duration(look / rows * float64(to.Sub(seg.MinTime)))).Truncate(time.Second)
			break
		}
		look -= rows
		if lower = seg.MinTime.Truncate(time.Second); i+1 == len(segments) {
			return time.Time{}, nil
		}
	}
	if !lower.Before(upper) { // so many at one instant
		lower = upper.Add(-time.Second)
	}
	for _, seg := range segments {
		if seg.MinTime.Before(lower) {
			rest = append(rest, seg)
		}
	}
	return lower, rest
}

// look adds what is found from lower up to upper, behind the last place.
func (a *API) look(ctx context.Context, snap *lake.Snapshot, q lookup, lower, upper time.Time, last *place, found *[]foundEvent) error {
	const stamp = "timestamp '2006-01-02 15:04:05.000'"
	where := "eventTime >= " + lower.Format(stamp) + " AND eventTime < " + upper.Format(stamp)
	if q.where != "" {
		where += " AND " + q.where
	}
	if q.family.Name == schemas.CloudTrail().Name {
		where += " AND coalesce(eventCategory, 'Management') = 'Management' AND coalesce(managementEvent, true)"
	}
	if !last.time.IsZero() {
		where += " AND (eventTime < " + last.time.Format(stamp) + " OR coalesce(eventID, '') >= '" + strings.ReplaceAll(last.id, "'", "''") + "')"
	}
	var each []string
	for _, st := range q.stores {
		each = append(each, "SELECT date_trunc('millisecond', eventTime) AS t, coalesce(eventID, '') AS i, eventJson AS e FROM "+st.ID+" WHERE "+where)
	}
	res, err := a.Engine.Run(ctx, snap, fmt.Sprintf("SELECT t, i, e FROM (%s) ORDER BY 1 DESC, 2, 3 LIMIT %d", strings.Join(each, " UNION ALL "), q.most+1-len(*found)+last.skip))
	if err != nil {
		return err
	}
	defer res.Close()
	skip := last.skip
	for row, err := range res.Rows(ctx) {
		if err != nil {
			return err
		}
		at, err := time.Parse("2006-01-02 15:04:05.000", row[0].Text)
		if err != nil {
			return fmt.Errorf("look up events: %w", err)
		}
		if skip > 0 && at.Equal(last.time) && row[1].Text == last.id {
			skip--
			continue
		}
		here := place{at, row[1].Text, 1}
		if at.Equal(last.time) && here.id == last.id {
			here.skip = last.skip + 1
		}
		*last, skip = here, 0
		*found = append(*found, eventOf(here, row[2].Text))
	}
	return nil
}

// place is where a page ends: behind so many events of that time and id.
type place struct {
	time time.Time
	id   string
	skip int
}

func (p place) String() string {
	return strconv.FormatInt(p.time.UnixMilli(), 10) + "/" + strconv.Itoa(p.skip) + "/" + p.id
}

// placeOf is the place in a token; the zero one without one.
func placeOf(token string) (p place, err error) {
	if token == "" {
		return p, nil
	}
	key, err := lastOf(token)
	if err != nil {
		return p, err
	}
	parts := strings.SplitN(key, "/", 3)
	if len(parts) == 3 {
		millis, wrong := strconv.ParseInt(parts[0], 10, 64)
		skip, also := strconv.Atoi(parts[1])
		if wrong == nil && also == nil && skip > 0 && skip < 1<<20 {
			return place{time.UnixMilli(millis).UTC(), parts[2], skip}, nil
		}
	}
	return p, fault.New("InvalidNextTokenException", "NextToken is not one that was given out")
}
