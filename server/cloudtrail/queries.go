package cloudtrail

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/query/jobs"
	"tarn/query/samples"
	"tarn/server/access"
	"tarn/server/delivery"
	"tarn/server/fault"
)

var queryOperations = []operation{
	op("CancelQuery", access.Query, (*API).cancelQuery),
	op("DescribeQuery", access.Query, (*API).describeQuery),
	op("GenerateQuery", access.Query, (*API).generateQuery),
	op("GetQueryResults", access.Query, (*API).getQueryResults),
	op("ListPublicKeys", access.Query, (*API).listPublicKeys),
	op("ListQueries", access.Query, (*API).listQueries),
	op("StartQuery", access.Query, (*API).startQuery),
}

// patience is how long an answer waits for a query to end: who asks again and again
// asks less often, and most queries end within it.
const patience = 250 * time.Millisecond

type startQueryInput struct {
	QueryStatement               string   `aws:"min=1,max=10000"`
	DeliveryS3Uri                string   `aws:"max=1024"`
	QueryAlias                   string   `aws:"min=1,max=256,is=alias"`
	QueryParameters              []string `aws:"min=1,max=10"`
	EventDataStoreOwnerAccountId string   `aws:"min=12,max=16,is=digits"`
}

type startQueryOutput struct{ QueryId string }

func (a *API) startQuery(ctx context.Context, who access.Principal, in *startQueryInput) (*startQueryOutput, error) {
	pending := ""
	if in.DeliveryS3Uri != "" {
		if err := a.Courier.Check(in.DeliveryS3Uri); err != nil {
			return nil, err
		}
		pending = delivery.Pending
	}
	statement, err := in.statement()
	if err != nil {
		return nil, err
	}
	snap, release := a.seen(who, access.Query)
	q, err := a.Jobs.Start(ctx, jobs.Question{Statement: statement, Alias: in.QueryAlias, By: who.ID, DeliverTo: in.DeliveryS3Uri, Pending: pending, Snapshot: snap, Release: release})
	if err != nil {
		return nil, err
	}
	return &startQueryOutput{q.ID}, nil
}

// maxStatement is how many characters a statement has, also when it is filled in.
const maxStatement = 10_000

// statement is the SQL that is asked for: as it is, with the parameters in the place of
// its question marks, or a sample's.
func (in *startQueryInput) statement() (string, error) {
	if (in.QueryStatement == "") == (in.QueryAlias == "") {
		return "", fault.New(fault.Invalid, "one of QueryStatement and QueryAlias is wanted")
	}
	text := in.QueryStatement
	switch marks := strings.Count(text, "?"); {
	case in.QueryAlias != "":
		sample, ok := samples.Find(in.QueryAlias)
		if !ok {
			return "", fault.New(fault.Invalid, "no query is known as %q", in.QueryAlias).With("SearchSampleQueries tells the names that there are")
		}
		var err error
		if text, err = sample.Filled(in.QueryParameters); err != nil {
			return "", fault.New(fault.Invalid, "%v", err)
		}
	case len(in.QueryParameters) > 0 && marks != len(in.QueryParameters):
		return "", fault.New(fault.Invalid, "the statement has %d question marks, and there are %d QueryParameters", marks, len(in.QueryParameters))
	case len(in.QueryParameters) > 0:
		var filled strings.Builder
		for i, part := range strings.Split(text, "?") {
			if i > 0 {
				filled.WriteString(in.QueryParameters[i-1])
			}
			filled.WriteString(part)
		}
		text = filled.String()
	}
	if n := len([]rune(text)); n > maxStatement {
		return "", fault.New(fault.Invalid, "the statement has %d characters with its parameters; at most %d", n, maxStatement)
	}
	return text, nil
}

// sight is what somebody may know of.
func (a *API) sight(who access.Principal) jobs.Sight {
	return jobs.Sight{By: who.ID, Store: func(id string) bool {
		_, err := a.store(who, access.Query, id)
		return err == nil
	}}
}

type queryInput struct {
	EventDataStore               string `aws:"min=3,max=256,is=ref"`
	QueryId                      string `aws:"required,min=36,max=36,is=id"`
	EventDataStoreOwnerAccountId string `aws:"min=12,max=16,is=digits"`
}

// query returns a query that somebody means, and waits a little for its end.
func (a *API) query(ctx context.Context, who access.Principal, in queryInput) (statedb.Query, error) {
	store, err := a.optionalStore(who, in.EventDataStore)
	if err != nil {
		return statedb.Query{}, err
	}
	q, err := a.Jobs.Await(ctx, in.QueryId, a.sight(who), patience)
	if err != nil {
		return q, err
	}
	return q, a.answers(who, q, store)
}

// optionalStore is the store that an operation names that need not name one.
func (a *API) optionalStore(who access.Principal, ref string) (lake.Store, error) {
	if ref == "" {
		return lake.Store{}, nil
	}
	return a.store(who, access.Query, ref)
}

