package archive

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/report"
	"tarn/report/page"
)

// Occasion is the time of a schedule for which a report is made: the schedule's name and
// id, and when it was due. The zero value is none.
type Occasion struct {
	Schedule, ID string
	Due          time.Time
}

// Is reports whether a record is of a report for this occasion.
func (o Occasion) Is(r lake.ReportRecord) bool {
	return o.ID != "" && r.ScheduleID == o.ID && r.Due != nil && r.Due.Equal(o.Due)
}

// Record is what the log of record is told of a report: what was asked, what came of it,
// and the hashes of its documents in all their forms, whichever are written.
func Record(ctx context.Context, r *report.Report, o Occasion) (lake.ReportRecord, error) {
	record := lake.ReportRecord{ID: r.ID, Pack: r.Pack.ID, From: r.From, To: r.To, LogSize: r.Log.Size, Parameters: map[string]string{}}
	if o.ID != "" {
		record.Schedule, record.ScheduleID, record.Due = o.Schedule, o.ID, &o.Due
	}
	for _, s := range r.Stores {
		record.Stores = append(record.Stores, s.ID)
	}
	for _, one := range r.Results {
		for _, p := range one.Parameters {
			record.Parameters[one.ID+"."+p.Name] = p.Value
		}
		record.Results = append(record.Results, lake.ReportResult{Control: one.ID, Verdict: string(one.Verdict), Rows: one.Total})
	}
	for _, format := range page.Formats() {
		h := &hashed{}
		if err := page.Write(ctx, h, format, r); err != nil {
			return record, err
		}
		record.Files = append(record.Files, lake.ReportFile{Name: "report." + format, File: h.file()})
	}
	return record, nil
}

// hashed is a file that is not kept.
type hashed struct{ bytes.Buffer }

func (h *hashed) file() lake.File { return fileOf(h.Bytes()) }

func fileOf(b []byte) lake.File {
	sum := sha256.Sum256(b)
	return lake.File{Bytes: int64(len(b)), SHA256: base64.StdEncoding.EncodeToString(sum[:])}
}

// File keeps a report in the folder of a lake, and has the log of record name it.
func File(ctx context.Context, l *lake.Lake, lakeDir string, r *report.Report, o Occasion) error {
	record, err := Record(ctx, r, o)
	if err == nil {
		err = Keep(ctx, lakeDir, r)
	}
	if err != nil {
		return err
	}
	return l.RecordReport(ctx, record)
}

// Keep keeps a report in the folder of a lake (lake.ReportsDir), as JSON, gzipped. It is
// no evidence of its own: the log has its hash. One that is there already is the same.
func Keep(ctx context.Context, lakeDir string, r *report.Report) (err error) {
	dir := filepath.Join(lakeDir, filepath.FromSlash(lake.ReportsDir))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("keep the report: %w", err)
	}
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return fmt.Errorf("keep the report: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("keep the report: %w", err), os.Remove(f.Name()))
		}
	}()
	z := gzip.NewWriter(f)
	err = page.Write(ctx, z, "json", r)
	if err = errors.Join(err, z.Close(), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), keptAs(lakeDir, r.ID))
}

func keptAs(lakeDir, id string) string {
	return filepath.Join(lakeDir, filepath.FromSlash(lake.ReportsDir), id+".json.gz")
}

// Kept returns the bytes of a report as JSON that was kept; fs.ErrNotExist if it was
// not, or somebody has removed it.
func Kept(lakeDir, id string) ([]byte, error) {
	if !uuid.Valid(id) {
		return nil, fmt.Errorf("%q is no id of a report", id)
	}
	f, err := os.Open(keptAs(lakeDir, id))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	b, err := io.ReadAll(io.LimitReader(z, mostJSON))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return b, nil
}

// mostJSON is more than any report has.
const mostJSON = 256 << 20

// Documents writes a report in all its forms into a folder that the lake keeps until it
// is removed (Sweep), and returns it.
func Documents(ctx context.Context, lakeDir string, r *report.Report) (dir string, err error) {
	dir = filepath.Join(lakeDir, filepath.FromSlash(lake.ReportsDir), r.ID)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for _, format := range page.Formats() {
		var b bytes.Buffer
		if err := page.Write(ctx, &b, format, r); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, "report."+format), b.Bytes(), 0o644); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// Sweep removes folders with documents that were made before a time: what they say can
// be made again.
func Sweep(lakeDir string, before time.Time) error {
	entries, err := os.ReadDir(filepath.Join(lakeDir, filepath.FromSlash(lake.ReportsDir)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		info, wrong := e.Info()
		if wrong == nil && e.IsDir() && uuid.Valid(e.Name()) && info.ModTime().Before(before) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(lakeDir, filepath.FromSlash(lake.ReportsDir), e.Name())))
		}
	}
	return err
}
