package selector_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/schemas"
	"tarn/schemas/selector"
)

// problems are what Parse finds.
func problems(t *testing.T, text string) []string {
	t.Helper()
	set, err := selector.Parse([]byte(text))
	if err == nil {
		return nil
	}
	var all selector.Problems
	if !errors.As(err, &all) || !set.IsZero() {
		t.Fatalf("Parse(%s) = %v, %v; want Problems and no selectors", text, set, err)
	}
	return all
}

// many are so many different values.
func many(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprint("v", i))
	}
	return strings.Join(all, ",")
}

func TestEveryProblemIsTold(t *testing.T) {
	const at = "selector 1, field "
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"", []string{`selectors: the text is empty; write an array, [{"FieldSelectors":[…]}]`}},
		{"[\n {\"é\" 1}]", []string{"selectors: this is not JSON at line 2, column 7 (not JSON); mend it there"}},
		{"[] x", []string{"selectors: this is not JSON at line 1, column 4 (more text behind the end); mend it there"}},
		{`{"AdvancedEventSelectors":[]}`, []string{"selectors: this is an answer about a store or trail; take the array out of its AdvancedEventSelectors"}},
		{`{"FieldSelectors":[]}`, []string{"selectors: this is one selector; write it into an array: […]"}},
		{`"x"`, []string{`selectors: this is no array of selectors; write [{"FieldSelectors":[…]}]`}},
		{`[1,{"Name":2}]`, []string{
			`selector 1: a selector is an object: {"Name":"…","FieldSelectors":[…]}`,
			`selector 2: Name is no text; write it in quotes: "…"`,
			`selector 2: there is no array FieldSelectors; write [{"Field":"eventCategory","Equals":["Management"]}]`}},
		{`[{"Name":"n","FieldSelectors":[]}]`, []string{`selector 1 ("n"): there is no field eventCategory; add {"Field":"eventCategory","Equals":["Management"]}`}},
		{`[{"FieldSelectors":[{"Field":"eventCategory"},{"equals":["A"]},{"Field":"eventName","Equals":"A"},{"Field":"readOnly","Equals":[true]},{"Field":"eventType","Equals":[],"Equals":[]}]}]`, []string{
			`selector 1, field selector 1: "eventCategory" is compared with nothing; write Equals, StartsWith, EndsWith, NotEquals, NotStartsWith or NotEndsWith`,
			`selector 1, field selector 2: there is no "equals"; a field selector has Field and Equals, StartsWith, EndsWith, NotEquals, NotStartsWith or NotEndsWith`,
			`selector 1, field selector 2: there is no Field; name one, such as "Field":"eventName"`,
			`selector 1, field selector 3: Equals is no array; write its values as texts in one: ["…"]`,
			`selector 1, field selector 4: Equals has the value true; write it as a text: "true"`,
			`selector 1, field selector 5: Equals is empty; give it a value or leave it out`,
			`selector 1, field selector 5: "Equals" stands there twice; write it once`}},
		{of("eventCategory Equals management"), []string{at + `eventCategory: there is no category "management"; write Management, Data, NetworkActivity, Insight, ConfigurationItem, Evidence or ActivityAuditLog`}},
		{of("eventCategory NotEquals Data"), []string{at + "eventCategory: it has NotEquals; it can only have Equals"}},
		{of("eventCategory Equals Data,Management"), []string{at + "eventCategory: it has 2 values; it can have one: write a selector for each"}},
		{of(data), []string{`selector 1: there is no field resources.type, which Data events need; add {"Field":"resources.type","Equals":["…"]}`}},
		{of(network, "eventName Equals A"), []string{`selector 1: there is no field eventSource, which NetworkActivity events need; add {"Field":"eventSource","Equals":["…"]}`}},
		{of(management, "eventname Equals A", "userIdentity.userName Equals A"), []string{
			at + "eventname: there is no such field; Management events have eventCategory, eventName, eventSource, eventType, readOnly, sessionCredentialFromConsole and userIdentity.arn",
			at + "userIdentity.userName: there is no such field; Management events have eventCategory, eventName, eventSource, eventType, readOnly, sessionCredentialFromConsole and userIdentity.arn"}},
		{of(management, "resources.ARN Equals a"), []string{at + "resources.ARN: Management events cannot be selected by it; Management events have eventCategory, eventName, eventSource, eventType, readOnly, sessionCredentialFromConsole and userIdentity.arn"}},
		{of("eventCategory Equals Insight", "eventName Equals A"), []string{at + "eventName: Insight events cannot be selected by it; Insight events have eventCategory"}},
		{of(management, "eventName Equals A", "eventName NotEquals B"), []string{at + "eventName: it stands there twice; write all its conditions into one field selector"}},
		{of(management, "readOnly NotEquals true", "sessionCredentialFromConsole StartsWith t"), []string{
			at + "readOnly: it has NotEquals; it can only have Equals",
			at + "sessionCredentialFromConsole: it has StartsWith; it can only have Equals and NotEquals"}},
		{of(management, "readOnly Equals true,false"), []string{at + "readOnly: it has 2 values; it can have one: write a selector for each"}},
		{of(management, "readOnly Equals yes", "sessionCredentialFromConsole Equals false"), []string{
			at + `readOnly: it has the value "yes"; write true or false`,
			at + `sessionCredentialFromConsole: it has the value "false"; write true`}},
		{of(data, "resources.type StartsWith AWS::S3"), []string{at + "resources.type: it has StartsWith; it can only have Equals"}},
		{of(data, "resources.type Equals AWS::S3::Object,AWS::Lambda::Function"), []string{at + "resources.type: it has 2 values; it can have one: write a selector for each"}},
		{of(network, "eventSource StartsWith s3", "errorCode Equals AccessDenied"), []string{
			at + "eventSource: it has StartsWith; it can only have Equals",
			at + `errorCode: it has the value "AccessDenied"; write VpceAccessDenied`}},
		{of(management, "eventName Equals Get*,,A,A"), []string{
			at + `eventName: it has the value "Get*", in which * is no wildcard; use StartsWith or EndsWith`,
			at + `eventName: it has an empty value; leave that out`,
			at + `eventName: Equals has "A" twice; write it once`}},
		{`[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventName","Equals":["A"],"NotEquals":["A"]}]}]`,
			[]string{at + `eventName: Equals and NotEquals both have "A", which no event can meet; leave one out`}},
		{`[{"Name":"` + strings.Repeat("é", 1001) + `","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]`,
			[]string{`selector 1 ("` + strings.Repeat("é", 30) + `…"): its Name has 1001 characters; write at most 1000`}},
		{of(management, "eventName Equals "+strings.Repeat("A", 2049)), []string{at + "eventName: it has a value of 2049 characters; write at most 2048"}},
		{of(management, "eventName Equals "+many(500)), []string{"selectors: there are 501 values; a store has at most 500: StartsWith and EndsWith say many at once"}},
		{both(both(both(of(management), of(management)), both(of(management), of(management))), both(of(management), of(management))),
			[]string{"selectors: there are 6; a store has at most 5: join those of a category, or make another store"}},
		{of(management, "eventName Equals "+strings.ReplaceAll(many(40), "v", strings.Repeat("v", 1600))),
			[]string{"selectors: they take 64295 bytes; a store has at most 60000: use shorter values, or StartsWith and EndsWith"}},
	} {
		if d := cmp.Diff(tt.want, problems(t, tt.text)); d != "" {
			t.Errorf("problems of %.200s (-want +got):\n%s", tt.text, d)
		}
	}
}

