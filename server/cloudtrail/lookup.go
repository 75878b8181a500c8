package cloudtrail

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tarn/lake"
	"tarn/query"
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
	last     place // behind which it goes on
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

// lookUp returns the newest of the events that are looked for, behind a token, and the
// token of those behind them. It finds out how old they are before it reads them: what an
// event is takes a hundred times as long to read as when it was.
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
	if q.last, err = placeOf(token); err != nil {
		return nil, "", err
	}
	if !q.last.time.IsZero() && q.last.time.Before(q.to) {
		q.to = q.last.time
	}
	snap, some, err := q.holding(snap)
	if err != nil || !some {
		return []foundEvent{}, "", err
	}
	rows := q.most + 1 + q.last.skip
	if q.from, err = a.oldest(ctx, snap, q, rows); err != nil {
		return nil, "", err
	}
	if found, err = a.read(ctx, snap, q, rows); err != nil {
		return nil, "", err
	}
	if len(found) > q.most {
		return found[:q.most], tokenFor(found[q.most-1].place.String()), nil
	}
	return found, "", nil
}

// holding is the snapshot with those segments alone that may hold what is looked for, and
// whether there are any.
func (q *lookup) holding(snap *lake.Snapshot) (some *lake.Snapshot, any bool, err error) {
	if q.kind == "" {
		return snap, true, nil
	}
	may := map[string]bool{}
	for _, st := range q.stores {
		all := snap.Segments(st.ID, false)
		for i := range all {
			seg := &all[i]
			if seg.MaxTime.Before(q.from) || seg.MinTime.After(q.to) {
				continue
			}
			held, err := snap.MayHold(st.ID, seg, q.kind, q.value)
			if err != nil {
				return nil, false, err
			}
			may[seg.ID], any = held, any || held
		}
	}
	return snap.OnlySegments(func(id string) bool { return may[id] }), any, nil
}

// stamp is a time in a statement.
func stamp(t time.Time) string { return t.Format("timestamp '2006-01-02 15:04:05.000000'") }

// conditions are those of the events that are looked for, behind the last place.
func (q *lookup) conditions() string {
	where := "eventTime >= " + stamp(q.from) + " AND eventTime <= " + stamp(q.to)
	if q.where != "" {
		where += " AND " + q.where
	}
	if q.family.Name == schemas.CloudTrail().Name {
		where += " AND coalesce(eventCategory, 'Management') = 'Management' AND coalesce(managementEvent, true)"
	}
	if !q.last.time.IsZero() {
		where += " AND (eventTime < " + stamp(q.last.time) + " OR coalesce(eventID, '') >= '" + strings.ReplaceAll(q.last.id, "'", "''") + "')"
	}
	return where
}

// oldest is the time of the last of so many events, or where the looking ends if there
// are not as many.
func (a *API) oldest(ctx context.Context, snap *lake.Snapshot, q lookup, rows int) (time.Time, error) {
	var times []time.Time
	for _, st := range q.stores {
		err := a.each(ctx, snap, fmt.Sprintf("SELECT eventTime FROM %s WHERE %s ORDER BY eventTime DESC LIMIT %d", st.ID, q.conditions(), rows), func(row []query.Value) error {
			at, err := timeOf(row[0].Text)
			times = append(times, at)
			return err
		})
		if err != nil {
			return q.from, err
		}
	}
	if len(times) < rows {
		return q.from, nil
	}
	slices.SortFunc(times, func(a, b time.Time) int { return b.Compare(a) })
	return times[rows-1], nil
}

// read reads events, the newest first.
func (a *API) read(ctx context.Context, snap *lake.Snapshot, q lookup, rows int) ([]foundEvent, error) {
	found := []foundEvent{}
	if len(q.stores) == 0 {
		return found, nil
	}
	var each []string
	for _, st := range q.stores {
		each = append(each, "SELECT eventTime AS t, coalesce(eventID, '') AS i, eventJson AS e FROM "+st.ID+" WHERE "+q.conditions())
	}
	last, skip := q.last, q.last.skip
	err := a.each(ctx, snap, fmt.Sprintf("SELECT t, i, e FROM (%s) ORDER BY 1 DESC, 2, 3 LIMIT %d", strings.Join(each, " UNION ALL "), rows), func(row []query.Value) error {
		at, err := timeOf(row[0].Text)
		if err != nil {
			return err
		}
		if skip > 0 && at.Equal(q.last.time) && row[1].Text == q.last.id {
			skip--
			return nil
		}
		here := place{at, row[1].Text, 1}
		if at.Equal(last.time) && here.id == last.id {
			here.skip = last.skip + 1
		}
		last, skip = here, 0
		found = append(found, eventOf(here, row[2].Text))
		return nil
	})
	return found, err
}

// each calls fn with the rows of a statement.
func (a *API) each(ctx context.Context, snap *lake.Snapshot, sql string, fn func([]query.Value) error) error {
	res, err := a.Engine.Run(ctx, snap, sql)
	if err != nil {
		return err
	}
	defer res.Close()
	for row, err := range res.Rows(ctx) {
		if err == nil {
			err = fn(row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// timeOf reads a time as a result has it.
func timeOf(text string) (time.Time, error) {
	t, err := time.Parse("2006-01-02 15:04:05.999999", text)
	if err != nil {
		return t, fmt.Errorf("look up events: %w", err)
	}
	return t, nil
}

// place is where a page ends: behind so many events of that time and id.
type place struct {
	time time.Time
	id   string
	skip int
}

func (p place) String() string {
	return strconv.FormatInt(p.time.UnixMicro(), 10) + "/" + strconv.Itoa(p.skip) + "/" + p.id
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
		micros, wrong := strconv.ParseInt(parts[0], 10, 64)
		skip, also := strconv.Atoi(parts[1])
		if wrong == nil && also == nil && skip > 0 && skip < 1<<20 {
			return place{time.UnixMicro(micros).UTC(), parts[2], skip}, nil
		}
	}
	return p, fault.New("InvalidNextTokenException", "NextToken is not one that was given out")
}
