package statedb

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// QueryStatus is how far a statement that runs by itself has come, in CloudTrail
// Lake's words.
type QueryStatus string

// The states of a query.
const (
	// QueryQueued means that it waits for its turn.
	QueryQueued QueryStatus = "QUEUED"
	// QueryRunning means that it runs. Only memory says so: a file has QUEUED until
	// the end.
	QueryRunning QueryStatus = "RUNNING"
	// QueryFinished means that its results are there.
	QueryFinished QueryStatus = "FINISHED"
	// QueryFailed means that an error ended it, or the end of its process.
	QueryFailed QueryStatus = "FAILED"
	// QueryCancelled means that somebody did not want it any more.
	QueryCancelled QueryStatus = "CANCELLED"
	// QueryTimedOut means that it took too long; what there was until then is kept.
	QueryTimedOut QueryStatus = "TIMED_OUT"
)

// QueryStatuses are all of them.
func QueryStatuses() []QueryStatus {
	return []QueryStatus{QueryQueued, QueryRunning, QueryFinished, QueryFailed, QueryCancelled, QueryTimedOut}
}

// UnderWay reports whether a query of that status has not ended.
func (s QueryStatus) UnderWay() bool { return s == QueryQueued || s == QueryRunning }

// Query is a statement that was asked to run by itself.
type Query struct {
	// ID is a UUID of version 7: queries sort by it in order of time.
	ID      string
	Created time.Time
	Status  QueryStatus
	// Alias is the name under which it was asked for, if it has one.
	Alias string
	// Bytes is what its results take on disk.
	Bytes int64
	QueryDetails
}

// QueryDetails is what is known of a query besides. It is kept as JSON.
type QueryDetails struct {
	Statement string `json:"statement"`
	// By is the id of the credential that asked, Stores are the ids of what it reads.
	By     string   `json:"by"`
	Stores []string `json:"stores,omitempty"`
	// Refresh is that of a dashboard that it belongs to, if it does.
	Refresh string `json:"refresh,omitempty"`
	// Format is that of the results, empty for rows that can be had in pages.
	Format string `json:"format,omitempty"`
	// Rows is how many results there are. BytesScanned and EventsScanned are what the
	// segments have that were read for them.
	Rows          int64 `json:"rows"`
	BytesScanned  int64 `json:"bytes_scanned"`
	EventsScanned int64 `json:"events_scanned"`
	// Millis is how long it ran.
	Millis int64 `json:"millis"`
	// Reason says why it has not finished.
	Reason string `json:"reason,omitempty"`
	// DeliverTo is where results are brought, and Delivery how far that is, in
	// CloudTrail Lake's words; empty where nobody asked for it.
	DeliverTo string `json:"deliver_to,omitempty"`
	Delivery  string `json:"delivery,omitempty"`
}

// ErrNoQuery means that no query of that id is known.
var ErrNoQuery = errors.New("no such query")

// queriesSince is the version of the layout from which on there are queries.
const queriesSince = 4

const endedReason = "the server ended before the query did; ask again"

// AddQuery records a query that was asked.
func (d *DB) AddQuery(q Query) error { return d.putQuery("INSERT INTO", q, nil) }

// EndQuery records how a query ended, and results that are kept here; nil if there are
// none, or elsewhere.
func (d *DB) EndQuery(q Query, results []byte) error { return d.putQuery("REPLACE INTO", q, results) }

func (d *DB) putQuery(verb string, q Query, results []byte) error {
	q.Reason = shorten(q.Reason)
	doc, err := json.Marshal(q.QueryDetails)
	if err != nil {
		return err
	}
	return d.write(func(tx *sql.Tx) error {
		_, err := tx.Exec(verb+" queries VALUES (?, ?, ?, ?, ?, ?)", q.ID, q.Created.UnixMicro(), q.Status, q.Alias, q.Bytes, string(doc))
		if err == nil && results != nil {
			_, err = tx.Exec("INSERT INTO results VALUES (?, ?)", q.ID, results)
		}
		return err
	})
}

// Results returns the results of a query if they are kept here, and else nil.
func (d *DB) Results(id string) (results []byte, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err = d.db.QueryRow("SELECT rows FROM results WHERE id = ?", id).Scan(&results); errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return results, err
}

// Query returns one query.
func (d *DB) Query(id string) (Query, error) {
	all, err := d.queries("WHERE id = ?", id)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%w: %s", ErrNoQuery, id)
	}
	if err != nil {
		return Query{}, err
	}
	return all[0], nil
}

// Queries returns the next so many queries before an id, the newest first; an empty
// one is behind all. With an alias, only queries that were asked for under it.
func (d *DB) Queries(alias, before string, most int) ([]Query, error) {
	if before == "" {
		before = "~"
	}
	if alias == "" {
		return d.queries("WHERE id < ? ORDER BY id DESC LIMIT ?", before, most)
	}
	return d.queries("WHERE alias <> '' AND alias = ? AND id < ? ORDER BY id DESC LIMIT ?", alias, before, most)
}

// OldestQueries returns the first so many queries.
func (d *DB) OldestQueries(most int) ([]Query, error) { return d.queries("ORDER BY id LIMIT ?", most) }

// RemoveQueries forgets queries.
func (d *DB) RemoveQueries(all []Query) error {
	return d.write(func(tx *sql.Tx) error {
		for _, q := range all {
			for _, table := range []string{"queries", "results"} {
				if _, err := tx.Exec("DELETE FROM "+table+" WHERE id = ?", q.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// QueryBytes returns how many queries are known, and what the results of all take.
func (d *DB) QueryBytes() (queries, bytes int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.db.QueryRow("SELECT count(*), coalesce(sum(bytes), 0) FROM queries").Scan(&queries, &bytes)
	return queries, bytes, err
}

// endQueries makes failed ones of the queries that a dead process left under way.
// They are not run again: what they saw of the lake, and whoever waited for them, is
// gone, and one that brought the process down would do so again.
func endQueries(tx *sql.Tx) error {
	_, err := tx.Exec("UPDATE queries SET status = ?, doc = json_set(doc, '$.reason', ?) WHERE status IN ('QUEUED', 'RUNNING')", QueryFailed, endedReason)
	if err == nil { // what was being brought somewhere may be there in part
		_, err = tx.Exec("UPDATE queries SET doc = json_set(doc, '$.delivery', 'FAILED') WHERE json_extract(doc, '$.delivery') = 'PENDING'")
	}
	return err
}

func (d *DB) queries(where string, args ...any) (all []Query, err error) {
	if d.db == nil || d.warn == nil && d.had < queriesSince {
		return nil, nil // a reader of a file from before there were any
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.db.Query("SELECT id, created, status, alias, bytes, doc FROM queries "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var q Query
		var created int64
		var doc []byte
		if err := rows.Scan(&q.ID, &created, &q.Status, &q.Alias, &q.Bytes, &doc); err != nil {
			return nil, fmt.Errorf("read %s: %w", d.path, err)
		}
		q.Created = time.UnixMicro(created).UTC()
		if err := json.Unmarshal(doc, &q.QueryDetails); err != nil {
			return nil, fmt.Errorf("read %s: %w: query %s: %w", d.path, errDamaged, q.ID, err)
		}
		all = append(all, q)
	}
	return all, rows.Err()
}
