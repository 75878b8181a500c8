package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"

	_ "github.com/duckdb/duckdb-go/v2" // the driver "duckdb"
)

// recordTypes are the types of a record in DuckDB: top-level scalars typed, the identity
// as a struct, free-form objects as JSON. The raw record is not kept.
const recordTypes = `STRUCT(
 eventVersion VARCHAR, userIdentity STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR, invokedBy VARCHAR, identityProvider VARCHAR,
   sessionContext STRUCT(attributes STRUCT(creationDate VARCHAR, mfaAuthenticated VARCHAR), sessionIssuer STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, userName VARCHAR), sourceIdentity VARCHAR)),
 eventTime TIMESTAMP, eventSource VARCHAR, eventName VARCHAR, awsRegion VARCHAR, sourceIPAddress VARCHAR, userAgent VARCHAR,
 errorCode VARCHAR, errorMessage VARCHAR, requestParameters JSON, responseElements JSON, additionalEventData JSON,
 requestID VARCHAR, eventID VARCHAR, readOnly BOOLEAN, resources JSON, eventType VARCHAR, apiVersion VARCHAR, managementEvent BOOLEAN,
 recipientAccountId VARCHAR, sharedEventID VARCHAR, vpcEndpointId VARCHAR, serviceEventDetails JSON, eventCategory VARCHAR,
 tlsDetails STRUCT(tlsVersion VARCHAR, cipherSuite VARCHAR, clientProvidedHostHeader VARCHAR), sessionCredentialFromConsole VARCHAR)[]`

// records are the records of a bucket, as part of a statement.
func records(b bucket) string {
	return fmt.Sprintf("(SELECT unnest(Records, max_depth := 2) FROM read_json('%s/**/*.json.gz', columns = {'Records': '%s'}, maximum_object_size = 67108864))",
		b.dir, recordTypes)
}

// duckdb starts a DuckDB in a process of its own.
func (t tools) duckdb(ctx context.Context) func() (*talker, error) {
	return func() (*talker, error) {
		c, said := command(ctx, t.self, "child", "duckdb")
		return talk("DuckDB", c, said)
	}
}

// duckRaw asks the objects as they lie there.
func duckRaw(t tools) system {
	return system{
		name: "duckdb-raw", title: "DuckDB, raw .json.gz", version: duckDBVersion(),
		about: "DuckDB alone over the objects as they are: read_json with explicit types at each question. Nothing is taken in.",
		open: func(ctx context.Context, b bucket, _ string) (session, error) {
			return prepared(ctx, t.duckdb(ctx), "CREATE VIEW cloudtrail AS SELECT * FROM "+records(b))
		},
		words: extracted,
	}
}

// duckFile is the plain way: one COPY, one file.
func duckFile(t tools) system {
	return system{
		name: "duckdb-file", title: "DuckDB, one Parquet file", version: duckDBVersion(),
		about: "DuckDB's own COPY of the same reading, in order of time, into one Parquet file with Zstandard. No raw event is kept, no duplicate looked for.",
		ingest: func(ctx context.Context, b bucket, dir string) (loaded, error) {
			return told(ctx, t.duckdb(ctx), fmt.Sprintf("COPY (SELECT * FROM %s ORDER BY eventTime) TO '%s' (FORMAT parquet, COMPRESSION zstd)",
				records(b), filepath.Join(dir, "cloudtrail.parquet")))
		},
		open: func(ctx context.Context, _ bucket, dir string) (session, error) {
			return prepared(ctx, t.duckdb(ctx), fmt.Sprintf("CREATE VIEW cloudtrail AS SELECT * FROM read_parquet('%s')", filepath.Join(dir, "cloudtrail.parquet")))
		},
		words: extracted,
	}
}

// duckDays is the best of its layouts for these questions.
func duckDays(t tools) system {
	return system{
		name: "duckdb-days", title: "DuckDB, Parquet by day", version: duckDBVersion(),
		about: "The same into a file a day, with columns of their own for what the questions ask of free-form objects: the layout in which DuckDB answers these fastest.",
		ingest: func(ctx context.Context, b bucket, dir string) (loaded, error) {
			return told(ctx, t.duckdb(ctx), fmt.Sprintf(`COPY (SELECT *, json_extract_string(requestParameters, '$.bucketName') AS bucket_name,
				json_extract_string(responseElements, '$.ConsoleLogin') AS console_login, CAST(eventTime AS DATE) AS day FROM %s ORDER BY eventTime)
				TO '%s/days' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day))`, records(b), dir))
		},
		open: func(ctx context.Context, _ bucket, dir string) (session, error) {
			return prepared(ctx, t.duckdb(ctx), fmt.Sprintf("CREATE VIEW cloudtrail AS SELECT * FROM read_parquet('%s/days/**/*.parquet', hive_partitioning = true)", dir),
				"SET enable_object_cache = true")
		},
		words: flat,
	}
}

// duckDBVersion is the version that is linked in.
func duckDBVersion() string {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err.Error()
	}
	defer db.Close()
	var v string
	if err := db.QueryRow("SELECT version()").Scan(&v); err != nil {
		return err.Error()
	}
	return v
}

// duckDBChild is DuckDB in a process of its own: one connection that stays open.
func duckDBChild(ctx context.Context) error {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	return listen(func(words string) ([]map[string]any, error) { return rowsOf(ctx, db, words) })
}

// rowsOf runs a statement and reads all of its rows.
func rowsOf(ctx context.Context, db *sql.DB, words string) (all []map[string]any, err error) {
	rows, err := db.QueryContext(ctx, words)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make(map[string]any, len(columns))
		for i, c := range columns {
			row[c] = values[i]
		}
		all = append(all, row)
	}
	return all, rows.Err()
}
