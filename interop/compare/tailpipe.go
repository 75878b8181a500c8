package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"
)

// tailpipe is the way of data in Tailpipe, rebuilt.
func tailpipe(t tools) system {
	return system{
		name: "tailpipe", title: "Tailpipe's data path, rebuilt", version: "rebuilt with DuckDB " + duckDBVersion(),
		about: "Not Tailpipe itself, whose modules cannot be had here: its way of data, rebuilt here with DuckDB. Objects are gunzipped and decoded into structs, enriched, written as JSON lines in files of 10,000 rows, " +
			"read by read_ndjson into a temporary table, looked through for nulls, and copied as Parquet (Snappy, row groups of 122,880) by day; at the end each day is compacted into one file in order of time. Without its plugins' processes, gRPC between them, its limit of rows a second, and DuckLake: the program itself is slower.",
		ingest: func(ctx context.Context, b bucket, dir string) (loaded, error) {
			began := time.Now()
			c, said := command(ctx, t.self, "child", "tailpipe", b.dir, dir)
			p, err := once("tailpipe", c, said)
			return loaded{time.Since(began).Seconds(), []process{p}}, err
		},
		open: func(ctx context.Context, _ bucket, dir string) (session, error) {
			return prepared(ctx, t.duckdb(ctx), cached, fmt.Sprintf("CREATE VIEW cloudtrail AS SELECT * FROM read_parquet('%s/days/**/*.parquet', hive_partitioning = true)", dir))
		},
		words: extracted,
	}
}

// chunkRows is how many rows a file of JSON lines has.
const chunkRows = 10_000

// trailRow is a record as a fixed struct, which loses what it does not name, and with
// what the enrichment adds.
type trailRow struct {
	TpID              string    `json:"tp_id"`
	TpSourceLocation  string    `json:"tp_source_location"`
	TpTimestamp       time.Time `json:"tp_timestamp"`
	TpIngestTimestamp time.Time `json:"tp_ingest_timestamp"`
	TpIndex           string    `json:"tp_index"`
	TpIPs             []string  `json:"tp_ips,omitempty"`
	TpAKAs            []string  `json:"tp_akas,omitempty"`
	TpUsernames       []string  `json:"tp_usernames,omitempty"`

	EventVersion        string          `json:"eventVersion,omitempty"`
	UserIdentity        *trailIdentity  `json:"userIdentity,omitempty"`
	EventTime           time.Time       `json:"eventTime"`
	EventSource         string          `json:"eventSource,omitempty"`
	EventName           string          `json:"eventName,omitempty"`
	AwsRegion           string          `json:"awsRegion,omitempty"`
	SourceIPAddress     string          `json:"sourceIPAddress,omitempty"`
	UserAgent           string          `json:"userAgent,omitempty"`
	ErrorCode           string          `json:"errorCode,omitempty"`
	ErrorMessage        string          `json:"errorMessage,omitempty"`
	RequestParameters   map[string]any  `json:"requestParameters,omitempty"`
	ResponseElements    map[string]any  `json:"responseElements,omitempty"`
	AdditionalEventData map[string]any  `json:"additionalEventData,omitempty"`
	RequestID           string          `json:"requestID,omitempty"`
	EventID             string          `json:"eventID,omitempty"`
	ReadOnly            *bool           `json:"readOnly,omitempty"`
	Resources           []trailResource `json:"resources,omitempty"`
	EventType           string          `json:"eventType,omitempty"`
	APIVersion          string          `json:"apiVersion,omitempty"`
	ManagementEvent     *bool           `json:"managementEvent,omitempty"`
	RecipientAccountID  string          `json:"recipientAccountId,omitempty"`
	SharedEventID       string          `json:"sharedEventID,omitempty"`
	VpcEndpointID       string          `json:"vpcEndpointId,omitempty"`
	ServiceEventDetails map[string]any  `json:"serviceEventDetails,omitempty"`
	EventCategory       string          `json:"eventCategory,omitempty"`
	TLSDetails          *struct {
		TLSVersion               string `json:"tlsVersion,omitempty"`
		CipherSuite              string `json:"cipherSuite,omitempty"`
		ClientProvidedHostHeader string `json:"clientProvidedHostHeader,omitempty"`
	} `json:"tlsDetails,omitempty"`
	SessionCredentialFromConsole string `json:"sessionCredentialFromConsole,omitempty"`
}

