package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"tarn/internal/hint"
	"tarn/report"
)

// formatNumber is that of the JSON form. It is one more when a reader of the older
// form would misread the newer; a new member alone changes nothing for those who
// pass over what they do not know.
const formatNumber = 1

// numbered is a report with the number of the form that it is written in.
type numbered struct {
	Format int `json:"format"`
	*report.Report
}

// writeJSON writes r as one JSON object, indented, since people look at it too.
func writeJSON(w io.Writer, r *report.Report) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	return enc.Encode(numbered{formatNumber, r})
}

// Read reads a report that [Write] wrote as json. Its documents are those of the
// report that was written, byte for byte, if that was UTF-8, as all is in a lake.
func Read(r io.Reader) (*report.Report, error) {
	one := numbered{Report: new(report.Report)}
	dec := json.NewDecoder(r)
	if err := dec.Decode(&one); err != nil {
		return nil, fmt.Errorf("report: %w", whereInJSON(err))
	}
	switch {
	case one.Format == 0:
		return nil, hint.Add(errors.New("report: this JSON has no format number"), "tarn report run -o report.json writes one")
	case one.Format != formatNumber:
		return nil, hint.Add(fmt.Errorf("report: it is in format %d, and this program reads format %d", one.Format, formatNumber),
			"use the program that wrote it, or a newer one")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("report: something follows the report in this file")
	}
	return one.Report, nil
}

// whereInJSON says in words what encoding/json says in Go's.
func whereInJSON(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file ends in the middle of the report")
	case errors.As(err, &syntax):
		return fmt.Errorf("byte %d is no JSON: %w", syntax.Offset, err)
	case errors.As(err, &kind):
		return fmt.Errorf("byte %d: %q cannot be a %s", kind.Offset, strings.TrimPrefix(kind.Field, "Report."), kind.Value)
	}
	return err
}
