package page_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"tarn/report"
	"tarn/report/page/pagetest"
)

var (
	stream = regexp.MustCompile(`(?s)/Length (\d+)>>\nstream\n`)
	drawn  = regexp.MustCompile(`(?s)Td \((.*?[^\\]|)\) Tj`)
)

// paperText returns what is written on the pages of a PDF, a line for each piece.
func paperText(t *testing.T, pdf []byte) string {
	t.Helper()
	var b strings.Builder
	for _, at := range stream.FindAllSubmatchIndex(pdf, -1) {
		var length int
		if _, err := fmt.Sscan(string(pdf[at[2]:at[3]]), &length); err != nil {
			t.Fatal(err)
		}
		z, err := zlib.NewReader(bytes.NewReader(pdf[at[1] : at[1]+length]))
		if err != nil {
			continue // not packed: no page
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		for _, piece := range drawn.FindAllSubmatch(text, -1) {
			b.WriteString(utf16Text(piece[1]) + "\n")
		}
	}
	return b.String()
}

// utf16Text reads a string as it stands in a PDF.
func utf16Text(s []byte) string {
	var raw []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			if s[i] == 'r' {
				raw = append(raw, '\r')
				continue
			}
		}
		raw = append(raw, s[i])
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return string(utf16.Decode(units))
}

func TestPaperSaysWhatThePageSays(t *testing.T) {
	text := paperText(t, write(t, "pdf", pagetest.Full()))
	for _, want := range []string{
		"CIS AWS Foundations: what events can show", "from 2026-11-02 00:00 to 2026-11-09 00:00, the end not included; all times are UTC",
		"prod (1,204,331 events), sandbox (88,120 events)", "2 failed", "1 critical, 1 medium", "Findings: 4", "Acknowledged, and so no findings: 1",
		"The first 100 of 1,873.", "file controls/denied-calls.csv", "WHERE useridentity.type = 'Root'", "Rows in reports up to: 2026-09-20 0 (passed);",
		"Роли и политики не меняются вне окна", "Οι ρόλοι δεν αλλάζουν", "„Straße“, žluťoučký kůň",
		"2026-11-04 03:00 to 09:00 (6 h 00 min)", `"eventName": "ConsoleLogin",`, "c2sp.org/tlog-proof@v1", "No proof was made for it.",
		"tarn report verify FILE", "— audit.example.com/lake", "AQ5m0m9mQm1kq0m1J1nQ0m0m9mQm1kq0m1J1nQ0m0m9mQm", "Page 1 of ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("not on paper: %s", want)
		}
	}
}

// A letter that the fonts do not have is not dropped.
func TestPaperShowsLettersThatItDoesNotHaveAsNumbers(t *testing.T) {
	r := &report.Report{Pack: report.Pack{Title: "T"}, Results: []report.Result{{ID: "x", Title: "日本 שלום 🦊 \u202e \u0007 Ω Ж ő"}}}
	text := paperText(t, write(t, "pdf", r))
	want := `\u{65e5}\u{672c} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f98a} \u{202e} \u{7} Ω Ж ő`
	if !strings.Contains(text, want) {
		t.Errorf("not on paper: %s", want)
	}
}

// Whatever a text says, there is a PDF, and the text is in it.
func FuzzPaper(f *testing.F) {
	for _, s := range []string{pagetest.Enemy, "", "\x00", "\xff", "(\\) Tj ET", "\u202e", "WWWWWWWWWWWW", " \n \t ", "🦊"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := paperText(t, write(t, "pdf", &report.Report{Pack: report.Pack{About: s}, Results: []report.Result{{ID: s, Columns: []string{s, s}, Rows: [][]string{{s, s}}, Total: 1}}}))
		if word, _, _ := strings.Cut(s, " "); len(word) < 20 && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz()\\") == "" && !strings.Contains(text, word) {
			t.Errorf("not on paper: %q", word)
		}
	})
}

func TestPaperHasTitleLanguageOutlineAndLinks(t *testing.T) {
	r := pagetest.Full()
	pdf := write(t, "pdf", r)
	for _, want := range []string{"/Lang (en)", "/Title (\xfe\xff\x00C\x00I\x00S\x00 \x00A", "/PageMode /UseOutlines", "/CreationDate (D:20261109080012)", "/FontFile2", "/ToUnicode"} {
		if !bytes.Contains(pdf, []byte(want)) {
			t.Errorf("no %q", want)
		}
	}
	// A line of the outline for each part, control and event, and for key and checkpoint.
	if got, want := bytes.Count(pdf, []byte("/Parent ")), 5+len(r.Results)+len(r.Events)+2; got < want {
		t.Errorf("%d lines in the outline, want %d at least", got, want)
	}
	// From the summary to each control, and from a finding to its event.
	if got, want := bytes.Count(pdf, []byte("/Subtype /Link")), len(r.Results)+len(r.Events); got < want {
		t.Errorf("%d links, want %d at least", got, want)
	}
}
