package cloudtrail

import (
	"strings"
	"testing"
	"time"

	"tarn/server/fault"
)

type sample struct {
	Name   string `aws:"required,min=3,max=5"`
	Number *int   `aws:"min=1,max=10"`
	Lists  []struct {
		Key string `json:"key" aws:"required"`
	} `aws:"max=2"`
	When *Time
}

func TestInputsAreHeldAgainstTheirBounds(t *testing.T) {
	for input, want := range map[string]string{
		`{"Name":"abc"}`: "", `{"Name":"äöüß€"}`: "", `{"Name":"abc","Number":10,"Unknown":1}`: "",
		``:                                "Name is missing",
		`{"Name":"ab"}`:                   "Name has a length of 2; its min is 3",
		`{"Name":"abcdef"}`:               "Name has a length of 6; its max is 5",
		`{"Name":"abc","Number":0}`:       "Number is 0; its min is 1",
		`{"Name":"abc","Number":11}`:      "Number is 11; its max is 10",
		`{"Name":"abc","Lists":[{}]}`:     "Lists[0].key is missing",
		`{"Name":7}`:                      "the member Name cannot be a number",
		`{"Name":"abc"`:                   "not JSON",
		`{"Name":"abc","When":"now"}`:     "not a time",
		`{"Name":"abc","When":1e300}`:     "not a time",
		`{"Name":"abc","Lists":[1,2,3,4]`: "not JSON",
		`{"Name":"abc","Lists":[{"key":"a"},{"key":"b"},{"key":"c"}]}`: "Lists has a length of 3; its max is 2",
	} {
		err := read([]byte(input), &sample{})
		if f := fault.Of(err); (err == nil) != (want == "") || err != nil && (f == nil || f.Status != 400 || !strings.Contains(f.Msg, want)) {
			t.Errorf("read(%s) = %v; want %q", input, err, want)
		}
	}
}

func TestTimesAreSecondsWithMilliseconds(t *testing.T) {
	var in sample
	if err := read([]byte(`{"Name":"abc","When":1767323045.1234}`), &in); err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 1, 2, 3, 4, 5, 123e6, time.UTC); !in.When.Equal(want) {
		t.Errorf("the time is %v; want %v", in.When, want)
	}
	if b, err := in.When.MarshalJSON(); err != nil || string(b) != "1767323045.123" {
		t.Errorf("written it is %s, %v", b, err)
	}
}

func TestPagesHaveAllOfAListOnce(t *testing.T) {
	all := strings.Fields("a b c d e f g")
	same := func(s string) string { return s }
	for most := 1; most <= len(all)+1; most++ {
		var seen []string
		for token := ""; ; {
			some, next, err := page(all, same, most, token)
			if err != nil || len(some) > most {
				t.Fatal(some, err)
			}
			if seen = append(seen, some...); next == "" {
				break
			}
			token = next
		}
		if strings.Join(seen, " ") != strings.Join(all, " ") {
			t.Errorf("pages of %d have %v", most, seen)
		}
	}
	if some, _, err := page(all, same, 0, tokenFor("cc")); err != nil || some[0] != "d" {
		t.Errorf("behind what is not there any more comes %v, %v", some, err)
	}
	if _, _, err := page(all, same, 0, "xxxx"); fault.Of(err) == nil || fault.Of(err).Code != "InvalidNextTokenException" {
		t.Errorf("a token that was not given out: %v", err)
	}
}