// answers checks that a query may be asked about: that it reads the store, if one is
// named, and that no store that it reads is pending deletion.
func (a *API) answers(who access.Principal, q statedb.Query, store lake.Store) error {
	if store.ID != "" && !slices.Contains(q.Stores, store.ID) {
		return fmt.Errorf("%w: %s", jobs.ErrNone, q.ID)
	}
	for _, id := range q.Stores {
		st, err := a.store(who, access.Query, id)
		if err == nil {
			err = st.Usable()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type describeQueryInput struct {
	EventDataStore               string `aws:"min=3,max=256,is=ref"`
	QueryId                      string `aws:"min=36,max=36,is=id"`
	QueryAlias                   string `aws:"min=1,max=256,is=alias"`
	RefreshId                    string `aws:"min=10,max=20,is=digits"`
	EventDataStoreOwnerAccountId string `aws:"min=12,max=16,is=digits"`
}

type describeQueryOutput struct {
	QueryId         string
	QueryString     string
	QueryStatus     statedb.QueryStatus
	QueryStatistics describedStatistics
	ErrorMessage    string `json:",omitempty"`
	DeliveryS3Uri   string `json:",omitempty"`
	DeliveryStatus  string `json:",omitempty"`
}

type describedStatistics struct {
	EventsMatched         int64
	EventsScanned         int64
	BytesScanned          int64
	ExecutionTimeInMillis int64
	CreationTime          *Time
}

func (a *API) describeQuery(ctx context.Context, who access.Principal, in *describeQueryInput) (*describeQueryOutput, error) {
	if (in.QueryId == "") == (in.QueryAlias == "") || in.RefreshId != "" && in.QueryAlias == "" {
		return nil, fault.New(fault.Invalid, "one of QueryId and QueryAlias is wanted, and a RefreshId only with a QueryAlias")
	}
	wanted := queryInput{EventDataStore: in.EventDataStore, QueryId: in.QueryId}
	if in.QueryAlias != "" {
		last, _, err := a.Jobs.List(ctx, a.sight(who), jobs.Filter{Alias: in.QueryAlias, Refresh: in.RefreshId}, "", 1)
		if err != nil {
			return nil, err
		}
		if len(last) == 0 {
			return nil, fmt.Errorf("%w: none was started as %s", jobs.ErrNone, in.QueryAlias)
		}
		wanted.QueryId = last[0].ID
	}
	q, err := a.query(ctx, who, wanted)
	if err != nil {
		return nil, err
	}
	return &describeQueryOutput{
		QueryId: q.ID, QueryString: q.Statement, QueryStatus: q.Status, ErrorMessage: q.Reason, DeliveryS3Uri: q.DeliverTo, DeliveryStatus: q.Delivery,
		QueryStatistics: describedStatistics{q.Rows, q.EventsScanned, q.BytesScanned, q.Millis, at(q.Created)},
	}, nil
}

type cancelQueryOutput struct {
	QueryId     string
	QueryStatus statedb.QueryStatus
}

func (a *API) cancelQuery(ctx context.Context, who access.Principal, in *queryInput) (*cancelQueryOutput, error) {
	store, err := a.optionalStore(who, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	q, err := a.Jobs.Query(in.QueryId, a.sight(who))
	if err != nil {
		return nil, err
	}
	if err := a.answers(who, q, store); err != nil {
		return nil, err
	}
	if q, err = a.Jobs.Cancel(ctx, in.QueryId, a.sight(who), patience); err != nil {
		return nil, err
	}
	return &cancelQueryOutput{q.ID, q.Status}, nil
}

type listQueriesInput struct {
	EventDataStore string `aws:"required,min=3,max=256,is=ref"`
	NextToken      string `aws:"min=4,max=1000"`
	MaxResults     int    `aws:"min=1,max=1000,else=InvalidMaxResultsException"`
	StartTime      Time
	EndTime        Time
	QueryStatus    statedb.QueryStatus
}

type listedQuery struct {
	QueryId      string
	QueryStatus  statedb.QueryStatus
	CreationTime *Time
}

type listQueriesOutput struct {
	Queries   []listedQuery
	NextToken string `json:",omitempty"`
}

func (a *API) listQueries(ctx context.Context, who access.Principal, in *listQueriesInput) (*listQueriesOutput, error) {
	store, err := a.store(who, access.Query, in.EventDataStore)
	if err == nil {
		err = store.Usable()
	}
	if err != nil {
		return nil, err
	}
	if in.QueryStatus != "" && !slices.Contains(statedb.QueryStatuses(), in.QueryStatus) {
		return nil, fault.New("InvalidQueryStatusException", "no query has the status %q; they are %v", in.QueryStatus, statedb.QueryStatuses())
	}
	if !in.StartTime.IsZero() && !in.EndTime.IsZero() && in.EndTime.Before(in.StartTime.Time) {
		return nil, fault.New("InvalidDateRangeException", "EndTime is before StartTime")
	}
	before := ""
	if in.NextToken != "" {
		if before, err = lastOf(in.NextToken); err != nil {
			return nil, err
		}
	}
	if in.MaxResults == 0 {
		in.MaxResults = pageSize
	}
	f := jobs.Filter{Store: store.ID, Status: in.QueryStatus, From: in.StartTime.Time, To: in.EndTime.Time}
	found, more, err := a.Jobs.List(ctx, a.sight(who), f, before, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &listQueriesOutput{Queries: []listedQuery{}}
	for _, q := range found {
		out.Queries = append(out.Queries, listedQuery{q.ID, q.Status, at(q.Created)})
	}
	if more {
		out.NextToken = tokenFor(found[len(found)-1].ID)
	}
	return out, nil
}

// tokenOf and rowOf are the token of a page of results, and its first row: it is good
// for that query alone.
func tokenOf(queryID string, row int64) string {
	return tokenFor(queryID + "/" + strconv.FormatInt(row, 10))
}

func rowOf(queryID, token string) (int64, error) {
	key, err := lastOf(token)
	if err != nil {
		return 0, err
	}
	id, text, _ := strings.Cut(key, "/")
	row, err := strconv.ParseInt(text, 10, 64)
	if id != queryID || err != nil || row < 0 {
		return 0, fault.New("InvalidNextTokenException", "NextToken is not one that was given out for this query")
	}
	return row, nil
}
