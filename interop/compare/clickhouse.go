package main

import (
	"context"
	_ "embed" // for the child in Python
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

//go:embed chdb.py
var chdbChild string

// clickHouse is ClickHouse as chDB, which is the engine in a process of its user's.
func clickHouse(t tools) system {
	return system{
		name: "clickhouse", title: "ClickHouse (chDB)", version: chdbVersion(t.python),
		about: "chDB, ClickHouse within a Python process: the same columns by file() with explicit types into a MergeTree in order of source, name and time, as its documentation wants a key (what is filtered by and has few values first, time last), Zstandard, names as LowCardinality, ids of events as UUID, columns of their own for what the questions ask of free-form objects, " +
			"and Bloom filters over event id, access key, address and bucket. No raw event is kept, no duplicate looked for.",
		ingest: func(ctx context.Context, b bucket, dir string) (loaded, error) {
			return told(ctx, t.chdb(ctx, dir), "CREATE DATABASE trail ENGINE = Atomic", chTable, chInsert(b))
		},
		open: func(ctx context.Context, _ bucket, dir string) (session, error) {
			return prepared(ctx, t.chdb(ctx, dir), "USE trail")
		},
		words: flat,
	}
}

// chdb starts chDB in a process of its own.
func (t tools) chdb(ctx context.Context, dir string) func() (*talker, error) {
	return func() (*talker, error) {
		c, said := command(ctx, t.python, "-c", chdbChild, filepath.Join(dir, "data"), strconv.Itoa(processors))
		return talk("chDB", c, said)
	}
}

// chdbVersion is the engine's, "" where this Python has none.
func chdbVersion(python string) string {
	out, err := exec.Command(python, "-c", "import chdb; print(chdb.query('SELECT version()', 'TSV'), chdb.__version__)").Output()
	if err != nil {
		return ""
	}
	words := strings.Fields(string(out))
	if len(words) != 2 {
		return ""
	}
	return words[0] + " in chDB " + words[1]
}

// chColumns are the columns of a record, in ClickHouse's types.
const chColumns = `eventVersion String, userIdentity Tuple(type String, principalId String, arn String, accountId String, accessKeyId String, userName String, invokedBy String, identityProvider String,
  sessionContext Tuple(attributes Tuple(creationDate String, mfaAuthenticated String), sessionIssuer Tuple(type String, principalId String, arn String, accountId String, userName String), sourceIdentity String)),
 eventTime DateTime, eventSource LowCardinality(String), eventName LowCardinality(String), awsRegion LowCardinality(String), sourceIPAddress String, userAgent String,
 errorCode LowCardinality(String), errorMessage String, requestParameters String, responseElements String, additionalEventData String,
 requestID String, eventID UUID, readOnly Nullable(Bool), resources String, eventType LowCardinality(String), apiVersion String, managementEvent Nullable(Bool),
 recipientAccountId LowCardinality(String), sharedEventID String, vpcEndpointId String, serviceEventDetails String, eventCategory LowCardinality(String),
 tlsDetails Tuple(tlsVersion String, cipherSuite String, clientProvidedHostHeader String), sessionCredentialFromConsole String`

const chTable = `CREATE TABLE trail.cloudtrail (` + chColumns + `,
 bucket_name String MATERIALIZED JSONExtractString(requestParameters, 'bucketName'), console_login LowCardinality(String) MATERIALIZED JSONExtractString(responseElements, 'ConsoleLogin'),
 INDEX ids eventID TYPE bloom_filter, INDEX keys userIdentity.accessKeyId TYPE bloom_filter, INDEX addresses sourceIPAddress TYPE bloom_filter, INDEX buckets bucket_name TYPE bloom_filter)
 ENGINE = MergeTree ORDER BY (eventSource, eventName, eventTime) SETTINGS default_compression_codec = 'ZSTD(1)'`

// chInsert reads the bucket into the table.
func chInsert(b bucket) string {
	return fmt.Sprintf(`INSERT INTO trail.cloudtrail SELECT untuple(arrayJoin(Records)) FROM file('%s/**/*.json.gz', 'JSONEachRow', 'Records Array(Tuple(%s))')
 SETTINGS input_format_json_read_objects_as_strings = 1, input_format_json_read_arrays_as_strings = 1, date_time_input_format = 'best_effort', input_format_skip_unknown_fields = 1`,
		b.dir, strings.ReplaceAll(chColumns, "\n", " "))
}
