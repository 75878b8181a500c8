package statedb

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// channelsSince is the version of the layout from which on there are channels.
const channelsSince = 3

// Channel is a door through which events of one source come into event data stores.
type Channel struct {
	// ID is a UUID, given at creation.
	ID      string
	Created time.Time
	ChannelDetails
}

// ChannelDetails is what is known of a channel besides. It is kept as JSON.
type ChannelDetails struct {
	Name string `json:"name"`
	// Source is Custom, or the name of the program that the events come from.
	Source string `json:"source"`
	// Destinations are the ids of the stores that the events go into.
	Destinations []string `json:"destinations"`
	// Ingestion tells of the last events that came.
	Ingestion Ingestion `json:"ingestion,omitzero"`
}

// Ingestion is how it went with the events that came last; zero where none have.
type Ingestion struct {
	SuccessTime  time.Time `json:"success_time,omitzero"`
	SuccessEvent string    `json:"success_event,omitempty"`
	AttemptTime  time.Time `json:"attempt_time,omitzero"`
	AttemptEvent string    `json:"attempt_event,omitempty"`
	// ErrorCode is that of the last event that was refused.
	ErrorCode string `json:"error_code,omitempty"`
}

// PutChannels records channels, new ones and those that have changed, all at once.
func (d *DB) PutChannels(all ...Channel) error {
	docs := make([][]byte, len(all))
	for i, c := range all {
		var err error
		if docs[i], err = json.Marshal(c.ChannelDetails); err != nil {
			return err
		}
	}
	return d.write(func(tx *sql.Tx) error {
		for i, c := range all {
			if _, err := tx.Exec("INSERT OR REPLACE INTO channels VALUES (?, ?, ?)", c.ID, c.Created.UnixMicro(), docs[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemoveChannel forgets a channel.
func (d *DB) RemoveChannel(id string) error {
	return d.write(func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM channels WHERE id = ?", id)
		return err
	})
}

// Channels returns all channels, in order of their ids.
func (d *DB) Channels() (all []Channel, err error) {
	if d.db == nil || d.warn == nil && d.had < channelsSince {
		return nil, nil // a reader of a file from before there were any
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.db.Query("SELECT id, created, doc FROM channels ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Channel
		var created int64
		var doc []byte
		if err := rows.Scan(&c.ID, &created, &doc); err != nil {
			return nil, fmt.Errorf("read %s: %w", d.path, err)
		}
		c.Created = time.UnixMicro(created).UTC()
		if err := json.Unmarshal(doc, &c.ChannelDetails); err != nil {
			return nil, fmt.Errorf("read %s: %w: channel %s: %w", d.path, errDamaged, c.ID, err)
		}
		all = append(all, c)
	}
	return all, rows.Err()
}
