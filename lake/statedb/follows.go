package statedb

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// followsSince is the version of the layout from which on there are follows.
const followsSince = 9

// Follow is a place whose new objects are imported as they land.
type Follow struct {
	// ID is a UUID, given at creation.
	ID string `json:"id"`
	// Source is a folder, or the beginning of keys in a bucket: s3://BUCKET/PREFIX.
	// There is one follow of a source.
	Source  string    `json:"source"`
	Created time.Time `json:"created"`
	FollowDetails
	// Progress is how far it is.
	Progress FollowProgress `json:"progress"`
}

// FollowDetails is what is known of a follow besides. It is kept as JSON.
type FollowDetails struct {
	// Store is the id of the store that events go into, StoreName what it was called.
	Store     string `json:"store"`
	StoreName string `json:"store_name"`
	// Queue is the URL of an SQS queue that tells of new objects, NATS that of a server
	// whose Stream does, by messages of a Subject if that is not empty.
	Queue   string `json:"sqs,omitempty"`
	NATS    string `json:"nats,omitempty"`
	Stream  string `json:"stream,omitempty"`
	Subject string `json:"subject,omitempty"`
	// Every is how often the source is listed, for its last Days days; FullEvery how
	// often all of it is.
	Every     time.Duration `json:"every_ns"`
	Days      int           `json:"days"`
	FullEvery time.Duration `json:"full_every_ns"`
	// Foreground marks one that runs as a command, and not in the server.
	Foreground bool `json:"foreground,omitempty"`
}

// FollowState is what a follow is doing.
type FollowState string

// The states of a follow.
const (
	// FollowIdle means that it does not run.
	FollowIdle FollowState = "IDLE"
	// FollowRunning means that what is there is in, or on its way.
	FollowRunning FollowState = "FOLLOWING"
	// FollowWaiting means that another import is under way.
	FollowWaiting FollowState = "WAITING"
	// FollowFailing means that the source, its queue or the lake cannot be asked.
	FollowFailing FollowState = "FAILING"
)

// FollowProgress is how far a follow is. It is kept as JSON.
type FollowProgress struct {
	State FollowState `json:"state"`
	// Reason says what is wrong while it fails, or with its queue.
	Reason string `json:"reason,omitempty"`
	// Updated is when this was kept.
	Updated time.Time `json:"updated,omitzero"`
	// Listed is when the last list began that came to its end, ListedAll the last one of
	// everything; Took how long the last took, Requests how many it sent.
	Listed    time.Time     `json:"listed,omitzero"`
	ListedAll time.Time     `json:"listed_all,omitzero"`
	Took      time.Duration `json:"list_took_ns,omitempty"`
	Requests  int64         `json:"list_requests,omitempty"`
	// Notified is when the last message came.
	Notified time.Time `json:"notified,omitzero"`
	// Newest is the newest object that is in, by its time of change.
	Newest     string    `json:"newest,omitempty"`
	NewestTime time.Time `json:"newest_time,omitzero"`
	// Waiting is how many objects were seen and are not in, Oldest the time of change of
	// the oldest of them. Those that failed do not count.
	Waiting int       `json:"waiting"`
	Oldest  time.Time `json:"oldest,omitzero"`
	// Failures is how many objects could not be read, or not to their end.
	Failures int          `json:"failures"`
	Counts   FollowCounts `json:"counts"`
}

// Lag is the age of the oldest object that was seen and is not in.
func (p FollowProgress) Lag(now time.Time) time.Duration {
	if p.Oldest.IsZero() {
		return 0
	}
	return max(0, now.Sub(p.Oldest))
}

// FollowCounts count since the follow was added.
type FollowCounts struct {
	Objects    int64 `json:"objects"`
	Bytes      int64 `json:"bytes"`
	Stored     int64 `json:"stored"`
	Duplicates int64 `json:"duplicates"`
	Conflicts  int64 `json:"conflicts"`
	Filtered   int64 `json:"filtered"`
	Rejected   int64 `json:"rejected"`
	// Messages came from the queue; Ignored named an object elsewhere, or none that
	// may hold events, or were of no new object; Strange could not be understood.
	Messages int64 `json:"messages"`
	Ignored  int64 `json:"ignored"`
	Strange  int64 `json:"strange"`
	// Gone were named, and are not there.
	Gone int64 `json:"gone"`
}

// FollowFailure is an object that could not be read. Follow and Key are its key.
type FollowFailure struct {
	Follow string `json:"follow"` // the id
	Key    string `json:"key"`    // s3://BUCKET/KEY, or the file's path
	FailureDetails
}

