package control

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Acknowledged are findings that somebody has seen and said why they are right, by the
// control's name. They are lines of the file acknowledged.csv in a user's folder:
//
//	control,column,value,until,who,why
//	user-made,eventID,6f9b…,2027-01-01,ida,the new colleague
//
// A row of the control's answer is acknowledged if its column has that value, until the
// end of that day.
type Acknowledged map[string][]acknowledgement

type acknowledgement struct {
	column, value string
	until         time.Time // the end of it
	said          string
}

// acknowledgedFile is its name in a user's folder.
const acknowledgedFile = "acknowledged.csv"

var acknowledgedHead = []string{"control", "column", "value", "until", "who", "why"}

func readAcknowledged(folder string) (Acknowledged, error) {
	name := filepath.Join(folder, acknowledgedFile)
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, r := Acknowledged{}, csv.NewReader(f)
	r.FieldsPerRecord, r.Comment = len(acknowledgedHead), '#'
	for first := true; ; first = false {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrControl, name, err)
		}
		if first {
			if !slices.Equal(record, acknowledgedHead) {
				return nil, fault(name, line, "the first line is %s", strings.Join(acknowledgedHead, ","))
			}
			continue
		}
		until, err := time.Parse(time.DateOnly, record[3])
		if err != nil || record[0] == "" || record[1] == "" || record[4] == "" || record[5] == "" {
			return nil, fault(name, line, "each line has a control, a column, a value, the last day as 2006-01-02, who says so, and why")
		}
		all[record[0]] = append(all[record[0]], acknowledgement{record[1], record[2], until.AddDate(0, 0, 1), record[4] + ": " + record[5]})
	}
}

// Of is who acknowledged a row of a control's answer at a time, and why; empty if nobody
// did.
func (a Acknowledged) Of(control string, columns, row []string, now time.Time) string {
	for _, k := range a[control] {
		i := slices.IndexFunc(columns, func(c string) bool { return strings.EqualFold(c, k.column) })
		if i >= 0 && i < len(row) && row[i] == k.value && now.Before(k.until) {
			return k.said
		}
	}
	return ""
}
