package bench_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // the driver "duckdb": the baseline is DuckDB alone
)

// baselineColumns are the types of a record: top-level scalars typed, the
// identity as a struct, free-form objects as JSON. The raw record is not kept.
const baselineColumns = `STRUCT(
 eventVersion VARCHAR, userIdentity STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR, invokedBy VARCHAR, identityProvider VARCHAR,
   sessionContext STRUCT(attributes STRUCT(creationDate VARCHAR, mfaAuthenticated VARCHAR), sessionIssuer STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, userName VARCHAR), sourceIdentity VARCHAR)),
 eventTime TIMESTAMP, eventSource VARCHAR, eventName VARCHAR, awsRegion VARCHAR, sourceIPAddress VARCHAR, userAgent VARCHAR,
 errorCode VARCHAR, errorMessage VARCHAR, requestParameters JSON, responseElements JSON, additionalEventData JSON,
 requestID VARCHAR, eventID VARCHAR, readOnly BOOLEAN, resources JSON, eventType VARCHAR, apiVersion VARCHAR, managementEvent BOOLEAN,
 recipientAccountId VARCHAR, sharedEventID VARCHAR, vpcEndpointId VARCHAR, serviceEventDetails JSON, eventCategory VARCHAR,
 tlsDetails STRUCT(tlsVersion VARCHAR, cipherSuite VARCHAR, clientProvidedHostHeader VARCHAR), sessionCredentialFromConsole VARCHAR)[]`

// readObjects is the part of a statement that reads the records of a bucket.
func readObjects(bucket string) string {
	return fmt.Sprintf(`(SELECT unnest(Records, max_depth := 2) FROM read_json('%s/**/*.json.gz', columns = {'Records': '%s'}, maximum_object_size = 67108864))`,
		bucket, baselineColumns)
}

// BenchmarkBaseline is DuckDB's whole way over the same bucket: read_json with
// explicit types, unnest, sort, Parquet with Zstandard. It keeps no raw event,
// looks for no duplicates and proves nothing; its speed is the bar for import.
func BenchmarkBaseline(b *testing.B) {
	from := bucket(b)
	var n int64
	var size int64
	for b.Loop() {
		out := filepath.Join(b.TempDir(), "baseline.parquet")
		db, err := sql.Open("duckdb", "")
		if err != nil {
			b.Fatal(err)
		}
		_, err = db.Exec(fmt.Sprintf(`COPY (
			SELECT * FROM %s
			ORDER BY eventTime) TO '%s' (FORMAT parquet, COMPRESSION zstd)`, readObjects(from), out))
		if err != nil {
			b.Fatal(err)
		}
		var rows int64
		if err := db.QueryRow(fmt.Sprintf("SELECT count(*) FROM '%s'", out)).Scan(&rows); err != nil {
			b.Fatal(err)
		}
		n += rows
		if st, err := os.Stat(out); err == nil {
			size = st.Size() / rows
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(size), "B/event")
}
