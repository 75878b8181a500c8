package page

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"unicode/utf8"

	"tarn/internal/progress"
	"tarn/report"
)

// addEvents lists the events of the appendix, and returns where each stands there.
func (v *view) addEvents(r *report.Report) (links map[string]string) {
	links = make(map[string]string, len(r.Events))
	names := newNames()
	for _, e := range r.Events {
		link := "event-" + names.of(e.ID)
		sum := sha256.Sum256([]byte(e.Raw))
		v.Events = append(v.Events, event{link, e.ID, e.Store, e.Raw, hex.EncodeToString(sum[:]), e.Proof})
		if _, there := links[e.ID]; !there && e.ID != "" {
			links[e.ID] = link
		}
	}
	return links
}

// lookAt says what came of one control. Its name is that of its file in the evidence.
func lookAt(one *report.Result, r *report.Report, name string, links map[string]string) control {
	file := "controls/" + name + ".csv"
	c := control{
		Link: "control-" + name, ID: one.ID, Title: cmp.Or(one.Title, one.ID, "A control without a name"),
		Verdict: one.Verdict, Severity: string(one.Severity), References: one.References,
		Trend: trend(one, r.To), SQL: one.SQL,
		Cost: "Asked of " + progress.Bytes(one.Bytes) + " of events in " + progress.Duration(one.Took) + ".",
	}
	for _, p := range one.Parameters {
		c.Parameters = append(c.Parameters, fact(p))
	}
	note := "Note"
	if one.Verdict == report.Unknown {
		note = "Unknown, because"
	}
	for _, f := range []fact{
		{note, one.Note},
		{"Expected", one.Expects},
		{"Answer", answer(one)},
		{"Why it matters", one.Why},
		{"What to do", one.Do},
	} {
		if f.Value != "" {
			c.Facts = append(c.Facts, f)
		}
	}
	var open, seen []int
	for i := range one.Rows {
		if acknowledgement(one, i) == "" {
			open = append(open, i)
		} else {
			seen = append(seen, i)
		}
	}
	caption := "Rows of the answer"
	if one.Verdict == report.Failed {
		caption = "Findings"
	}
	if len(open) > 0 {
		// What the report does not hold may be either; findings are what it is about.
		c.Tables = append(c.Tables, tabulate(one, open, caption, one.Total-int64(len(seen)), file, links, false))
	}
	if len(seen) > 0 {
		c.Tables = append(c.Tables, tabulate(one, seen, "Acknowledged, and so no findings", int64(len(seen)), file, links, true))
	}
	return c
}

// answer says how much came.
func answer(one *report.Result) string {
	if one.Verdict == report.Unknown && one.Total == 0 {
		return ""
	}
	s := counted(one.Total, "row")
	if n := acknowledged(one); n > 0 {
		s += ", of which " + progress.Count(int64(n)) + " acknowledged"
	}
	return s
}

// number is a value that reads best with its units below one another. Twelve digits
// are an account.
var number = regexp.MustCompile(`^-?[0-9]{1,11}(\.[0-9]+)?$`)

// tabulate makes a table of some rows of an answer, of which there are so many in all.
func tabulate(one *report.Result, rows []int, caption string, all int64, file string, links map[string]string, seen bool) table {
	shown := rows[:min(len(rows), shownRows)]
	t := table{Caption: caption + ": " + progress.Count(all), More: more(int64(len(shown)), int64(len(rows)), all, file)}
	for _, name := range one.Columns {
		t.Columns = append(t.Columns, column{cmp.Or(name, "(no name)"), len(shown) > 0, utf8.RuneCountInString(name)})
	}
	if seen {
		t.Columns = append(t.Columns, column{Name: "acknowledged", Longest: shownLetters})
	}
	for _, i := range shown {
		cells := make([]cell, len(t.Columns))
		for j := range one.Columns {
			var value string
			if j < len(one.Rows[i]) {
				value = one.Rows[i][j]
			}
			text, left := cut(value, shownLetters)
			cells[j] = cell{text, left, links[value]}
			col := &t.Columns[j]
			col.Numbers = col.Numbers && number.MatchString(value)
			col.Longest = max(col.Longest, utf8.RuneCountInString(text))
		}
		if seen {
			text, left := cut(one.Acknowledged[i], shownLetters)
			cells[len(cells)-1] = cell{Text: text, Left: left}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// more says what a table leaves out, and where that is.
func more(shown, held, all int64, file string) string {
	if shown == all {
		return ""
	}
	s := "The first " + progress.Count(shown) + " of " + progress.Count(all) + ". "
	if held == all {
		return s + "All are in the evidence, file " + file + "."
	}
	return s + "The first " + progress.Count(held) + " are in the evidence, file " + file +
		"; this report holds no more of them, and the statement gives them all."
}
