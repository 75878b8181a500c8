package activity_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/ingest/activity"
	"tarn/internal/hint"
	"tarn/internal/jscan"
)

// mapOf parses a map with these fields beside the two that every map needs.
func mapOf(t testing.TB, fields string) *activity.Map {
	t.Helper()
	m, err := activity.ParseMap("maps/own.json", []byte(`{"fields":{"eventName":"n","eventTime":{"path":"t","unit":"s"}`+fields+`}}`))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// data returns eventData of a record as encoding/json reads it.
func data(t testing.TB, raw []byte) map[string]any {
	t.Helper()
	var r struct{ EventData map[string]any }
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return r.EventData
}

func TestRules(t *testing.T) {
	for _, tt := range []struct{ name, rule, event, want string }{
		{"a path", `"a.b"`, `"a":{"b":"x"}`, "x"},
		{"a path to a number", `"a"`, `"a":12`, "12"},
		{"an element", `"a[1].b"`, `"a":[{},{"b":true}]`, "true"},
		{"a name with dots", `"a[b.c/d].e"`, `"a":{"b.c/d":{"e":"x"}}`, "x"},
		{"another case", `"Actor.ID"`, `"actor":{"id":"x"}`, "x"},
		{"an escaped name", `"id"`, `"i\u0064":"x"`, "x"},
		{"the first of two members", `"a"`, `"a":"1","a":"2"`, "1"},
		{"an object is no text", `"a"`, `"a":{}`, ""},
		{"null is nothing", `["a","b"]`, `"a":null,"b":"x"`, "x"},
		{"an empty text is nothing", `["a","b"]`, `"a":"","b":"x"`, "x"},
		{"the first that is a text", `["a","b"]`, `"a":[1],"b":"x"`, "x"},
		{"a constant", `{"const":"x"}`, ``, "x"},
		{"a constant behind a path", `["a",{"const":"x"}]`, ``, "x"},
		{"joined", `{"join":["a","b","c"],"with":"/"}`, `"a":"1","c":3`, "1/3"},
		{"joined without the first", `{"join":["a","b"]}`, `"b":"1"`, ""},
		{"joined with escapes", `{"join":["a","b"]}`, `"a":"\"","b":"\u00e9"`, `"é`},
		{"unless", `{"path":"a","unless":["ok","2*"]}`, `"a":"failed"`, "failed"},
		{"unless, in any case", `{"path":"a","unless":["ok","2*"]}`, `"a":"OK"`, ""},
		{"unless it begins so", `{"path":"a","unless":["ok","2*"]}`, `"a":204`, ""},
		{"unless it ends so", `{"path":"a","unless":["*I"]}`, `"a":"T1I"`, ""},
		{"unless it has that", `{"path":"a","unless":["*es*"]}`, `"a":"success"`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := mapOf(t, `,"userAgent":`+tt.rule)
			event := `{"n":"x",` + tt.event + `,"t":1}`
			e, err := m.Event([]byte(strings.Replace(event, ",,", ",", 1)), activity.Origin{})
			if err != nil {
				t.Fatal(err)
			}
			got, _ := data(t, e.Raw)["userAgent"].(string)
			if got != tt.want {
				t.Errorf("%s of {%s} is %q; want %q", tt.rule, tt.event, got, tt.want)
			}
		})
	}
}

