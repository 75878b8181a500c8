package cloudtrail

import (
	"context"
	"errors"

	"tarn/lake/statedb"
	"tarn/query/jobs"
	"tarn/query/result"
	"tarn/server/access"
)

type getQueryResultsInput struct {
	EventDataStore               string `aws:"min=3,max=256,is=ref"`
	QueryId                      string `aws:"required,min=36,max=36,is=id"`
	NextToken                    string `aws:"min=4,max=1000"`
	MaxQueryResults              int    `aws:"min=1,max=1000,else=InvalidMaxResultsException"`
	EventDataStoreOwnerAccountId string `aws:"min=12,max=16,is=digits"`
}

type getQueryResultsOutput struct {
	QueryStatus     statedb.QueryStatus
	QueryStatistics resultStatistics
	QueryResultRows [][]map[string]string
	NextToken       string `json:",omitempty"`
	ErrorMessage    string `json:",omitempty"`
}

type resultStatistics struct {
	ResultsCount      int
	TotalResultsCount int64
	BytesScanned      int64
}

// pageBytes is about how much a page has at most, unless a row alone has more.
const pageBytes = 4 << 20

func (a *API) getQueryResults(ctx context.Context, who access.Principal, in *getQueryResultsInput) (*getQueryResultsOutput, error) {
	q, err := a.query(ctx, who, queryInput{EventDataStore: in.EventDataStore, QueryId: in.QueryId})
	if err != nil {
		return nil, err
	}
	from := int64(0)
	if in.NextToken != "" {
		if from, err = rowOf(q.ID, in.NextToken); err != nil {
			return nil, err
		}
	}
	out := &getQueryResultsOutput{QueryStatus: q.Status, ErrorMessage: q.Reason, QueryResultRows: [][]map[string]string{},
		QueryStatistics: resultStatistics{TotalResultsCount: q.Rows, BytesScanned: q.BytesScanned}}
	rows, err := a.Jobs.Rows(q)
	if errors.Is(err, jobs.ErrNoResults) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if in.MaxQueryResults == 0 {
		in.MaxQueryResults = pageSize
	}
	size := 0
	for values, err := range rows.From(ctx, from) {
		if err != nil {
			return nil, err
		}
		if len(out.QueryResultRows) == in.MaxQueryResults || size > pageBytes {
			out.NextToken = tokenOf(q.ID, from+int64(len(out.QueryResultRows)))
			break
		}
		row := make([]map[string]string, len(values))
		for i, c := range rows.Columns() {
			text := result.Shown(c, values[i])
			row[i] = map[string]string{c.Name: text}
			size += len(c.Name) + len(text)
		}
		out.QueryResultRows = append(out.QueryResultRows, row)
	}
	out.QueryStatistics.ResultsCount = len(out.QueryResultRows)
	return out, nil
}
