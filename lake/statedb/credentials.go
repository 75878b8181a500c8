package statedb

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Credential is something with which somebody may come in over the network. What
// proves it is kept beside: see AddCredential.
type Credential struct {
	// ID is the access key's id, which is no secret.
	ID      string
	Created time.Time
	CredentialDetails
}

// CredentialDetails is what is known of a credential besides. It is kept as JSON.
type CredentialDetails struct {
	// Kind is what proves it, in the words of package server/access.
	Kind string `json:"kind"`
	// Name says whose it is.
	Name string `json:"name"`
	// Role is what it may do; Stores are the ids of the stores with which: none are all.
	Role   string   `json:"role"`
	Stores []string `json:"stores,omitempty"`
	// By is who created it.
	By string `json:"by,omitempty"`
	// Expires and Revoked are when it ends, or ended; zero if it does not, or did not.
	Expires time.Time `json:"expires,omitzero"`
	Revoked time.Time `json:"revoked,omitzero"`
}

// ErrNoCredential means that no credential of that id is known.
var ErrNoCredential = errors.New("no such access key or token")

// AddCredential records a credential, together with what can prove it: a sealed
// secret, or the hash of one. The secret itself is never kept.
func (d *DB) AddCredential(c Credential, proof []byte) error {
	doc, err := json.Marshal(c.CredentialDetails)
	if err != nil {
		return err
	}
	return d.write(func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO credentials VALUES (?, ?, ?, ?)", c.ID, c.Created.UnixMicro(), doc, proof)
		return err
	})
}

// RevokeCredential ends a credential for good; what could prove it is forgotten. One
// that was revoked stays as it is.
func (d *DB) RevokeCredential(id string, at time.Time) error {
	c, proof, err := d.Credential(id)
	if err != nil || len(proof) == 0 {
		return err
	}
	c.Revoked = at.UTC()
	doc, err := json.Marshal(c.CredentialDetails)
	if err != nil {
		return err
	}
	return d.write(func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE credentials SET doc = ?, secret = x'' WHERE id = ?", doc, id)
		return err
	})
}

// Credential returns a credential and what can prove it.
func (d *DB) Credential(id string) (c Credential, proof []byte, err error) {
	err = d.credentials(func(one Credential, with []byte) { c, proof = one, with }, " WHERE id = ?", id)
	if err == nil && c.ID == "" {
		err = fmt.Errorf("%w: %s", ErrNoCredential, id)
	}
	return c, proof, err
}

// Credentials returns all credentials, in order of time.
func (d *DB) Credentials() (all []Credential, err error) {
	err = d.credentials(func(c Credential, _ []byte) { all = append(all, c) }, " ORDER BY created, id")
	return all, err
}

func (d *DB) credentials(each func(Credential, []byte), where string, args ...any) error {
	if d.db == nil || d.warn == nil && d.had < 2 {
		return nil // a reader of a file from before there were any
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.db.Query("SELECT id, created, doc, secret FROM credentials"+where, args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", d.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Credential
		var created int64
		var doc, proof []byte
		if err := rows.Scan(&c.ID, &created, &doc, &proof); err != nil {
			return fmt.Errorf("read %s: %w", d.path, err)
		}
		c.Created = time.UnixMicro(created).UTC()
		if err := json.Unmarshal(doc, &c.CredentialDetails); err != nil {
			return fmt.Errorf("read %s: %w: credential %s: %w", d.path, errDamaged, c.ID, err)
		}
		each(c, proof)
	}
	return rows.Err()
}