type trailIdentity struct {
	Type             string `json:"type,omitempty"`
	PrincipalID      string `json:"principalId,omitempty"`
	Arn              string `json:"arn,omitempty"`
	AccountID        string `json:"accountId,omitempty"`
	AccessKeyID      string `json:"accessKeyId,omitempty"`
	UserName         string `json:"userName,omitempty"`
	InvokedBy        string `json:"invokedBy,omitempty"`
	IdentityProvider string `json:"identityProvider,omitempty"`
	SessionContext   *struct {
		Attributes    map[string]string `json:"attributes,omitempty"`
		SessionIssuer *trailIssuer      `json:"sessionIssuer,omitempty"`
		Source        string            `json:"sourceIdentity,omitempty"`
	} `json:"sessionContext,omitempty"`
}

type trailIssuer struct {
	Type        string `json:"type,omitempty"`
	PrincipalID string `json:"principalId,omitempty"`
	Arn         string `json:"arn,omitempty"`
	AccountID   string `json:"accountId,omitempty"`
	UserName    string `json:"userName,omitempty"`
}

type trailResource struct {
	ARN       string `json:"ARN,omitempty"`
	AccountID string `json:"accountId,omitempty"`
	Type      string `json:"type,omitempty"`
}

// chunkTypes are the columns of a file of JSON lines.
const chunkTypes = `{tp_id: 'VARCHAR', tp_source_location: 'VARCHAR', tp_timestamp: 'TIMESTAMP', tp_ingest_timestamp: 'TIMESTAMP', tp_index: 'VARCHAR', tp_ips: 'VARCHAR[]', tp_akas: 'VARCHAR[]', tp_usernames: 'VARCHAR[]',
 eventVersion: 'VARCHAR', userIdentity: 'STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR, invokedBy VARCHAR, identityProvider VARCHAR, sessionContext STRUCT(attributes STRUCT(creationDate VARCHAR, mfaAuthenticated VARCHAR), sessionIssuer STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, userName VARCHAR), sourceIdentity VARCHAR))',
 eventTime: 'TIMESTAMP', eventSource: 'VARCHAR', eventName: 'VARCHAR', awsRegion: 'VARCHAR', sourceIPAddress: 'VARCHAR', userAgent: 'VARCHAR', errorCode: 'VARCHAR', errorMessage: 'VARCHAR',
 requestParameters: 'JSON', responseElements: 'JSON', additionalEventData: 'JSON', requestID: 'VARCHAR', eventID: 'VARCHAR', readOnly: 'BOOLEAN', resources: 'STRUCT(ARN VARCHAR, accountId VARCHAR, "type" VARCHAR)[]', eventType: 'VARCHAR', apiVersion: 'VARCHAR', managementEvent: 'BOOLEAN',
 recipientAccountId: 'VARCHAR', sharedEventID: 'VARCHAR', vpcEndpointId: 'VARCHAR', serviceEventDetails: 'JSON', eventCategory: 'VARCHAR', tlsDetails: 'STRUCT(tlsVersion VARCHAR, cipherSuite VARCHAR, clientProvidedHostHeader VARCHAR)', sessionCredentialFromConsole: 'VARCHAR'}`

// enrich fills in what stands beside a record.
func (r *trailRow) enrich(path string, now time.Time) {
	r.TpID, r.TpSourceLocation, r.TpTimestamp, r.TpIngestTimestamp, r.TpIndex = r.EventID, path, r.EventTime, now, r.RecipientAccountID
	if net.ParseIP(r.SourceIPAddress) != nil {
		r.TpIPs = append(r.TpIPs, r.SourceIPAddress)
	}
	for _, o := range r.Resources {
		r.TpAKAs = append(r.TpAKAs, o.ARN)
	}
	if r.UserIdentity != nil && r.UserIdentity.UserName != "" {
		r.TpUsernames = append(r.TpUsernames, r.UserIdentity.UserName)
	}
}

