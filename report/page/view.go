package page

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tarn/internal/progress"
	"tarn/report"
)

// What a document shows at most; the evidence and the JSON have the rest.
const (
	shownRows    = 100 // of a control's findings, and as many that are acknowledged
	shownLetters = 500 // of a cell
	shownMaps    = 24  // heat maps
	shownPlaces  = 400 // lines of the table of coverage
)

// view is what a document says, in words.
type view struct {
	Title, ID, About string
	Facts            []fact
	Counts           []count
	Lines            []line
	Controls         []control
	Coverage         coverage
	Events           []event
	Log              []fact
	Checkpoint, Key  string
	Steps            []step
}

// fact is a value with its name.
type fact struct{ Name, Value string }

// count says how many controls came to a verdict.
type count struct {
	Verdict report.Verdict
	N       string
	// Says is how many of which severity.
	Says string
}

// line is a control in the summary.
type line struct {
	Verdict                             report.Verdict
	Severity, Title, Link, Rows, Change string
	References                          []string
}

// control is what a document says of one.
type control struct {
	Link, ID, Title string
	Verdict         report.Verdict
	Severity        string
	Facts           []fact
	References      []string
	Trend           *chart
	SQL, Cost       string
	Parameters      []fact
	Tables          []table
}

// table are rows under a caption.
type table struct {
	Caption string
	Columns []column
	Rows    [][]cell
	// More says what is left out and where it is.
	More string
}

// column is the head of a column. Its cells may all be numbers, and the longest has so
// many letters.
type column struct {
	Name    string
	Numbers bool
	Longest int
}

// shortCell is up to how many letters a cell is not broken: an id is not.
const shortCell = 36

// Short says whether the cells of a column stand on one line each.
func (c column) Short() bool { return c.Longest <= shortCell }

// Fits says whether a table has room on a sheet of paper with its short columns
// unbroken.
func (t table) Fits() bool {
	letters := 0
	for _, c := range t.Columns {
		if letters += 18; c.Short() {
			letters += c.Longest - 16
		}
	}
	return letters <= 100
}

// cell is a value, cut short by Left letters. Link is the place of the event that it
// names.
type cell struct {
	Text string
	Left int
	Link string
}

// event is an event in the appendix.
type event struct {
	Link, ID, Store, Raw, Sum, Proof string
}

// step is a thing to do, and how.
type step struct{ Says, Do string }

// look makes the view of a report.
func look(r *report.Report) *view {
	v := &view{
		Title: cmp.Or(r.Pack.Title, r.Pack.ID, "Report"),
		ID:    r.ID,
		About: r.Pack.About,
		Facts: facts(r),
		Steps: steps(r),
	}
	links := v.addEvents(r)
	names := newNames()
	for i := range r.Results {
		one := &r.Results[i]
		v.Controls = append(v.Controls, lookAt(one, r, names.of(one.ID), links))
	}
	v.addSummary(r)
	v.Coverage = covered(r)
	if r.Log.Lake != "" || r.Log.Size != 0 {
		v.Log = []fact{{"Lake", r.Log.Lake}, {"Log of record", progress.Count(r.Log.Size) + " entries"}}
	}
	v.Checkpoint, v.Key = r.Log.Checkpoint, r.Log.PublicKey
	return v
}

// facts says what a report is about.
func facts(r *report.Report) []fact {
	stores := make([]string, len(r.Stores))
	for i, s := range r.Stores {
		stores[i] = s.Name + " (" + counted(s.Events, "event") + ")"
	}
	return []fact{
		{"Events", "from " + moment(r.From) + " to " + moment(r.To) + ", the end not included; all times are UTC"},
		{"Stores", cmp.Or(strings.Join(stores, ", "), "none")},
		{"Run", moment(r.Ran) + ", in " + progress.Duration(r.Took) + ", by " + cmp.Or(r.By, "an unnamed program")},
		{"Controls", cmp.Or(r.Pack.ID, "no pack") + ", " + counted(len(r.Results), "control")},
		{"Report", cmp.Or(r.ID, "without an id")},
	}
}

// moment writes a time as a person reads it, as exact as it is.
func moment(t time.Time) string {
	t = t.UTC()
	if t.Second() == 0 && t.Nanosecond() == 0 {
		return t.Format("2006-01-02 15:04")
	}
	return t.Format(time.DateTime)
}

// day writes the day that a period up to t ends with.
func day(t time.Time) string { return t.UTC().Add(-1).Format(time.DateOnly) }

// verdicts are in order of what wants to be read first.
var verdicts = []report.Verdict{report.Failed, report.Unknown, report.Passed}

// severities are the worst first.
var severities = []report.Severity{report.Critical, report.High, report.Medium, report.Low}

// rank is the place of a value in an order, the last for one that is not in it.
func rank[T comparable](order []T, v T) int {
	if i := slices.Index(order, v); i >= 0 {
		return i
	}
	return len(order)
}

// addSummary counts verdicts and lists the controls, the worst first.
func (v *view) addSummary(r *report.Report) {
	for _, verdict := range verdicts {
		var says []string
		for _, s := range severities {
			n := 0
			for _, one := range r.Results {
				if one.Verdict == verdict && one.Severity == s {
					n++
				}
			}
			if n > 0 {
				says = append(says, progress.Count(int64(n))+" "+string(s))
			}
		}
		v.Counts = append(v.Counts, count{verdict, progress.Count(int64(r.Count(verdict))), strings.Join(says, ", ")})
	}
	order := make([]int, len(r.Results))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := &r.Results[a], &r.Results[b]
		return cmp.Or(cmp.Compare(rank(verdicts, x.Verdict), rank(verdicts, y.Verdict)),
			cmp.Compare(rank(severities, x.Severity), rank(severities, y.Severity)))
	})
	for _, i := range order {
		one := &r.Results[i]
		v.Lines = append(v.Lines, line{one.Verdict, string(one.Severity), v.Controls[i].Title, v.Controls[i].Link,
			progress.Count(one.Total), change(one), one.References})
	}
}
