package report

import "time"

// Report is what came of a pack of controls over the events of some days.
type Report struct {
	// ID is a UUID, given when it was run.
	ID string `json:"id"`
	// Pack is what was asked.
	Pack Pack `json:"pack"`
	// Stores are the event data stores that were asked, by name.
	Stores []Store `json:"stores"`
	// From and To bound the time of the events: from From on, before To.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Ran is when it was run, Took how long that took.
	Ran  time.Time     `json:"ran"`
	Took time.Duration `json:"took_ns"`
	// By names the program that ran it.
	By string `json:"by"`
	// Log is the lake's log of record as the report saw it.
	Log Log `json:"log"`
	// Results are in order of the pack.
	Results []Result `json:"results"`
	// Coverage says on which days there were events, and where there were none.
	Coverage []Coverage `json:"coverage"`
	// Events are those that findings name, as they are in the lake: the first so many.
	Events []Event `json:"events,omitempty"`
}

// Event is an event that a finding names.
type Event struct {
	ID    string `json:"id"`
	Store string `json:"store"`
	// Raw are the bytes of the record.
	Raw string `json:"raw"`
	// Proof shows that the log of record has it: what tarn check-proof reads. It is
	// empty where none was made.
	Proof string `json:"proof,omitempty"`
}

// Pack is a collection of controls, mostly after a framework.
type Pack struct {
	// ID is its name in commands: letters, digits and '-'.
	ID    string `json:"id"`
	Title string `json:"title"`
	// About says in a few sentences what it covers, and what events cannot show.
	About string `json:"about"`
}

// Store is an event data store as a report names it.
type Store struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Events are how many there were between From and To.
	Events int64 `json:"events"`
}

// Log is a lake's log of record at a size, with the signed checkpoint of that size or
// of one a little larger.
type Log struct {
	Lake       string `json:"lake"`
	Size       int64  `json:"size"`
	Checkpoint string `json:"checkpoint"`
	// PublicKey checks the checkpoint's signature.
	PublicKey string `json:"public_key"`
}

// Verdict is what a control came to.
type Verdict string

// The verdicts.
const (
	// Passed means that the answer is what was expected.
	Passed Verdict = "passed"
	// Failed means that it is not.
	Failed Verdict = "failed"
	// Unknown means that the question could not be answered: there were no events
	// that could have shown it, or the statement failed.
	Unknown Verdict = "unknown"
)

// Severity is how bad it is when a control fails.
type Severity string

// The severities.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Result is what came of one control.
type Result struct {
	// ID is the control's name in commands, Title what it checks in a sentence.
	ID    string `json:"id"`
	Title string `json:"title"`
	// Why says why it matters, Do what to do when it fails.
	Why string `json:"why"`
	Do  string `json:"do"`
	// Severity is how bad a failure is.
	Severity Severity `json:"severity"`
	// References are the framework's numbers for it, such as "CIS AWS 3.0 4.1".
	References []string `json:"references"`
	// Expects says in words what answer was expected.
	Expects string `json:"expects"`
	// SQL is the statement as it was run.
	SQL string `json:"sql"`
	// Parameters are what was set in it.
	Parameters []Parameter `json:"parameters,omitempty"`

	Verdict Verdict `json:"verdict"`
	// Note says why the verdict is unknown.
	Note string `json:"note,omitempty"`
	// Columns and Rows are the answer, of which there may be more (Total) than stand
	// here. Values are as in CSV.
	Columns []string   `json:"columns,omitempty"`
	Rows    [][]string `json:"rows,omitempty"`
	Total   int64      `json:"total"`
	// Acknowledged has for each row who has seen it and said why it is right, and
	// nothing for the others; it is empty where no row was acknowledged. Such rows are
	// no findings.
	Acknowledged []string `json:"acknowledged,omitempty"`
	// Bytes are those of the segments that the statement looked at.
	Bytes int64         `json:"bytes_scanned"`
	Took  time.Duration `json:"took_ns"`
	// Earlier are the same control's results in earlier reports, the oldest first.
	Earlier []Earlier `json:"earlier,omitempty"`
}

// Parameter is a value that a control's statement takes.
type Parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Earlier is the result of a control in a report that was made before.
type Earlier struct {
	To      time.Time `json:"to"`
	Verdict Verdict   `json:"verdict"`
	Total   int64     `json:"total"`
}

// Coverage is where in the days of a report there were events of an account and region.
type Coverage struct {
	Store   string `json:"store"`
	Account string `json:"account"`
	Region  string `json:"region"`
	// Hours has the number of events of each hour between From and To.
	Hours []int64 `json:"hours"`
	// Missing are the stretches of hours without any where one would expect some.
	Missing []Stretch `json:"missing,omitempty"`
}

// Stretch is a piece of time: from From on, before To.
type Stretch struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Count returns how many results have a verdict.
func (r *Report) Count(v Verdict) (n int) {
	for _, one := range r.Results {
		if one.Verdict == v {
			n++
		}
	}
	return n
}

// Failing returns the results that failed, the most severe first, otherwise in their
// order.
func (r *Report) Failing() (all []Result) {
	for _, s := range []Severity{Critical, High, Medium, Low} {
		for _, one := range r.Results {
			if one.Verdict == Failed && one.Severity == s {
				all = append(all, one)
			}
		}
	}
	return all
}
