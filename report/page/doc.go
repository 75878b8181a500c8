// Package page makes documents of a report: HTML and PDF for people, JSON for
// machines, and a zip with the evidence as CSV.
//
//	page.go            Write, and the forms there are
//	json.go            a report as a file, and back
//	evidence.go        the answers as CSV, the events as they are, their proofs
//	view.go            what both documents say, in words: one view, drawn twice
//	text.go            what cannot be seen is shown
//	chart.go           the charts, as boxes and labels
//	html.go, html/     the view as one HTML file
//	pdf.go, paper.go   the view on paper
//
// The same report gives the same bytes, whenever and wherever it is written: no
// document has a time that is not in the report. So one that somebody shows can
// be made again of its JSON, and compared.
//
// What a report quotes was written by those whom it is about. In HTML it is text
// and nothing else, and were it more, the file's own policy lets nothing run and
// nothing load; what cannot be seen on a page (control characters, what turns the
// direction of text around) stands there as its number.
package page
