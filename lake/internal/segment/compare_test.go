package segment

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"tarn/lake/internal/needle"
	"tarn/lake/internal/proof"
	"tarn/schemas"
)

// sealed is a segment of events in memory, and what it claims.
func sealed(t *testing.T, events []Event) (*Reader, Claims) {
	t.Helper()
	var file, needles, tree bytes.Buffer
	sum, err := Write(schemas.CloudTrail(), InOrder(events), Files{&file, &needles, &tree})
	if err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	c := Claims{Family: schemas.CloudTrail(), Format: Format, Filters: map[string]*needle.Filter{}}
	for _, n := range c.Family.Needles() {
		if c.Filters[n.Name], err = needle.Load(bytes.NewReader(needles.Bytes()), sum.Needles.SHA256, n.Name); err != nil {
			t.Fatal(err)
		}
	}
	return r, c
}

// stored events of the only row group, in order of row.
func storedEvents(t *testing.T, r *Reader) (all []Event) {
	t.Helper()
	err := r.Hashed(0, true, func(raw []byte, leaf proof.Hash) error {
		if leaf != proof.Leaf(raw) {
			t.Fatalf("the leaf hash of %s is wrong", raw)
		}
		all = append(all, Event{Raw: raw, Leaf: leaf})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCompareFindsWhatIsNotWhatTheEventSays(t *testing.T) {
	r, claims := sealed(t, generated(t, 700))
	events := storedEvents(t, r)
	if d, err := r.Compare(claims, 0, nil, events); err != nil || len(d) > 0 {
		t.Fatalf("of what was sealed: %+v, %v", d, err)
	}
	rows := []int64{0, 3, 4, 650}
	some := func(all []Event) (few []Event) {
		for _, row := range rows {
			few = append(few, all[row])
		}
		return few
	}
	if d, err := r.Compare(claims, 0, rows, some(events)); err != nil || len(d) > 0 {
		t.Fatalf("of a sample: %+v, %v", d, err)
	}
	// The file cannot be made to lie here, so the event is another one than it was.
	const row = 650
	for _, tt := range []struct{ from, to, column, filter string }{
		{`"awsRegion":"`, `"awsRegion":"x`, "awsregion", ""},
		{`"sourceIPAddress":"`, `"sourceIPAddress":"9`, "sourceipaddress", "sourceipaddress"},
		{`"principalId":"`, `"principalId":"Z`, "useridentity.principalid", "principalid"},
		{`"principalId":"`, `"principalId":"Z`, "useridentity_principalid", "principalid"},
		{`"eventTime":"2`, `"eventTime":"3`, "eventtime", ""},
		{`"eventID":"`, `"eventID":"not `, "eventid", "eventid"},
		{`"eventID":"`, `"eventIdentity":"`, "eventid", "eventid"},
		{`"requestParameters":{`, `"requestParameters":{"k":true,`, "requestparameters.key", ""},
		{`"readOnly":`, `"readOnly":"no","x":`, "readonly", ""},
	} {
		lying := slices.Clone(events)
		raw := []byte(strings.Replace(string(events[row].Raw), tt.from, tt.to, 1))
		if bytes.Equal(raw, events[row].Raw) {
			t.Fatalf("event %d has no %s: %s", row, tt.from, raw)
		}
		lying[row] = Event{Raw: raw, Leaf: proof.Leaf(raw)}
		for what, d := range map[string][]Difference{
			"all":    must(t)(r.Compare(claims, 0, nil, lying)),
			"sample": must(t)(r.Compare(claims, 0, rows, some(lying))),
		} {
			if !slices.ContainsFunc(d, func(d Difference) bool {
				return d.Row == row && d.Column == tt.column && d.Stands != d.Should && !d.Filter
			}) {
				t.Errorf("%s → %s, %s: %+v; want row %d of column %s", tt.from, tt.to, what, d, row, tt.column)
			}
			if denied := slices.ContainsFunc(d, func(d Difference) bool { return d.Filter && d.Column == tt.filter }); denied != (tt.filter != "") {
				t.Errorf("%s → %s, %s: %+v; want filter %q", tt.from, tt.to, what, d, tt.filter)
			}
		}
	}
}

func must(t *testing.T) func([]Difference, error) []Difference {
	t.Helper()
	return func(d []Difference, err error) []Difference {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
}

// Every family's columns compare with themselves, and a column more or less is told.
func TestCompareKnowsEveryFamily(t *testing.T) {
	r, claims := sealed(t, generated(t, 20))
	events := storedEvents(t, r)
	for _, f := range schemas.Families() {
		var file bytes.Buffer
		if _, err := Write(f, InOrder(events), Files{&file, new(bytes.Buffer), new(bytes.Buffer)}); err != nil {
			t.Fatal(err)
		}
		own, err := OpenReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
		if err != nil {
			t.Fatal(err)
		}
		// The times of these events are all zero in the file.
		d := must(t)(own.Compare(Claims{Family: f, Format: Format}, 0, nil, storedEvents(t, own)))
		if len(d) != 1 || d[0].Column != schemas.EventTime {
			t.Errorf("%s: %+v; want a difference in the time alone", f.Name, d)
		}
		if d := must(t)(own.Compare(claims, 0, nil, events)); f.Name != claims.Family.Name && len(d) < 2 {
			t.Errorf("%s as CloudTrail: %+v; want differences", f.Name, d)
		}
	}
}