func TestWhatIsAllowedIsNoProblem(t *testing.T) {
	for _, text := range []string{"[]", " [ ] ", six, deletes, of(management),
		of(data, objects, "eventSource EndsWith .com", "resources.ARN StartsWith arn:aws:s3:::a*b/", "readOnly Equals true", "eventName NotStartsWith Head"),
		of(network, "eventSource Equals kms.amazonaws.com", "errorCode Equals VpceAccessDenied", "vpcEndpointId NotEquals vpce-1", "eventName StartsWith De"),
		of("eventCategory Equals ActivityAuditLog"),
		of(management, "eventName Equals "+many(499)),
		of(management, "eventName Equals "+strings.Repeat("é", 2048)),
		strings.Repeat("\n", 70_000) + "[]",
	} {
		if got := problems(t, text); got != nil {
			t.Errorf("problems of %.200s: %q", text, got)
		}
	}
}

// What was parsed stays itself: as text, in JSON, and parsed again.
func TestSelectorsStayWhatTheyAre(t *testing.T) {
	for _, text := range []string{"[]", six, deletes, `[ {"FieldSelectors" : [{"Equals":["\u004danagement"],"Field":"eventCategory"}], "Name":"<&\u2028é>"} ]`} {
		set, err := selector.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(map[string]selector.Set{"selectors": set})
		if err != nil {
			t.Fatal(err)
		}
		var in map[string]selector.Set
		if err := json.Unmarshal(out, &in); err != nil || in["selectors"] != set {
			t.Errorf("%s is written as %s and read as %v, %v", text, out, in, err)
		}
		list, _ := json.Marshal(set)
		if again, err := selector.Parse(list); err != nil || again != set {
			t.Errorf("%s parsed again is %v, %v", list, again, err)
		}
		if set.IsZero() != (text == "[]") || (set.Hash() == "") != set.IsZero() {
			t.Errorf("%s: IsZero %v, Hash %q", text, set.IsZero(), set.Hash())
		}
	}
}

