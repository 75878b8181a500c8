package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/lake"
	"tarn/query"
	"tarn/report"
	"tarn/report/page"
	"tarn/report/runner"
)

// ErrUnknown means that a file is of no report that the log names.
var ErrUnknown = errors.New("not of a report that the log names")

// Verification is what came of checking a document.
type Verification struct {
	// File is the document, Record the report that the log has for it.
	File   string            `json:"file"`
	Record lake.ReportRecord `json:"report"`
	Entry  int64             `json:"entry"`
	Time   time.Time         `json:"recorded"`
	Checks []Check           `json:"checks"`
}

// Check is a part of it. It holds if it has no problems.
type Check struct {
	// What says in words what was checked; Notes what could not be, and other remarks.
	What     string   `json:"what"`
	Problems []string `json:"problems,omitempty"`
	Notes    []string `json:"notes,omitempty"`
}

// Holds reports whether nothing differs.
func (v *Verification) Holds() bool {
	return !slices.ContainsFunc(v.Checks, func(c Check) bool { return len(c.Problems) > 0 })
}

// Verifier checks documents against a lake.
type Verifier struct {
	Engine *query.Engine
	// Snap is the lake, and Dir its folder.
	Snap *lake.Snapshot
	Dir  string
	// Progress, if not nil, hears how many statements were asked again, of how many.
	Progress func(done, all int)
}

// Verify checks a document: that it is the one that the log names, that the log is whole
// and goes on from the checkpoint in the report, that the files of the period are those
// that were sealed, and that every statement has the answer that the report says. The
// error is for what cannot be checked at all.
func (v Verifier) Verify(ctx context.Context, path string) (*Verification, error) {
	shown, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	record, err := v.recordOf(ctx, shown)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	done := &Verification{File: path, Record: record, Entry: record.Index, Time: record.Time}
	made, asJSON := v.kept(ctx, record, shown)
	done.Checks = append(done.Checks, v.document(ctx, record, made, shown, filepath.Ext(path)))
	done.Checks = append(done.Checks, v.log(made))
	for _, check := range []func(context.Context, lake.ReportRecord, *report.Report) (Check, error){v.files, v.answers} {
		one, err := check(ctx, record, made)
		if err != nil {
			return nil, err
		}
		done.Checks = append(done.Checks, one)
	}
	if made == nil {
		done.Checks[len(done.Checks)-1].Notes = append(done.Checks[len(done.Checks)-1].Notes, asJSON)
	}
	return done, nil
}

// recordOf finds the record of the report that a document is of: by its bytes, or by the
// id that it names.
func (v Verifier) recordOf(ctx context.Context, shown []byte) (lake.ReportRecord, error) {
	is := fileOf(shown)
	record, err := v.Snap.Report(ctx, func(r lake.ReportRecord) bool {
		return slices.ContainsFunc(r.Files, func(f lake.ReportFile) bool { return f.File == is })
	})
	if errors.Is(err, lake.ErrReport) {
		record, err = v.Snap.Report(ctx, func(r lake.ReportRecord) bool { return bytes.Contains(shown, []byte(r.ID)) })
	}
	if errors.Is(err, lake.ErrReport) {
		err = hint.Add(ErrUnknown, "tarn report history lists those that it names", "a document that was changed so that it names no report is not found")
	}
	return record, err
}

// kept returns the report as it was made: the document itself if it is that, or what the
// lake kept. Otherwise it says why there is none.
func (v Verifier) kept(_ context.Context, record lake.ReportRecord, shown []byte) (*report.Report, string) {
	want := record.Files[slices.IndexFunc(record.Files, func(f lake.ReportFile) bool { return f.Name == jsonFile })].File
	text := shown
	if fileOf(shown) != want {
		var err error
		if text, err = Kept(v.Dir, record.ID); err != nil {
			return nil, fmt.Sprintf("the lake has not kept what was asked (%v): verify the report's JSON, which says it", err)
		}
		if fileOf(text) != want {
			return nil, fmt.Sprintf("what the lake kept of the report, %s, was changed: verify the report's JSON", keptAs(v.Dir, record.ID))
		}
	}
	r, err := page.Read(bytes.NewReader(text))
	if err != nil {
		return nil, err.Error()
	}
	return r, ""
}

