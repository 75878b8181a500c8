package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// answer is what a system says to a question, and how long it took until the last row
// was there, as its own process or the client of its server saw it.
type answer struct {
	Millis float64          `json:"ms"`
	Rows   []map[string]any `json:"rows"`
	Error  string           `json:"error,omitempty"`
}

// digest is a short name for the rows, the same for two answers that say the same in the
// columns that are checked, whatever the order of rows and the forms of values.
func digest(rows []map[string]any, columns []string) string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		cells := make([]string, len(columns))
		for name, v := range row {
			// SELECT * has names in lower case in some systems.
			if j := slices.IndexFunc(columns, func(c string) bool { return strings.EqualFold(c, name) }); j >= 0 {
				cells[j] = text(v)
			}
		}
		lines[i] = strings.Join(cells, "\x00")
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:6])
}

// text is a value in the one form in which values are compared: nothing is empty, and a
// time is in UTC, whole seconds, as all of CloudTrail's are.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		for _, layout := range []string{time.RFC3339, time.DateTime} {
			if t, err := time.Parse(layout, v); err == nil {
				return t.UTC().Format(time.RFC3339)
			}
		}
		return v
	case json.Number:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}