// tailpipeChild takes a bucket into the folder.
func tailpipeChild(ctx context.Context, from, dir string) error {
	paths, err := objects(from)
	if err != nil {
		return err
	}
	db, err := openDuckDB(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	all, together := errgroup.WithContext(ctx)
	lines, chunks := make(chan []byte, 64), make(chan string, 4)
	all.Go(func() error { return decodeAll(together, paths, lines) })
	all.Go(func() error { return writeChunks(together, dir, lines, chunks) })
	all.Go(func() error { return loadChunks(together, db, dir, chunks) })
	if err := all.Wait(); err != nil {
		return err
	}
	return compact(ctx, db, filepath.Join(dir, "days"))
}

// decodeAll makes the JSON lines of all objects, on all processors.
func decodeAll(ctx context.Context, paths []string, lines chan<- []byte) error {
	defer close(lines)
	now := time.Now().UTC()
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for _, path := range paths {
		work.Go(func() error {
			var plain, out bytes.Buffer
			if err := readObject(path, &plain); err != nil {
				return err
			}
			var object struct{ Records []trailRow }
			if err := json.Unmarshal(plain.Bytes(), &object); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			encode := json.NewEncoder(&out)
			for i := range object.Records {
				object.Records[i].enrich(path, now)
				if err := encode.Encode(&object.Records[i]); err != nil {
					return err
				}
			}
			select {
			case lines <- out.Bytes():
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}
	return work.Wait()
}

// writeChunks writes files of chunkRows rows.
func writeChunks(ctx context.Context, dir string, from <-chan []byte, chunks chan<- string) (err error) {
	defer close(chunks)
	var f *os.File
	var w *bufio.Writer
	rows, n := 0, 0
	finish := func() error {
		if f == nil {
			return nil
		}
		name := f.Name()
		err := errors.Join(w.Flush(), f.Close())
		f, rows = nil, 0
		if err != nil {
			return err
		}
		select {
		case chunks <- name:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for text := range from {
		for line := range bytes.Lines(text) {
			if f == nil {
				if f, err = os.Create(filepath.Join(dir, fmt.Sprintf("chunk-%d.jsonl", n))); err != nil {
					return err
				}
				w, n = bufio.NewWriterSize(f, 1<<16), n+1
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
			if rows++; rows == chunkRows {
				if err := finish(); err != nil {
					return err
				}
			}
		}
	}
	return finish()
}

// loadChunks brings each file into Parquet, and removes it.
func loadChunks(ctx context.Context, db *sql.DB, dir string, chunks <-chan string) error {
	for chunk := range chunks {
		var missing int
		if _, err := db.ExecContext(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP TABLE chunk AS SELECT * FROM read_ndjson('%s', columns = %s)", chunk, chunkTypes)); err != nil {
			return err
		}
		err := db.QueryRowContext(ctx, `SELECT count(*) FROM chunk WHERE tp_id IS NULL OR tp_timestamp IS NULL OR tp_ingest_timestamp IS NULL OR tp_index IS NULL`).Scan(&missing)
		if err != nil {
			return err
		}
		if missing > 0 {
			return fmt.Errorf("%s: %d rows lack a column that is required", chunk, missing)
		}
		if _, err := db.ExecContext(ctx, fmt.Sprintf(`COPY (SELECT *, CAST(tp_timestamp AS DATE) AS day FROM chunk) TO '%s/days'
			(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 122880, PARTITION_BY (day), APPEND)`, dir)); err != nil {
			return err
		}
		if err := os.Remove(chunk); err != nil {
			return err
		}
	}
	return nil
}

// compact makes one file of each day's.
func compact(ctx context.Context, db *sql.DB, dir string) error {
	days, err := filepath.Glob(filepath.Join(dir, "day=*"))
	if err != nil {
		return err
	}
	for _, day := range days {
		parts, err := filepath.Glob(filepath.Join(day, "*.parquet"))
		if err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, fmt.Sprintf(`COPY (SELECT * FROM read_parquet('%s/*.parquet', hive_partitioning = false) ORDER BY tp_timestamp) TO '%s/compacted'
			(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 122880)`, day, day)); err != nil {
			return err
		}
		for _, p := range parts {
			err = errors.Join(err, os.Remove(p))
		}
		if err = errors.Join(err, os.Rename(day+"/compacted", day+"/compacted.parquet")); err != nil {
			return err
		}
	}
	return nil
}