// document compares the document with the record.
func (v Verifier) document(ctx context.Context, record lake.ReportRecord, made *report.Report, shown []byte, ext string) Check {
	is := fileOf(shown)
	for _, f := range record.Files {
		if f.File == is {
			return Check{What: fmt.Sprintf("the document is %s of report %s, as the log names it in entry %d", f.Name, record.ID, record.Index)}
		}
	}
	c := Check{What: "the document is one of report " + record.ID}
	format := strings.TrimPrefix(ext, ".")
	if made == nil || !slices.Contains(page.Formats(), format) {
		c.Problems = append(c.Problems, "it is not a document of that report: its bytes have another hash")
		return c
	}
	var again bytes.Buffer
	if err := page.Write(ctx, &again, format, made); err != nil {
		c.Problems = append(c.Problems, err.Error())
		return c
	}
	if again.Len() == len(shown) && bytes.Equal(again.Bytes(), shown) {
		c.Notes = append(c.Notes, "another program compressed it in another way: its hash is not the one in the log, what it says is the same")
		return c
	}
	c.Problems = append(c.Problems, "it was changed: "+differs(again.Bytes(), shown))
	return c
}

// log checks the log of record, and that it goes on from the report's checkpoint.
func (v Verifier) log(made *report.Report) Check {
	c := Check{What: "the log of record is whole and signed"}
	var kept []byte
	if made != nil {
		c.What += ", and goes on from the checkpoint in the report"
		kept = []byte(made.Log.Checkpoint)
	}
	c.Problems = v.Snap.CheckLog(kept)
	return c
}

// files compares the segments that the report stood on with their hashes.
func (v Verifier) files(ctx context.Context, record lake.ReportRecord, _ *report.Report) (Check, error) {
	c := Check{What: "the files of the period are those that were sealed"}
	past, err := v.Snap.At(ctx, record.LogSize)
	if err != nil {
		return c, err
	}
	n := 0
	for _, store := range record.Stores {
		err := runner.ChangedSegments(ctx, past.Snapshot, store, record.From, record.To, func(_ lake.Segment, wrong error) {
			if n++; wrong != nil {
				c.Problems = append(c.Problems, wrong.Error())
			}
		})
		if err != nil {
			return c, err
		}
		if gone := len(past.Gone[store]); gone > 0 {
			c.Notes = append(c.Notes, fmt.Sprintf("%d segments have expired since then: what they had cannot be asked again", gone))
		}
	}
	c.What += fmt.Sprintf(" (%d)", n)
	return c, nil
}

// answers asks every statement again, of the lake as it was.
func (v Verifier) answers(ctx context.Context, record lake.ReportRecord, made *report.Report) (Check, error) {
	c := Check{What: "every statement has the answer that the report says"}
	past, err := v.Snap.At(ctx, record.LogSize)
	if err != nil || made == nil {
		return c, err
	}
	asked := 0
	for i, one := range made.Results {
		if v.Progress != nil {
			v.Progress(i, len(made.Results))
		}
		if one.SQL == "" || one.Verdict == report.Unknown {
			continue
		}
		again, err := runner.Ask(ctx, v.Engine, past.Snapshot, one.SQL)
		if ctx.Err() != nil {
			return c, context.Cause(ctx)
		}
		if asked++; err != nil {
			c.Problems = append(c.Problems, fmt.Sprintf("%s: %v", one.ID, err))
		} else if wrong := unlike(one, again); wrong != "" {
			c.Problems = append(c.Problems, one.ID+": "+wrong)
		}
	}
	c.What += fmt.Sprintf(" (%d asked again at log size %d)", asked, record.LogSize)
	return c, nil
}

// unlike says how an answer differs from what the report says.
func unlike(one report.Result, again runner.Answer) string {
	if one.Total != again.Total || !slices.Equal(one.Columns, again.Columns) {
		return fmt.Sprintf("the report says %d rows, and there are %d", one.Total, again.Total)
	}
	left := map[string]int{}
	for _, row := range again.Rows {
		left[strings.Join(row, "\x00")]++
	}
	for _, row := range one.Rows {
		key := strings.Join(row, "\x00")
		if left[key]--; left[key] < 0 {
			return fmt.Sprintf("the row %q is not in the answer", row)
		}
	}
	return ""
}
