package page_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tarn/internal/hint"
	"tarn/report"
	"tarn/report/page"
	"tarn/report/page/pagetest"
)

// keep is where the documents of the sample reports go.
var (
	keep   = flag.String("keep", "", "write the documents of the sample reports to this folder, to look at them")
	update = flag.Bool("update", false, "write the golden files anew")
)

// write writes a report, and fails the test if that does.
func write(t testing.TB, format string, r *report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := page.Write(context.Background(), &b, format, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheSameReportGivesTheSameBytes(t *testing.T) {
	for name, r := range pagetest.All() {
		for _, format := range page.Formats() {
			t.Run(name+"."+format, func(t *testing.T) {
				first := write(t, format, r)
				if !bytes.Equal(first, write(t, format, r)) {
					t.Error("the second time it is written otherwise")
				}
				if *keep != "" {
					if err := os.WriteFile(filepath.Join(*keep, name+"."+format), first, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}

// Whoever has the JSON has the documents.
func TestDocumentsCanBeMadeAgainOfTheJSON(t *testing.T) {
	for name, r := range pagetest.All() {
		if name == "broken" {
			continue // JSON cannot hold what is no UTF-8, and a lake does not
		}
		again, err := page.Read(bytes.NewReader(write(t, "json", r)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, format := range page.Formats() {
			if !bytes.Equal(write(t, format, r), write(t, format, again)) {
				t.Errorf("%s.%s: made of the JSON it is another", name, format)
			}
		}
	}
}

func TestManyWriteAtOnce(t *testing.T) {
	want := write(t, "pdf", pagetest.Full())
	done := make(chan []byte)
	for range 4 {
		go func() {
			var b bytes.Buffer
			_ = page.Write(context.Background(), &b, "pdf", pagetest.Full())
			done <- b.Bytes()
		}()
	}
	for range 4 {
		if got := <-done; !bytes.Equal(got, want) {
			t.Error("written beside others it is another")
		}
	}
}

func TestAnUnknownFormatIsNamed(t *testing.T) {
	err := page.Write(context.Background(), io.Discard, "docx", pagetest.Full())
	if err == nil || !strings.Contains(err.Error(), `"docx"`) || len(hint.Of(err)) != 1 || hint.Of(err)[0] != "the formats are html, pdf, json, zip" {
		t.Errorf("got %v, hint %q", err, hint.Of(err))
	}
}

func TestWritingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	enough := errors.New("enough")
	cancel(enough)
	for _, format := range page.Formats() {
		if err := page.Write(ctx, io.Discard, format, pagetest.Full()); !errors.Is(err, enough) {
			t.Errorf("%s: got %v, want %v", format, err, enough)
		}
	}
}

// A document is to be read: however many rows the report holds, a table has a bounded
// number, and says where the others are.
func TestALargeReportIsADocumentAllTheSame(t *testing.T) {
	large := pagetest.Large(1, 100_000)
	for _, format := range []string{"html", "pdf"} {
		small := len(write(t, format, pagetest.Large(1, 200)))
		if got := len(write(t, format, large)); got > small+1000 {
			t.Errorf("%s: %d bytes with 100,000 rows, %d with 200", format, got, small)
		}
	}
	want := "The first 100 of 100,000. All are in the evidence, file controls/control-00.csv."
	if !bytes.Contains(write(t, "html", large), []byte(want)) {
		t.Errorf("the page does not say: %s", want)
	}
	var lines int
	for f := range page.Evidence(large) {
		if f.Name == "controls/control-00.csv" {
			var b bytes.Buffer
			if err := f.Write(&b); err != nil {
				t.Fatal(err)
			}
			lines = bytes.Count(b.Bytes(), []byte("\r\n"))
		}
	}
	if lines != 100_001 {
		t.Errorf("the evidence has %d lines; want 100,001", lines)
	}
}

func BenchmarkWrite(b *testing.B) {
	r := pagetest.Large(60, 500)
	for _, format := range page.Formats() {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			var size int
			for b.Loop() {
				size = len(write(b, format, r))
			}
			b.ReportMetric(float64(size), "bytes/document")
		})
	}
}
