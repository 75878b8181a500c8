package statedb

import (
	"database/sql"
	"fmt"
)

// Bounds for tests.
const (
	KeptImports = keptImports
	KeptSources = keptSources
	KeptText    = keptText
	KeptRuns    = keptRuns
)

// Fill writes so many imports at once, with ids from 0 on.
func (d *DB) Fill(n int) error {
	return d.write(func(tx *sql.Tx) error {
		for i := range n {
			if _, err := tx.Exec("INSERT INTO imports VALUES (?, 's', 'COMPLETED', 0, 0, '{}')", fmt.Sprintf("%08d", i)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Exec lets a test do what no program does.
func (d *DB) Exec(sql string) error {
	_, err := d.db.Exec(sql)
	return err
}
