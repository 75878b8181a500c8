package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"tarn/internal/uuid"
	"tarn/lake/internal/entrylog"
)

// ErrReport means that something is no report that can be recorded.
var ErrReport = errors.New("no report")

// ReportRecord is the act of making a report: what was asked, and the hashes of what
// was answered.
type ReportRecord struct {
	// ID is a UUID. There is one record of it.
	ID string `json:"id"`
	// Pack names the controls that were asked, Schedule and Due for which time of
	// which schedule that was (ScheduleID: names are given again); they are empty for a
	// report that somebody made by hand.
	Pack       string     `json:"pack"`
	Schedule   string     `json:"schedule,omitempty"`
	ScheduleID string     `json:"schedule_id,omitempty"`
	Due        *time.Time `json:"due,omitempty"`
	// Stores are the ids of the stores that were asked, for events from From on and
	// before To.
	Stores []string  `json:"stores"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	// LogSize is the size of the log whose events were asked: Snapshot.At has them.
	LogSize int64 `json:"log_size"`
	// Parameters are the values of the controls' parameters, by control.parameter.
	Parameters map[string]string `json:"parameters,omitempty"`
	// Results are what came of the controls.
	Results []ReportResult `json:"results"`
	// Files are the documents.
	Files []ReportFile `json:"files"`

	// Index and Time are the entry's.
	Index int64     `json:"-"`
	Time  time.Time `json:"-"`
	By    *By       `json:"-"`
}

// ReportResult is what came of a control: its verdict, and how many rows its answer had.
type ReportResult struct {
	Control string `json:"control"`
	Verdict string `json:"verdict"`
	Rows    int64  `json:"rows,omitempty"`
}

// ReportFile is a document of a report.
type ReportFile struct {
	Name string `json:"name"`
	File
}

// mark stands in every entry about a report.
var mark = []byte(`"type":"` + typeReport + `"`)

// check says what is wrong with a record.
func (r ReportRecord) check() error {
	if !uuid.Valid(r.ID) || r.Pack == "" || len(r.Files) == 0 || r.LogSize < 1 || !r.From.Before(r.To) {
		return fmt.Errorf("%w: it takes an id, a pack, a period, a size of the log and documents", ErrReport)
	}
	return nil
}

// RecordReport records that a report was made. A report of that id that is recorded
// already stays as it is.
func (l *Lake) RecordReport(ctx context.Context, r ReportRecord) error {
	if l.log == nil {
		return ErrReadOnly
	}
	if err := r.check(); err != nil {
		return err
	}
	snap := l.Snapshot()
	defer snap.Release()
	if r.LogSize > snap.LogSize() {
		return fmt.Errorf("%w: it says that it stands on %d entries of a log that has %d", ErrReport, r.LogSize, snap.LogSize())
	}
	switch _, err := snap.Report(ctx, func(o ReportRecord) bool { return o.ID == r.ID }); {
	case err == nil:
		return nil
	case !errors.Is(err, ErrReport):
		return err
	}
	return l.record(entry{Type: typeReport, Report: &r})
}

// Reports returns the records of all reports, the oldest first. It reads the log.
func (s *Snapshot) Reports(ctx context.Context) (all []ReportRecord, err error) {
	_, err = entrylog.Scan(s.lake.fsys, entrylog.Position{}, s.state.pos.Size, func(raw entrylog.Entry) error {
		if !bytes.Contains(raw.Payload, mark) {
			return ctx.Err()
		}
		e, err := decodeEntry(raw.Payload)
		if err != nil {
			return fmt.Errorf("entry %d: %w", raw.Index, err)
		}
		if e.Report != nil {
			r := *e.Report
			r.Index, r.Time, r.By = raw.Index, e.Time, e.By
			all = append(all, r)
		}
		return ctx.Err()
	})
	return all, err
}

// Report returns the record of the newest report that is meant; ErrReport if none is.
func (s *Snapshot) Report(ctx context.Context, meant func(ReportRecord) bool) (found ReportRecord, err error) {
	all, err := s.Reports(ctx)
	if err != nil {
		return found, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		if meant(all[i]) {
			return all[i], nil
		}
	}
	return found, fmt.Errorf("%w of the log is that one", ErrReport)
}
