package page

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"tarn/internal/hint"
	"tarn/report"
)

// form is one way to write a report.
type form struct {
	name  string
	write func(io.Writer, *report.Report) error
}

// forms are all there are, in the order in which a person hears of them.
var forms = []form{
	{"html", writeHTML},
	{"pdf", writePDF},
	{"json", writeJSON},
	{"zip", writeZip},
}

// Formats returns the names that [Write] knows, which are also how such files end:
// html and pdf are the document, json is what [Read] reads, zip has the files of
// [Evidence].
func Formats() []string {
	names := make([]string, len(forms))
	for i, f := range forms {
		names[i] = f.name
	}
	return names
}

// Write writes r in a format. The same report gives the same bytes. When ctx ends it
// stops, and what it has written is no whole document.
func Write(ctx context.Context, w io.Writer, format string, r *report.Report) error {
	for _, f := range forms {
		if f.name != format {
			continue
		}
		// The documents are written in small pieces.
		b := bufio.NewWriterSize(&patient{ctx, w}, 64<<10)
		if err := f.write(b, r); err != nil {
			return fmt.Errorf("report %s as %s: %w", r.ID, format, err)
		}
		return b.Flush()
	}
	return hint.Add(fmt.Errorf("a report cannot be written as %q", format), "the formats are "+strings.Join(Formats(), ", "))
}

// patient writes as long as its context lasts.
type patient struct {
	ctx context.Context
	w   io.Writer
}

func (p *patient) Write(b []byte) (int, error) {
	if err := context.Cause(p.ctx); err != nil {
		return 0, err
	}
	return p.w.Write(b)
}
