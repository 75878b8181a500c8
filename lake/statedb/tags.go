package statedb

import (
	"database/sql"
	"errors"
	"fmt"
)

// MostTags is how many tags one resource has.
const MostTags = 50

// ErrManyTags means that a resource would have more than MostTags.
var ErrManyTags = errors.New("too many tags")

// Tag is a word that somebody gave a resource, and what it says of it.
type Tag struct{ Key, Value string }

// Tags returns the tags of the resource of that id, by their keys.
func (d *DB) Tags(resource string) (all []Tag, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.db.Query("SELECT key, value FROM tags WHERE resource = ? ORDER BY key", resource)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var t Tag
		if err := rows.Scan(&t.Key, &t.Value); err != nil {
			return nil, fmt.Errorf("read %s: %w", d.path, err)
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// PutTags gives a resource tags, in the place of those of the same keys. It is all of
// them, or none and ErrManyTags.
func (d *DB) PutTags(resource string, tags []Tag) error {
	var many error
	err := d.write(func(tx *sql.Tx) error {
		many = nil
		for _, t := range tags {
			if _, err := tx.Exec("REPLACE INTO tags VALUES (?, ?, ?)", resource, t.Key, t.Value); err != nil {
				return err
			}
		}
		var n int
		err := tx.QueryRow("SELECT count(*) FROM tags WHERE resource = ?", resource).Scan(&n)
		if err == nil && n > MostTags {
			many = fmt.Errorf("%w: %d, and there may be %d", ErrManyTags, n, MostTags)
			err = many
		}
		return err
	})
	if many != nil {
		return many
	}
	return err
}

// ForgetTags takes all tags from a resource that is no more.
func (d *DB) ForgetTags(resource string) error {
	return d.write(func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM tags WHERE resource = ?", resource)
		return err
	})
}

// RemoveTags takes tags of these keys from a resource.
func (d *DB) RemoveTags(resource string, keys []string) error {
	return d.write(func(tx *sql.Tx) error {
		for _, key := range keys {
			if _, err := tx.Exec("DELETE FROM tags WHERE resource = ? AND key = ?", resource, key); err != nil {
				return err
			}
		}
		return nil
	})
}
