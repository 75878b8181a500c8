package statedb

import (
	"database/sql"
	"fmt"
	"time"
)

// ResultKey is a key that signs files of results, and exports.
type ResultKey struct {
	Fingerprint  string
	Since, Until time.Time // it signs between these
	Public       []byte    // PKCS #1
	Sealed       []byte    // what signs, sealed
}

// resultKeysSince is the layout that has them.
const resultKeysSince = 7

// ResultKeys returns the keys that were made, the oldest first.
func (d *DB) ResultKeys() (all []ResultKey, err error) {
	if d.db == nil || d.warn == nil && d.had < resultKeysSince {
		return nil, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.db.Query("SELECT fingerprint, since, until, public, sealed FROM result_keys ORDER BY since")
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var k ResultKey
		var since, until int64
		if err := rows.Scan(&k.Fingerprint, &since, &until, &k.Public, &k.Sealed); err != nil {
			return nil, fmt.Errorf("read %s: %w", d.path, err)
		}
		k.Since, k.Until = time.UnixMicro(since).UTC(), time.UnixMicro(until).UTC()
		all = append(all, k)
	}
	return all, rows.Err()
}

// AddResultKey keeps a key.
func (d *DB) AddResultKey(k ResultKey) error {
	return d.write(func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO result_keys VALUES (?, ?, ?, ?, ?)", k.Fingerprint, k.Since.UnixMicro(), k.Until.UnixMicro(), k.Public, k.Sealed)
		return err
	})
}