func TestObjects(t *testing.T) {
	for _, tt := range []struct{ name, rule, event, want string }{
		{"as it is", `"a"`, `"a":{ "x": [1] }`, `{"x":[1]}`},
		{"in a text", `"a"`, `"a":"log: {\"x\":1}"`, `{"x":1}`},
		{"not in a text", `"a"`, `"a":"{broken"`, `null`},
		{"no list", `"a"`, `"a":[1]`, `null`},
		{"of parts", `{"object":{"x":"a","y":"b","z":{"const":"c"}}}`, `"a":[1]`, `{"x":[1],"z":"c"}`},
		{"of nothing", `{"object":{"x":"a"}}`, `"b":1`, `null`},
		{"of parts of parts", `{"object":{"x":{"object":{"y":"a"}}}}`, `"a":1`, `{"x":{"y":1}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := mapOf(t, `,"requestParameters":`+tt.rule).Event([]byte(`{"n":"x","t":1,`+tt.event+`}`), activity.Origin{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(data(t, e.Raw)["requestParameters"])
			if err != nil || string(got) != tt.want {
				t.Errorf("%s of {%s} is %s, %v; want %s", tt.rule, tt.event, got, err, tt.want)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	for _, tt := range []struct{ unit, value, want string }{
		{"", `"2026-01-02T03:04:05.5+01:00"`, "2026-01-02T02:04:05.5Z"},
		{"", `"2026-01-02 03:04:05"`, "2026-01-02T03:04:05Z"},
		{"s", `"2026-01-02 03:04:05.1234567"`, "2026-01-02T03:04:05.123456Z"},
		{"s", `1772352930`, "2026-03-01T08:15:30Z"},
		{"s", `"1772352930"`, "2026-03-01T08:15:30Z"},
		{"s", `1772352930.25`, "2026-03-01T08:15:30.25Z"},
		{"ms", `1772352930250`, "2026-03-01T08:15:30.25Z"},
		{"us", `1772352930000001`, "2026-03-01T08:15:30.000001Z"},
		{"ns", `1772352930000001999`, "2026-03-01T08:15:30.000001Z"},
		{"s", `-1`, "1969-12-31T23:59:59Z"},
		{"s", `0`, "1970-01-01T00:00:00Z"},
		{"", `1772352930`, `eventTime 1772352930 is no time: map own has no unit for it, or another one`},
		{"s", `1772352930000`, `eventTime 1772352930000 is no time: map own has no unit for it, or another one`},
		{"ns", `1e300`, `eventTime 1e300 is no time: map own has no unit for it, or another one`},
		{"ms", `"soon"`, `eventTime "soon" is not a time such as "2026-01-31T23:59:59Z"`},
		{"s", `null`, `no eventTime: map own looks for it in t, a[0].b`},
	} {
		rule := `{"path":"t","unit":"` + tt.unit + `"}`
		if tt.unit == "" {
			rule = `"t"`
		}
		m, err := activity.ParseMap("own.json", []byte(`{"fields":{"eventName":"n","eventTime":[`+rule+`,"a[0].b"]}}`))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		e, err := m.Event([]byte(`{"n":"x","t":`+tt.value+`}`), activity.Origin{})
		if err != nil {
			got = err.Error()
		} else {
			got, _ = data(t, e.Raw)["eventTime"].(string)
		}
		if got != tt.want {
			t.Errorf("%s in unit %q is %q; want %q", tt.value, tt.unit, got, tt.want)
		}
	}
}

// What a map cannot place has a reason.
func TestRejects(t *testing.T) {
	inside, err := activity.ParseMap("syslog.json", []byte(`{"inside":"m","fields":{"eventName":"n","eventTime":"t"}}`))
	if err != nil {
		t.Fatal(err)
	}
	deep := strings.Repeat(`{"a":`, 99) + "1" + strings.Repeat("}", 99)
	for _, tt := range []struct {
		m        *activity.Map
		raw, why string
	}{
		{mapOf(t, ""), `[]`, "record is not an object"},
		{mapOf(t, ""), `{"n":"x"`, "record is not an object"},
		{mapOf(t, ""), `{"n":"x","t":1} {}`, "record is not an object"},
		{mapOf(t, ""), "{\"n\":\"\xff\",\"t\":1}", "record is not valid UTF-8"},
		{mapOf(t, ""), `{"t":1}`, "no eventName: map own looks for it in n"},
		{mapOf(t, ""), `{"n":"x","t":1,"d":` + deep + `}`, "record is nested too deep: at most 100 levels, with the event around it"},
		{inside, `{"t":"2026-01-02T03:04:05Z","n":"x"}`, "no event in m: map syslog wants a JSON object there, or a text with one"},
		{inside, `{"m":"no object"}`, "no event in m: map syslog wants a JSON object there, or a text with one"},
	} {
		if _, err := tt.m.Event([]byte(tt.raw), activity.Origin{}); err == nil || err.Error() != tt.why {
			t.Errorf("%.60s: %v; want %s", tt.raw, err, tt.why)
		}
	}
}

// Mistakes in a map are told with the file and the field, and with what to do.
func TestMistakesInMaps(t *testing.T) {
	const ok = `"eventName":"n","eventTime":"t"`
	for _, tt := range []struct{ text, want, advice string }{
		{`{"fields":{` + ok + `}`, "own.json: line 1, column 44: not JSON", "commas, quotes and brackets"},
		{"{\n \"about\": x}", "own.json: line 2, column 11: not JSON", "commas, quotes and brackets"},
		{`[]`, "own.json: not a JSON object", `"fields"`},
		{`{"field":{}}`, "own.json: field: no such entry", "did you mean fields?"},
		{`{"about":1,"fields":{` + ok + `}}`, "own.json: about: not a text", "which source"},
		{`{"fields":[]}`, "own.json: fields: not an object", "eventTime"},
		{`{"fields":{"eventName":"n"}}`, "own.json: fields.eventTime: is missing", "every map says"},
		{`{"fields":{` + ok + `,"eventSorce":"x"}}`, "own.json: fields.eventSorce: no such entry", "did you mean eventSource?"},
		{`{"fields":{` + ok + `,"UID":"a..b"}}`, `own.json: fields.UID: path "a..b": a name is missing`, "a rule is a path"},
		{`{"fields":{` + ok + `,"UID":"a[b"}}`, `own.json: fields.UID: path "a[b": a bracket needs`, "a rule is a path"},
		{`{"fields":{` + ok + `,"UID":"a[b]c"}}`, `own.json: fields.UID: path "a[b]c": behind a bracket`, "a rule is a path"},
		{`{"fields":{` + ok + `,"UID":"a."}}`, `own.json: fields.UID: path "a.": a name is missing behind a dot`, "a rule is a path"},
		{`{"fields":{` + ok + `,"UID":7}}`, "own.json: fields.UID: 7 is no rule", "a rule is a path"},
		{`{"fields":{` + ok + `,"UID":[]}}`, "own.json: fields.UID: a list without rules", "a rule is a path"},
		{`{"fields":{` + ok + `,"UID":{"pth":"a"}}}`, "own.json: fields.UID: pth: no such entry in a rule", "a rule is a path"},
		{`{"fields":{` + ok + `,"UID":{"path":7}}}`, "own.json: fields.UID: path: 7 is not what belongs there", "a rule is a path"},
		{`{"fields":{` + ok + `,"UID":{"path":"a","const":"b"}}}`, "own.json: fields.UID: not one of const, path, join and object, but 2", "a rule is a path"},
		{`{"fields":{` + ok + `,"UID":{"const":"b","unless":["x"]}}}`, "own.json: fields.UID: unless and unit go with path", "a rule is a path"},
		{`{"fields":{` + ok + `,"UID":{"path":"b","with":"x"}}}`, "own.json: fields.UID: with goes with join", "a rule is a path"},
		{`{"fields":{` + ok + `,"UID":{"path":"b","unit":"h"}}}`, `own.json: fields.UID: unit "h": there are ms, ns, s, us`, "a rule is a path"},
		{`{"fields":{` + ok + `,"requestParameters":{"object":{"a":{"object":{}}}}}}`, "own.json: fields.requestParameters: object.a: object: is empty", "a rule is a path"},
		{`{"list":7,"fields":{` + ok + `}}`, "own.json: list: 7 is no path", "data.events"},
		{`{"inside":["a","b"],"fields":{` + ok + `}}`, "own.json: inside: more than one path", "data.events"},
	} {
		_, err := activity.ParseMap("own.json", []byte(tt.text))
		if !errors.Is(err, activity.ErrMap) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %s", tt.text, err, tt.want)
			continue
		}
		if advice := strings.Join(hint.Of(err), " "); !strings.Contains(advice, tt.advice) {
			t.Errorf("%s: the advice is %q; want %s", tt.text, advice, tt.advice)
		}
	}
	if _, err := activity.FindMap("", "kubernets"); !errors.Is(err, activity.ErrMap) || !strings.Contains(hint.Of(err)[0], "did you mean kubernetes?") {
		t.Errorf("a misspelt name: %v, %q", err, hint.Of(err))
	}
	if _, err := activity.FindMap("", "./none.json"); err == nil {
		t.Error("a file that is not there: no error")
	}
}

func TestOriginIsInTheRecord(t *testing.T) {
	o := activity.Origin{Account: "111122223333", Region: "eu-north-1", Channel: "arn:aws:cloudtrail:eu-north-1:111122223333:channel/x"}
	e, err := mapOf(t, "").Event([]byte(`{"n":"x","t":1}`), o)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(e.Raw, &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "eventData")
	want := map[string]any{
		"eventVersion": "1.0", "eventCategory": "ActivityAuditLog", "eventType": "ActivityLog", "eventID": e.ID,
		"eventTime": "1970-01-01T00:00:01Z", "awsRegion": o.Region, "recipientAccountId": o.Account,
		"metadata": map[string]any{"channelARN": o.Channel}, "map": "own", "original": map[string]any{"n": "x", "t": 1.0},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the record (-want +got):\n%s", d)
	}
}

// FuzzMap: whatever a map says and whatever comes in, nothing panics, and an event
// is valid JSON that has the original, the same each time.
func FuzzMap(f *testing.F) {
	all, err := activity.Maps()
	if err != nil {
		f.Fatal(err)
	}
	for _, m := range all {
		f.Add(m.Text, []byte(`{"published":"2026-01-02T03:04:05Z","eventType":"x","uuid":"1","items":[{}],"message":"{\"a\":1}"}`))
	}
	f.Add([]byte(`{"list":["a"],"inside":"b","fields":{"eventName":{"join":["a","b[0]"],"with":"-"},"eventTime":{"path":"t","unit":"ns","unless":["*x*"]}}}`), []byte(`{"a":[{"b":"{}"}],"t":1}`))
	f.Fuzz(func(t *testing.T, text, raw []byte) {
		m, err := activity.ParseMap("fuzz.json", text)
		if err != nil {
			return
		}
		if end, err := jscan.Value(raw, 0); err != nil || end != len(raw) {
			return
		}
		for _, r := range m.Records(raw) {
			e, err := m.Event(r, activity.Origin{})
			if err != nil {
				continue
			}
			if !json.Valid(e.Raw) || !bytes.Equal(activity.Original(e.Raw), r) {
				t.Fatalf("%s of %s: %s", text, r, e.Raw)
			}
			if again, err := m.Event(r, activity.Origin{}); err != nil || !bytes.Equal(again.Raw, e.Raw) {
				t.Fatalf("%s of %s again: %s, %v", text, r, again.Raw, err)
			}
		}
	})
}
