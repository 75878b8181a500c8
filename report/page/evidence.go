package page

import (
	"archive/zip"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tarn/report"
)

// File is a file of evidence.
type File struct {
	// Name is its path, with slashes, of letters, digits and "._-" alone.
	Name string
	// Write writes what is in it.
	Write func(io.Writer) error
}

// Evidence returns the files that a document leaves out or cuts short:
//
//	summary.csv               a line for each control: its verdict, and how many rows its answer has
//	controls/CONTROL.csv      the rows that the report holds of a control's answer
//	events/ID.json            an event that a finding names, byte for byte
//	events/ID.tlog-proof      its proof, where one was made: tarn check-proof reads both
//
// CSV is RFC 4180 with a line of names first. A spreadsheet takes a cell that begins
// with =, +, - or @ for a formula, and who is looked for may have written that cell; so
// a ' stands before it, and before a ' that was there. Who reads the file takes one '
// off each cell that begins with one, and has what the answer said. Numbers are left
// alone.
func Evidence(r *report.Report) iter.Seq[File] {
	return func(yield func(File) bool) {
		names := newNames()
		files := make([]string, len(r.Results))
		for i, one := range r.Results {
			files[i] = "controls/" + names.of(one.ID) + ".csv"
		}
		if !yield(File{"summary.csv", func(w io.Writer) error { return writeSummary(w, r, files) }}) {
			return
		}
		for i := range r.Results {
			if !yield(File{files[i], func(w io.Writer) error { return writeAnswer(w, &r.Results[i]) }}) {
				return
			}
		}
		names = newNames()
		for _, e := range r.Events {
			name := "events/" + names.of(e.ID)
			if !yield(File{name + ".json", text(e.Raw)}) || e.Proof != "" && !yield(File{name + ".tlog-proof", text(e.Proof)}) {
				return
			}
		}
	}
}

// text writes a text.
func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// writeSummary writes a line for each control.
func writeSummary(w io.Writer, r *report.Report, files []string) error {
	err := writeLine(w, "control", "title", "severity", "verdict", "rows", "rows_in_file", "acknowledged", "file", "note", "references")
	for i, one := range r.Results {
		if err != nil {
			return err
		}
		err = writeLine(w, one.ID, one.Title, string(one.Severity), string(one.Verdict), strconv.FormatInt(one.Total, 10),
			strconv.Itoa(len(one.Rows)), strconv.Itoa(acknowledged(&one)), files[i], one.Note, strings.Join(one.References, "; "))
	}
	return err
}

// acknowledged counts the rows that somebody has seen and called right.
func acknowledged(one *report.Result) (n int) {
	for i := range one.Rows {
		if acknowledgement(one, i) != "" {
			n++
		}
	}
	return n
}

// acknowledgement is what was said of a row, or nothing.
func acknowledgement(one *report.Result, row int) string {
	if row < len(one.Acknowledged) {
		return one.Acknowledged[row]
	}
	return ""
}

// writeAnswer writes the rows that a report holds of a control's answer, with what was
// said of each in a last column.
func writeAnswer(w io.Writer, one *report.Result) error {
	if err := writeLine(w, append(slices.Clone(one.Columns), "acknowledged")...); err != nil {
		return err
	}
	var cells []string
	for i, row := range one.Rows {
		cells = append(append(cells[:0], row...), acknowledgement(one, i))
		if err := writeLine(w, cells...); err != nil {
			return err
		}
	}
	return nil
}

// writeLine writes a line of CSV. Package encoding/csv is not used because it changes
// line ends within cells.
func writeLine(w io.Writer, cells ...string) error {
	var line []byte
	for i, c := range cells {
		if i > 0 {
			line = append(line, ',')
		}
		line = appendCell(line, c)
	}
	_, err := w.Write(append(line, '\r', '\n'))
	return err
}

// appendCell writes a cell so that no spreadsheet computes it, quoted where it must be.
// A semicolon or a tab ends a cell for the spreadsheets of some countries, in quotes it
// does not.
func appendCell(b []byte, s string) []byte {
	if isFormula(s) {
		s = "'" + s
	}
	if !strings.ContainsAny(s, "\",;\t\r\n") && strings.TrimSpace(s) == s {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}

// isFormula says whether a spreadsheet may compute a cell, or drop the ' before it. The
// wide forms are those of East Asian keyboards.
func isFormula(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	if s == "" || !strings.ContainsRune("=+-@'\t\r\n＝＋－＠", first) {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err != nil
}

// names makes names of files, and of places in a page, of ids that may be anything.
type names struct{ taken map[string]bool }

func newNames() *names { return &names{map[string]bool{}} }

// of returns id if it is fit to be the name of a file everywhere and was not returned
// before, and else one like it.
func (n *names) of(id string) string {
	name := []byte(id[:min(len(id), 100)])
	for i, c := range name {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.' && i > 0) {
			name[i] = '_'
		}
	}
	free := string(name)
	// Not all file systems tell large letters from small ones.
	for i := 2; free == "" || n.taken[strings.ToLower(free)]; i++ {
		free = fmt.Sprintf("%s-%d", name, i)
	}
	n.taken[strings.ToLower(free)] = true
	return free
}

// writeZip writes the files of [Evidence] into one.
func writeZip(w io.Writer, r *report.Report) error {
	z := zip.NewWriter(w)
	for f := range Evidence(r) {
		// A zip knows two-second steps from 1980 on and, beside these, seconds of
		// a time zone; both are the report's.
		at, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: r.Ran.UTC().Truncate(time.Second)})
		if err != nil {
			return err
		}
		if err := f.Write(at); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return z.Close()
}