// FailureDetails is what is known of a failure besides. It is kept as JSON.
type FailureDetails struct {
	Reason   string    `json:"reason"`
	First    time.Time `json:"first"`
	Attempts int       `json:"attempts"`
	// Next is when it is tried again.
	Next time.Time `json:"next"`
	// Bytes and Modified tell this version of the object.
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified"`
}

// Errors that callers tell apart.
var (
	ErrNoFollow     = errors.New("this source is not followed")
	ErrFollowExists = errors.New("this source is followed already")
)

// AddFollow records a follow; ErrFollowExists if there is one of its source.
func (d *DB) AddFollow(f Follow) error {
	doc, progress, err := followDocs(f)
	if err != nil {
		return err
	}
	return d.write(func(tx *sql.Tx) error {
		made, err := tx.Exec("INSERT OR IGNORE INTO follows VALUES (?, ?, ?, ?, ?)", f.ID, f.Source, f.Created.UnixMicro(), doc, progress)
		if err != nil {
			return err
		}
		if n, err := made.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("%w: %s", ErrFollowExists, f.Source))
		}
		return nil
	})
}

// PutFollow records what a follow is and how far. One that was removed stays forgotten.
func (d *DB) PutFollow(f Follow) error {
	doc, progress, err := followDocs(f)
	if err != nil {
		return err
	}
	return d.write(func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE follows SET doc = ?, progress = ? WHERE id = ?", doc, progress, f.ID)
		return err
	})
}

func followDocs(f Follow) (doc, progress string, err error) {
	one, err := json.Marshal(f.FollowDetails)
	if err != nil {
		return "", "", err
	}
	other, err := json.Marshal(f.Progress)
	return string(one), string(other), err
}

// RemoveFollow forgets a follow of a source and its failures.
func (d *DB) RemoveFollow(source string) error {
	return d.write(func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM follow_failures WHERE follow IN (SELECT id FROM follows WHERE source = ?)", source); err != nil {
			return err
		}
		gone, err := tx.Exec("DELETE FROM follows WHERE source = ?", source)
		if err != nil {
			return err
		}
		if n, err := gone.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("%w: %s", ErrNoFollow, source))
		}
		return nil
	})
}

// Follows returns all follows, in order of their sources.
func (d *DB) Follows() (all []Follow, err error) {
	err = d.followed(func(rows *sql.Rows) error {
		var f Follow
		var created int64
		var doc, progress string
		if err := rows.Scan(&f.ID, &f.Source, &created, &doc, &progress); err != nil {
			return err
		}
		f.Created = time.UnixMicro(created).UTC()
		if err := errors.Join(json.Unmarshal([]byte(doc), &f.FollowDetails), json.Unmarshal([]byte(progress), &f.Progress)); err != nil {
			return fmt.Errorf("%w: follow of %s: %w", errDamaged, f.Source, err)
		}
		all = append(all, f)
		return nil
	}, "SELECT id, source, created, doc, progress FROM follows ORDER BY source")
	return all, err
}

// FollowOf returns the follow of a source.
func (d *DB) FollowOf(source string) (Follow, error) {
	all, err := d.Follows()
	for _, f := range all {
		if f.Source == source {
			return f, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%w: %s", ErrNoFollow, source)
	}
	return Follow{}, err
}

// PutFailures records failures, and forgets those of the keys; all at once. Nothing is
// kept of a follow that was removed.
func (d *DB) PutFailures(follow string, failed []FollowFailure, mended []string) error {
	return d.write(func(tx *sql.Tx) error {
		for _, f := range failed {
			doc, err := json.Marshal(f.FailureDetails)
			if err != nil {
				return err
			}
			if _, err := tx.Exec("INSERT OR REPLACE INTO follow_failures SELECT id, ?, ? FROM follows WHERE id = ?", f.Key, string(doc), follow); err != nil {
				return err
			}
		}
		for _, key := range mended {
			if _, err := tx.Exec("DELETE FROM follow_failures WHERE follow = ? AND key = ?", follow, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// Failures returns the failures of a follow, in order of their keys.
func (d *DB) Failures(follow string) (all []FollowFailure, err error) {
	err = d.followed(func(rows *sql.Rows) error {
		f := FollowFailure{Follow: follow}
		var doc string
		if err := rows.Scan(&f.Key, &doc); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(doc), &f.FailureDetails); err != nil {
			return fmt.Errorf("%w: failure of %s: %w", errDamaged, f.Key, err)
		}
		all = append(all, f)
		return nil
	}, "SELECT key, doc FROM follow_failures WHERE follow = ? ORDER BY key", follow)
	return all, err
}

// followed calls each with the rows of a statement about follows.
func (d *DB) followed(each func(*sql.Rows) error, statement string, args ...any) error {
	if d.db == nil || d.warn == nil && d.had < followsSince {
		return nil // a reader of a file from before there were any
	}
	return d.each(each, statement, args...)
}
