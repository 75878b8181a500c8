package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/duckdb/duckdb-go/v2"
)

// recordTypes are the types of a record in DuckDB: top-level scalars typed, the identity
// as a struct, ids that are always UUIDs as such, free-form objects as JSON. The raw record
// is not kept.
const recordTypes = `STRUCT(
 eventVersion VARCHAR, userIdentity STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR, invokedBy VARCHAR, identityProvider VARCHAR,
   sessionContext STRUCT(attributes STRUCT(creationDate VARCHAR, mfaAuthenticated VARCHAR), sessionIssuer STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, userName VARCHAR), sourceIdentity VARCHAR)),
 eventTime TIMESTAMP, eventSource VARCHAR, eventName VARCHAR, awsRegion VARCHAR, sourceIPAddress VARCHAR, userAgent VARCHAR,
 errorCode VARCHAR, errorMessage VARCHAR, requestParameters JSON, responseElements JSON, additionalEventData JSON,
 requestID VARCHAR, eventID UUID, readOnly BOOLEAN, resources JSON, eventType VARCHAR, apiVersion VARCHAR, managementEvent BOOLEAN,
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

// flattened is what is copied: the records in order of time, with columns of their own for
// what the questions ask of free-form objects.
func flattened(b bucket, more string) string {
	return fmt.Sprintf(`(SELECT *, json_extract_string(requestParameters, '$.bucketName') AS bucket_name,
		json_extract_string(responseElements, '$.ConsoleLogin') AS console_login%s FROM %s ORDER BY eventTime)`, more, records(b))
}

// cached has DuckDB keep what it has read of the files' footers.
const cached = "SET parquet_metadata_cache = true"

// duckFile is one COPY into one file.
func duckFile(t tools) system {
	return system{
		name: "duckdb-file", title: "DuckDB, one Parquet file", version: duckDBVersion(),
		about: "DuckDB's own COPY of the same reading into one Parquet file: in order of time, Zstandard, ids of events as UUID, columns of their own for what the questions ask of free-form objects, row groups and Bloom filters as it makes them without being told. " +
			"Asked with its cache of footers. No raw event is kept, no duplicate looked for.",
		ingest: func(ctx context.Context, b bucket, dir string) (loaded, error) {
			return told(ctx, t.duckdb(ctx), fmt.Sprintf("COPY %s TO '%s' (FORMAT parquet, COMPRESSION zstd)", flattened(b, ""), filepath.Join(dir, "cloudtrail.parquet")))
		},
		open: func(ctx context.Context, _ bucket, dir string) (session, error) {
			return prepared(ctx, t.duckdb(ctx), cached, fmt.Sprintf("CREATE VIEW cloudtrail AS SELECT * FROM read_parquet('%s')", filepath.Join(dir, "cloudtrail.parquet")))
		},
		words: flat,
	}
}

// duckDays is the layout for days that come one after the other, and go.
func duckDays(t tools) system {
	return system{
		name: "duckdb-days", title: "DuckDB, Parquet by day", version: duckDBVersion(),
		about: "The same into a file a day, as one has it where days are added and removed.",
		ingest: func(ctx context.Context, b bucket, dir string) (loaded, error) {
			return told(ctx, t.duckdb(ctx), fmt.Sprintf("COPY %s TO '%s/days' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day))", flattened(b, ", CAST(eventTime AS DATE) AS day"), dir))
		},
		open: func(ctx context.Context, _ bucket, dir string) (session, error) {
			return prepared(ctx, t.duckdb(ctx), cached, fmt.Sprintf("CREATE VIEW cloudtrail AS SELECT * FROM read_parquet('%s/days/**/*.parquet', hive_partitioning = true)", dir))
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

// openDuckDB is one connection that stays open.
func openDuckDB(ctx context.Context) (*sql.DB, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, fmt.Sprintf("SET threads = %d", processors)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// duckDBChild is DuckDB in a process of its own.
func duckDBChild(ctx context.Context) error {
	db, err := openDuckDB(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
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
			if b, ok := values[i].([]byte); ok { // no column is a blob
				var id duckdb.UUID
				if err := id.Scan(b); err != nil {
					return nil, err
				}
				row[c] = id.String()
			}
		}
		all = append(all, row)
	}
	return all, rows.Err()
}
