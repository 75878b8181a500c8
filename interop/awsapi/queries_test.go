package awsapi_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// ended waits for a query as people do, and returns what is said of it.
func ended(t *testing.T, api *cloudtrail.Client, id *string) *cloudtrail.DescribeQueryOutput {
	t.Helper()
	for {
		q, err := api.DescribeQuery(t.Context(), &cloudtrail.DescribeQueryInput{QueryId: id})
		if err != nil {
			t.Fatal(err)
		}
		if q.QueryStatus != types.QueryStatusQueued && q.QueryStatus != types.QueryStatusRunning {
			return q
		}
	}
}

func TestTheSDKRunsAQueryAndPagesThroughItsResults(t *testing.T) {
	api := newHost(t).client()
	started, err := api.StartQuery(t.Context(), &cloudtrail.StartQueryInput{QueryStatement: aws.String(
		"SELECT range AS n, 'text' AS t FROM UNNEST(sequence(1, 2500)) AS x(range) ORDER BY 1")})
	if err != nil {
		t.Fatal(err)
	}
	q := ended(t, api, started.QueryId)
	if q.QueryStatus != types.QueryStatusFinished || q.QueryStatistics.CreationTime == nil || aws.ToInt64(q.QueryStatistics.EventsMatched) != 2500 {
		t.Fatalf("%+v %+v", q, q.QueryStatistics)
	}
	pages := cloudtrail.NewGetQueryResultsPaginator(api, &cloudtrail.GetQueryResultsInput{QueryId: started.QueryId})
	n, sizes := 0, []int{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.QueryResultRows {
			n++
			if len(row) != 2 || row[0]["n"] != fmt.Sprint(n) || row[1]["t"] != "text" {
				t.Fatalf("row %d is %v", n, row)
			}
		}
		sizes = append(sizes, len(page.QueryResultRows))
	}
	if fmt.Sprint(sizes) != "[1000 1000 500]" {
		t.Errorf("pages of %v", sizes)
	}
	var syntax *types.InvalidQueryStatementException
	if _, err := api.StartQuery(t.Context(), &cloudtrail.StartQueryInput{QueryStatement: aws.String("SELECT nonsense FROM cloudtrail")}); !errors.As(err, &syntax) {
		t.Errorf("%v", err)
	}
	var inactive *types.InactiveQueryException
	if _, err := api.CancelQuery(t.Context(), &cloudtrail.CancelQueryInput{QueryId: started.QueryId}); !errors.As(err, &inactive) {
		t.Errorf("%v", err)
	}
}