// The hash stands in lakes. It is made of
// [{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventName","StartsWith":["\u003c"],"NotEquals":["a"]}]}].
func TestTheHashIsTheSameForEver(t *testing.T) {
	set, err := selector.Parse([]byte(`[ {"Name":"n", "FieldSelectors":[{"Equals":["Management"],"Field":"eventCategory"},{"NotEquals":["a"],"StartsWith":["<"],"Field":"eventName"}]}]`))
	if got, want := set.Hash(), "obEAuK6OkyfBPsj51uF72ce77i+FsbrS/ZhagNCkvEY="; err != nil || got != want {
		t.Errorf("Hash = %s, %v; want %s", got, err, want)
	}
}

func TestTheHashIsOfWhatSelectorsTake(t *testing.T) {
	hash := func(text string) string {
		set, err := selector.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return set.Hash()
	}
	if hash(six) != hash(strings.Replace(six, "all six", "another name", 1)) {
		t.Error("a selector's name changes the hash")
	}
	if hash(six) == hash(strings.Replace(six, "one/b", "one/c", 1)) {
		t.Error("a value does not change the hash")
	}
}

func TestSelectorsAreAboutTheFamilysEvents(t *testing.T) {
	set, err := selector.Parse([]byte(both(of(management), of("eventCategory Equals Insight"))))
	if err != nil {
		t.Fatal(err)
	}
	const want = "selector 2, field eventCategory: a store of cloudtrail events takes no Insight events; write Management, Data or NetworkActivity"
	if err := set.Check(schemas.CloudTrail()); err == nil || err.Error() != want {
		t.Errorf("Check = %v; want %s", err, want)
	}
	if err := set.Check(schemas.Insights()); err == nil || !strings.HasPrefix(err.Error(), "selector 1") {
		t.Errorf("Check of another family = %v; want a problem with selector 1", err)
	}
	if err := selector.Set("").Check(schemas.Evidence()); err != nil {
		t.Errorf("Check of none = %v", err)
	}
	var unchecked selector.Set
	if err := json.Unmarshal([]byte(`[{"FieldSelectors":1}]`), &unchecked); err != nil {
		t.Fatal(err)
	}
	if err := unchecked.Check(schemas.CloudTrail()); err == nil {
		t.Error("Check takes what was never parsed")
	}
}

// What a later version may write is not understood by half.
func TestSelectorsOfTomorrowAreRefused(t *testing.T) {
	for _, text := range []string{
		`[{"FieldSelectors":[{"Field":"awsRegion","Equals":["x"]}]}]`,
		`[{"FieldSelectors":[{"Field":"eventName","Matches":["x"]}]}]`,
		`[{"FieldSelectors":[],"Effect":"deny"}]`, `{"a":1}`, `[1]`,
	} {
		var set selector.Set
		if err := json.Unmarshal([]byte(text), &set); err != nil {
			t.Fatal(err)
		}
		if m, err := set.Compile(); err == nil {
			t.Errorf("Compile(%s) = %v; want an error", text, m)
		}
		if set.Hash() == "" {
			t.Errorf("%s has no hash", text)
		}
	}
}

func TestRemarks(t *testing.T) {
	set, err := selector.Parse([]byte(both(both(of(data, objects), of(data, "resources.type Equals AWS::s3::Object")),
		both(of(data, "resources.type Equals AWS::New::Thing"), of(network, "eventSource Equals s3.amazon.com")))))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`selector 2, field resources.type: "AWS::s3::Object" is not known, and case counts; is AWS::S3::Object meant?`,
		`selector 3, field resources.type: "AWS::New::Thing" is not known to this version of tarn; if it is mistyped, it takes nothing`,
		`selector 4, field eventSource: "s3.amazon.com" is not known to this version of tarn; if it is mistyped, it takes nothing`,
	}
	if d := cmp.Diff(want, set.Remarks()); d != "" {
		t.Errorf("remarks (-want +got):\n%s", d)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{six, deletes, "[]", `[{"Name":"\ud800","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]`, `{"AdvancedEventSelectors":[]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := selector.Parse(text)
		if err != nil {
			return
		}
		list, err := json.Marshal(set)
		if again, parsed := selector.Parse(list); err != nil || parsed != nil || again != set {
			t.Errorf("%s parsed again: %v, %v, %v", list, err, parsed, again)
		}
		if _, err := set.Compile(); err != nil {
			t.Errorf("%s cannot be compiled: %v", list, err)
		}
	})
}
