package page

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"tarn/report"
)

// writePDF writes r as a PDF.
func writePDF(w io.Writer, r *report.Report) error {
	p, err := newPaper()
	if err != nil {
		return err
	}
	v := look(r)
	p.pdf.SetTitle(label16(v.Title), true)
	p.pdf.SetSubject("Report "+label16(v.ID), true)
	p.pdf.SetCreator(label16(r.By), true)
	p.pdf.SetLang("en")
	p.dated(r.Ran)
	p.summary(v)
	if len(v.Controls) > 0 {
		p.part("Controls")
		for i := range v.Controls {
			p.control(&v.Controls[i])
		}
	}
	p.coverage(&v.Coverage)
	if len(v.Events) > 0 {
		p.part("Events")
		p.text(bodyFace, 0, "The events that findings name, as they are in the lake. Lines and indentation are the page’s; the bytes themselves are in the evidence.")
		p.y += 3
		for i := range v.Events {
			p.event(&v.Events[i])
		}
	}
	p.verify(v)
	p.number(v.Title + " · " + v.ID)
	return p.pdf.Output(w)
}

// label16 is a text for the outline and the title, which the library writes in 16 bits a
// letter.
func label16(s string) string {
	return plain(s, func(r rune) bool { return unseen(r) || r > 0xffff })
}

// dated sets when the document was made: the report's time. The library takes now for
// the zero time.
func (p *paper) dated(t time.Time) {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	p.pdf.SetCreationDate(t.UTC())
	p.pdf.SetModificationDate(t.UTC())
}

func itoa(n int) string { return strconv.Itoa(n) }

// part begins a part of the document on a page of its own.
func (p *paper) part(title string) {
	p.newPage()
	p.heading(partFace, 0, "", title)
	p.y += 1.5
}

// summary is what the report is about, and what came of it.
func (p *paper) summary(v *view) {
	p.text(largeFace, 0, v.Title)
	p.y += 3
	if v.About != "" {
		p.text(bodyFace, 0, v.About)
		p.y += 3
	}
	p.facts(v.Facts)
	p.y += 2
	p.heading(partFace, 0, "", "Summary")
	for _, c := range v.Counts {
		p.room(titleFace.high())
		p.line(face{"bold", 11, string(c.Verdict)}, edge, p.y, c.N+" "+string(c.Verdict))
		p.line(paleFace, edge+34, p.y+0.8, c.Says)
		p.y += titleFace.high() + 1
	}
	p.y += 3
	t := table{Caption: "All controls, the worst first", Columns: []column{
		{Name: "verdict"}, {Name: "control"}, {Name: "severity"}, {Name: "rows", Numbers: true}, {Name: "change", Numbers: true}, {Name: "references"}}}
	for _, l := range v.Lines {
		t.Rows = append(t.Rows, []cell{{Text: string(l.Verdict)}, {Text: l.Title, Link: l.Link}, {Text: l.Severity},
			{Text: l.Rows}, {Text: l.Change}, {Text: strings.Join(l.References, ", ")}})
	}
	if t.Rows == nil {
		p.text(bodyFace, 0, "The report has no controls.")
		return
	}
	p.table(t)
}

// control is what came of one control.
func (p *paper) control(c *control) {
	p.heading(titleFace, 1, c.Link, c.Title)
	verdict := face{"bold", 9, string(c.Verdict)}
	p.line(verdict, edge, p.y-0.3, p.printable(initial(string(c.Verdict))))
	p.text(paleFace, 24, c.Severity+" severity  ·  "+c.ID)
	p.y += 1.5
	facts := c.Facts
	if len(c.References) > 0 {
		facts = append(facts[:len(facts):len(facts)], fact{"References", strings.Join(c.References, ", ")})
	}
	p.facts(facts)
	if c.Trend != nil {
		p.room(18)
		p.chart(c.Trend, edge, width)
		p.text(paleFace, 0, c.Trend.Says)
		p.y += 2
	}
	for _, t := range c.Tables {
		p.table(t)
	}
	if c.SQL != "" {
		p.room(20)
		p.text(boldFace, 0, "Statement")
		p.y += 1
		p.code(c.SQL)
		p.facts(c.Parameters)
		p.text(paleFace, 0, c.Cost)
	}
	p.y += 8
}

// coverage is when there were events.
func (p *paper) coverage(c *coverage) {
	p.part("Coverage")
	if c.Table.Rows == nil {
		p.text(bodyFace, 0, "The report does not say when there were events.")
		return
	}
	p.text(bodyFace, 0, "When there were events. Where none were, no control can have found any.")
	p.y += 3
	p.table(c.Table)
	p.text(bodyFace, 0, c.Legend)
	p.y += 2
	for _, m := range c.Maps {
		p.room(float64(m.Chart.Height)*0.264 + 18)
		p.text(boldFace, 0, m.Name)
		p.y += 1
		p.chart(m.Chart, edge, width)
		p.text(paleFace, 0, m.Chart.Says)
		p.y += 4
	}
	if c.More != "" {
		p.text(paleFace, 0, c.More)
	}
}

// event is an event of the appendix.
func (p *paper) event(e *event) {
	title := e.ID
	if title == "" {
		title = "An event without an id"
	}
	p.heading(titleFace, 1, e.Link, title)
	p.text(paleFace, 0, "Store "+e.Store+". SHA-256 of the bytes: "+e.Sum)
	p.y += 1
	text := e.Raw
	var b bytes.Buffer
	if depth := json.Valid([]byte(text)) && depth(text) <= deepest; depth && json.Indent(&b, []byte(text), "", "  ") == nil {
		text = b.String()
	}
	p.code(text)
	if e.Proof == "" {
		p.text(paleFace, 0, "No proof was made for it.")
	} else {
		p.text(boldFace, 0, "Its proof: the log of record has it")
		p.y += 1
		p.code(e.Proof)
	}
	p.y += 5
}

// verify is how to check the report.
func (p *paper) verify(v *view) {
	p.part("How to verify")
	for i, s := range v.Steps {
		p.text(bodyFace, 0, itoa(i+1)+". "+s.Says)
		p.y += 1
		p.code(s.Do)
		p.y += 1
	}
	p.facts(v.Log)
	for _, one := range []fact{{"Public key", v.Key}, {"Checkpoint", v.Checkpoint}} {
		if one.Value != "" {
			p.heading(titleFace, 1, "", one.Name)
			p.code(one.Value)
		}
	}
}
