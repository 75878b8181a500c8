package awsapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// imported brings the bucket logs into a store of its own, and returns the store's id and
// how many events came.
func imported(t *testing.T, api *cloudtrail.Client) (id string, events int64) {
	t.Helper()
	store, err := api.CreateEventDataStore(t.Context(), &cloudtrail.CreateEventDataStoreInput{Name: aws.String("team"), TerminationProtectionEnabled: aws.Bool(false)})
	if err != nil {
		t.Fatal(err)
	}
	started, err := api.StartImport(t.Context(), &cloudtrail.StartImportInput{Destinations: []string{aws.ToString(store.EventDataStoreArn)},
		ImportSource: &types.ImportSource{S3: &types.S3ImportSource{S3LocationUri: aws.String("s3://logs/"), S3BucketRegion: aws.String("us-east-1"),
			S3BucketAccessRoleArn: aws.String("arn:aws:iam::000000000000:role/import")}}})
	if err != nil {
		t.Fatal(err)
	}
	for {
		i, err := api.GetImport(t.Context(), &cloudtrail.GetImportInput{ImportId: started.ImportId})
		if err != nil {
			t.Fatal(err)
		}
		switch i.ImportStatus {
		case types.ImportStatusInitializing, types.ImportStatusInProgress:
			continue
		case types.ImportStatusCompleted:
			arn := aws.ToString(store.EventDataStoreArn)
			return arn[strings.LastIndex(arn, "/")+1:], aws.ToInt64(i.ImportStatistics.EventsCompleted)
		}
		t.Fatalf("the import is %s: %+v", i.ImportStatus, i.ImportStatistics)
	}
}

// rows asks a question and turns its pages.
func rows(t *testing.T, api *cloudtrail.Client, sql string, size int32) (all []map[string]string, pages int) {
	t.Helper()
	started, err := api.StartQuery(t.Context(), &cloudtrail.StartQueryInput{QueryStatement: &sql})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if q := ended(t, api, started.QueryId); q.QueryStatus != types.QueryStatusFinished {
		t.Fatalf("%s: %s %s", sql, q.QueryStatus, aws.ToString(q.ErrorMessage))
	}
	turning := cloudtrail.NewGetQueryResultsPaginator(api, &cloudtrail.GetQueryResultsInput{QueryId: started.QueryId, MaxQueryResults: &size})
	for turning.HasMorePages() {
		page, err := turning.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, cells := range page.QueryResultRows {
			row := map[string]string{}
			for _, cell := range cells {
				for name, value := range cell {
					row[name] = value
				}
			}
			all = append(all, row)
		}
	}
	return all, pages
}

func TestTheSDKImportsABucketAndAsks(t *testing.T) {
	dir, want := bucket(t)
	api := newHost(t, "--bucket", "logs="+dir).client()
	id, events := imported(t, api)
	if events != int64(want) {
		t.Errorf("%d events; there are %d", events, want)
	}
	count := []map[string]string{{"n": fmt.Sprint(want)}}
	for _, rest := range []string{"", " WHERE eventTime > '2000-01-01 00:00:00'", " WHERE eventName LIKE '%'", " WHERE eventID IS NOT NULL"} {
		if got, _ := rows(t, api, "SELECT count(*) AS n FROM "+id+rest, 1000); fmt.Sprint(got) != fmt.Sprint(count) {
			t.Errorf("%s: %v", rest, got)
		}
	}
	for _, sql := range []string{
		"SELECT eventName, count(*) AS n FROM $ GROUP BY 1 ORDER BY n DESC LIMIT 10", "SELECT eventSource, awsRegion, count(*) FROM $ GROUP BY 1, 2 ORDER BY 3 DESC",
		"SELECT userIdentity.arn, eventName FROM $ WHERE errorCode IS NOT NULL ORDER BY eventTime LIMIT 20", "SELECT userIdentity.type, approx_distinct(sourceIPAddress) FROM $ GROUP BY 1",
		"SELECT eventTime, eventID FROM $ ORDER BY eventTime DESC LIMIT 50", "SELECT element_at(requestParameters, 'bucketName') AS bucket, count(*) FROM $ GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
		"SELECT date_trunc('hour', eventTime) AS hour, count(*) FROM $ GROUP BY 1 ORDER BY 1", "SELECT DISTINCT recipientAccountId FROM $", "SELECT min(eventTime), max(eventTime) FROM $",
		"SELECT json_extract_scalar(eventJson, '$.eventName') AS name FROM $ LIMIT 3", "SELECT userIdentity.sessionContext.sessionIssuer.userName, count(*) FROM $ GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
		"SELECT count_if(errorCode = 'AccessDenied'), count(*) FROM $", "SELECT regexp_like(userAgent, 'boto'), count(*) FROM $ GROUP BY 1",
		"SELECT cardinality(resources), count(*) FROM $ GROUP BY 1 ORDER BY 1", "SELECT eventName FROM $ WHERE readOnly = false LIMIT 25",
	} {
		if got, _ := rows(t, api, strings.ReplaceAll(sql, "FROM $", "FROM "+id), 1000); len(got) == 0 {
			t.Errorf("%s: no rows", sql)
		}
	}
	all, pages := rows(t, api, "SELECT eventID FROM "+id+" ORDER BY eventID", 100)
	if len(all) != want || pages != (want+99)/100 || !slices.IsSortedFunc(all, func(a, b map[string]string) int { return strings.Compare(a["eventID"], b["eventID"]) }) {
		t.Errorf("%d rows of %d, %d pages", len(all), want, pages)
	}
}

func TestTheSDKCancelsAQuery(t *testing.T) {
	api := newHost(t).client()
	started, err := api.StartQuery(t.Context(), &cloudtrail.StartQueryInput{QueryStatement: aws.String(
		"SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a(x), UNNEST(sequence(1, 10000)) AS b(y), UNNEST(sequence(1, 10000)) AS c(z) WHERE x % 7 = y % 5")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.CancelQuery(t.Context(), &cloudtrail.CancelQueryInput{QueryId: started.QueryId}); err != nil {
		t.Fatal(err)
	}
	if q := ended(t, api, started.QueryId); q.QueryStatus != types.QueryStatusCancelled {
		t.Errorf("%+v", q)
	}
}
