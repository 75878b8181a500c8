package archive

import (
	"context"
	"io"
	"path/filepath"
	"strings"

	"tarn/report"
	"tarn/report/page"
)

// jsonFile is the name of the report as JSON among its documents.
const jsonFile = "report.json"

// Formats are the forms of documents, which are also how their names end.
func Formats() []string { return page.Formats() }

// Write writes a report in the form that the end of a file's name says.
func Write(ctx context.Context, w io.Writer, name string, r *report.Report) error {
	return page.Write(ctx, w, strings.TrimPrefix(filepath.Ext(name), "."), r)
}

// Read reads a report that was written as JSON, of at most 256 MiB.
func Read(r io.Reader) (*report.Report, error) { return page.Read(io.LimitReader(r, mostJSON)) }
