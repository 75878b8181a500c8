package samples_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/internal/hint"
	"tarn/query/samples"
)

func TestEverySampleIsComplete(t *testing.T) {
	all := samples.All()
	if len(all) < 60 {
		t.Errorf("%d samples", len(all))
	}
	seen := map[string]bool{}
	for _, s := range all {
		if seen[s.Name] || !regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`).MatchString(s.Name) {
			t.Errorf("the name %q is taken, or no name", s.Name)
		}
		seen[s.Name] = true
		if !strings.HasSuffix(s.Question, "?") || s.LookFor == "" || len(s.AskedBy) == 0 {
			t.Errorf("%s: the head is not complete: %+v", s.Name, s)
		}
		for _, who := range s.AskedBy {
			if !slices.Contains([]string{"security", "audit", "operations"}, who) {
				t.Errorf("%s: who is %q?", s.Name, who)
			}
		}
		complete(t, s)
	}
}

// complete checks that the placeholders of a sample are its parameters.
func complete(t *testing.T, s samples.Sample) {
	t.Helper()
	want := map[string]bool{"$store": true, "$from": true, "$to": true}
	for _, p := range s.Params {
		want["$"+p.Name] = true
		if p.What == "" || p.Kind != samples.Text && p.Kind != samples.Number {
			t.Errorf("%s: the parameter %s is not complete: %+v", s.Name, p.Name, p)
		}
	}
	got := map[string]bool{}
	for _, name := range regexp.MustCompile(`\$\w+`).FindAllString(s.SQL, -1) {
		got[name] = true
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: placeholders (-head +SQL):\n%s", s.Name, d)
	}
	if !strings.Contains(s.SQL, "eventTime >= $from AND eventTime < $to") && !strings.Contains(s.SQL, "eventTime >= $from AND ok.eventTime < $to") {
		t.Errorf("%s: not about a time", s.Name)
	}
}

// trino are the functions that samples may call: all of them are in Trino, and
// mean the same there.
var trino = strings.Fields(`any_match array_agg array_distinct array_join array_sort cast coalesce count date date_add
	date_diff date_trunc day_of_week element_at hour json_extract json_extract_scalar json_format lag length lower map_values max min
	regexp_extract regexp_extract_all regexp_like round sum try_cast`)

// keywords stand in front of a bracket and are no functions.
var keywords = strings.Fields("and in as or over from when then")

func TestSamplesAreInCloudTrailLakesDialect(t *testing.T) {
	texts := regexp.MustCompile(`'(?:[^']|'')*'`)
	calls := regexp.MustCompile(`(?i)\b([a-z_][a-z0-9_]*)\s*\(`)
	foreign := regexp.MustCompile(`(?i)::|//|\*\*|\[|\bILIKE\b|\bQUALIFY\b|\bEXCLUDE\b|\bSAMPLE\b|\bALL\b|\bWITH\b|\bSELECT \*|\bGLOB\b|\bSIMILAR\b|\bUSING\b|;|"`)
	for _, s := range samples.All() {
		sql := texts.ReplaceAllString(s.SQL, "''")
		for _, m := range calls.FindAllStringSubmatch(sql, -1) {
			if name := strings.ToLower(m[1]); !slices.Contains(trino, name) && !slices.Contains(keywords, name) {
				t.Errorf("%s: is %s a function of Trino?", s.Name, name)
			}
		}
		if found := foreign.FindString(sql); found != "" {
			t.Errorf("%s: %s is not in CloudTrail Lake's dialect, or not in all of its versions", s.Name, found)
		}
		if len(s.SQL) > 5000 {
			t.Errorf("%s: %d letters; CloudTrail Lake takes 10,000, and values come on top", s.Name, len(s.SQL))
		}
	}
}

func TestStatementPutsValuesIn(t *testing.T) {
	s, ok := samples.Find("access-key-activity")
	if !ok {
		t.Fatal("no access-key-activity")
	}
	sql, err := s.Statement(samples.Values{
		Store: "my store", From: time.Date(2026, 1, 2, 3, 4, 5, 600_000, time.FixedZone("", 3600)),
		Params: map[string]string{"key": "x' OR '1'='1 $to"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`FROM "my store"`, "eventTime >= timestamp '2026-01-02 02:04:05.0006' AND eventTime < timestamp '2100-01-01 00:00:00'",
		"accessKeyId = 'x'' OR ''1''=''1 $to'\n",
	} {
		if !strings.Contains(sql, want) {
			t.Errorf("no %s in\n%s", want, sql)
		}
	}
	for store, want := range map[string]string{
		"order": `"order"`, `a"b`: `"a""b"`, "0233062b-51c6-4d18-8dec-a8c90da840d9": "0233062b-51c6-4d18-8dec-a8c90da840d9", "a.conflicts": `"a.conflicts"`,
	} {
		if sql, err := s.Statement(samples.Values{Store: store, Params: map[string]string{"key": "x"}}); err != nil || !strings.Contains(sql, "FROM "+want+"\n") {
			t.Errorf("the store %s does not become %s: %v\n%s", store, want, err, sql)
		}
	}
}

func TestStatementRefusesWhatDoesNotFit(t *testing.T) {
	for _, tt := range []struct{ sample, name, value, want, advice string }{
		{"access-key-activity", "", "", "sample query access-key-activity: key has no value: the access key's id, such as AKIAIOSFODNN7EXAMPLE", ""},
		{"access-key-activity", "keys", "x", `sample query access-key-activity has no parameter "keys"`, "did you mean key?"},
		{"failed-console-logins", "user", "x", `sample query failed-console-logins has no parameter "user"`, "its parameters: least"},
		{"root-activity", "user", "x", `sample query root-activity has no parameter "user"`, "it has no parameters"},
		{"failed-console-logins", "least", "3 OR 1=1", `sample query failed-console-logins: least is "3 OR 1=1"`, "least is a whole number: fewest failures from one address"},
		{"failed-console-logins", "least", "-1", `sample query failed-console-logins: least is "-1"`, "least is a whole number: fewest failures from one address"},
		{"access-key-activity", "key", "a\nb", `sample query access-key-activity: key is "a\nb", in which there is something that cannot be printed`, ""},
		{"access-key-activity", "key", "\xff", `sample query access-key-activity: key is "\xff", in which there is something that cannot be printed`, ""},
		{"access-key-activity", "key", strings.Repeat("x", 3000), "sample query access-key-activity: key has 3000 bytes; at most 2048", ""},
	} {
		s, _ := samples.Find(tt.sample)
		params := map[string]string{}
		if tt.name != "" {
			params[tt.name] = tt.value
		}
		_, err := s.Statement(samples.Values{Store: "s", Params: params})
		if !errors.Is(err, samples.ErrParam) || err.Error() != tt.want || strings.Join(hint.Of(err), "|") != tt.advice {
			t.Errorf("%s with %s=%.20s: %v (%v)\nwant %s (%s)", tt.sample, tt.name, tt.value, err, hint.Of(err), tt.want, tt.advice)
		}
	}
}

func TestSearch(t *testing.T) {
	for phrase, want := range map[string]string{
		"root login": "root-activity", "access key": "access-keys-made", "what was a key used for": "access-key-activity", "failed logins": "failed-console-logins",
		"who stopped logging": "trails-stopped", "StopLogging": "trails-stopped", "mfa": "mfa-changes", "public bucket": "buckets-made-public",
		"crypto mining": "large-machines", "security group opened": "security-groups-opened", "snapshots shared": "shared-with-other-accounts",
		"throttling": "throttled", "kms key deletion": "kms-keys-going", "tls": "tls-versions", "GetSecretValue": "secrets-read",
		"deleted database": "databases-deleted", "cross-account": "cross-account-access", "unused regions": "regions-in-use",
		"guardduty": "detectors-off", "UpdateAssumeRolePolicy": "trust-changes", "password spraying": "password-spraying",
		"deployments": "deployments", "vpc peering": "new-ways-in-and-out", "privilege escalation administrator": "administrators-made",
	} {
		found := samples.Search(phrase)
		names := []string{}
		for _, m := range found[:min(3, len(found))] {
			names = append(names, m.Name)
		}
		if !slices.Contains(names, want) {
			t.Errorf("%q finds %s, not %s", phrase, names, want)
		}
		for i, m := range found {
			if m.Relevance < 1 || m.Relevance > 100 || i > 0 && m.Relevance > found[i-1].Relevance {
				t.Errorf("%q: %s at %d has relevance %d", phrase, m.Name, i, m.Relevance)
			}
		}
	}
	for _, phrase := range []string{"", "   ", "the of", "zyzzyva", "'; --"} {
		if found := samples.Search(phrase); len(found) > 0 {
			t.Errorf("%q finds %s", phrase, found[0].Name)
		}
	}
}

// docs/samples.md lists the samples as they are; -update writes it.
func TestDocumentation(t *testing.T) {
	const path = "../../docs/samples.md"
	var b strings.Builder
	b.WriteString(documentation)
	topic := ""
	for _, s := range samples.All() {
		if s.Topic != topic {
			topic = s.Topic
			fmt.Fprintf(&b, "\n## %s\n\n| name | question | asked by | parameters |\n| --- | --- | --- | --- |\n", topic)
		}
		var params []string
		for _, p := range s.Params {
			if p.Required() {
				params = append(params, "`"+p.Name+"`")
			} else {
				params = append(params, "`"+p.Name+" = "+strings.ReplaceAll(p.Default, "|", `\|`)+"`")
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Name, s.Question, strings.Join(s.AskedBy, ", "), strings.Join(params, ", "))
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(old), b.String()); d != "" {
		t.Errorf("%s is not as the samples are (-file +samples; -update writes it):\n%s", path, d)
	}
}

const documentation = `# Sample queries

Questions that security engineers, auditors and operators ask, each with its SQL in CloudTrail Lake's dialect. This list is
written by a test from the heads of the files in ` + "`query/samples`" + `; each is run by a test over a generated month with an
intrusion in it, and its answer compared with what was planted. Trino 476 gave the same answers over the same events
(November 2026).

` + "```" + `
tarn query --sample                          # the list
tarn query --sample root login               # those about some words, the most relevant first
tarn query --sample root-activity            # ask one
tarn query --sample root-activity --show     # its SQL, to change it
tarn query --sample access-key-activity --param key=AKIA... --from 2026-10-12 --to 2026-10-18
` + "```" + `

Without ` + "`--from` and `--to`" + ` a question is about all events of the store. A parameter without a value here needs one.
`
