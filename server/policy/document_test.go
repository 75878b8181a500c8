package policy_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tarn/lake/statedb"
	"tarn/server/policy"
)

const (
	store   = "arn:aws:cloudtrail:us-east-1:000000000000:eventdatastore/2cd2e2b4-0000-4000-8000-00000000000a"
	channel = "arn:aws:cloudtrail:us-east-1:000000000000:channel/2cd2e2b4-0000-4000-8000-00000000000a"
	bob     = "arn:aws:iam::000000000000:user/access/bob"
)

// of is a policy of the store with one statement, in which some members are others.
func of(changes ...string) string {
	members := map[string]string{"Effect": `"Allow"`, "Principal": `{"AWS":"` + bob + `"}`, "Action": `"cloudtrail:StartQuery"`, "Resource": `"` + store + `"`}
	for i := 0; i < len(changes); i += 2 {
		members[changes[i]] = changes[i+1]
	}
	var all []string
	for name, value := range members {
		if value != "" {
			all = append(all, fmt.Sprintf("%q:%s", name, value))
		}
	}
	return `{"Version":"2012-10-17","Statement":[{` + strings.Join(all, ",") + `}]}`
}

// What would mean nothing, or something else than it seems, is no policy.
func TestDocumentsThatAreRefused(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`"`+bob+`",`, 51), ",")
	statement := of()[len(`{"Version":"2012-10-17","Statement":[`) : len(of())-2]
	for text, want := range map[string]string{
		"":                         "1 to 8192 characters",
		strings.Repeat(" ", 8193):  "1 to 8192 characters",
		"\xff":                     "UTF-8",
		"[]":                       "not a JSON object",
		"null":                     "not a JSON object",
		`{"Version":"2012-10-17"}`: "1 to 20 statements",
		of() + of():                "behind",
		of() + "}":                 "behind",
		of()[:len(of())-1]:         "not JSON",
		strings.Repeat("[", 8000):  "not a JSON object",
		`{"Version":"2012-10-17","Version":"2012-10-17","Statement":[` + statement + `]}`:                           "twice",
		`{"version":"2012-10-17","Statement":[` + statement + `]}`:                                                  "not known",
		`{"Version":"2008-10-17","Statement":[` + statement + `]}`:                                                  "Version",
		`{"Version":"2012-10-17","Statement":[` + strings.TrimSuffix(strings.Repeat(statement+",", 21), ",") + `]}`: "statements",
		strings.Replace(of(), `"Effect":`, `"Effect":"Deny","Effect":`, 1):                                          "twice",
		strings.Replace(of(), `"Effect":`, `"effect":"Deny","Effect":`, 1):                                          "not known",
		of("Effect", `"allow"`):                                           "Effect",
		of("Effect", `["Allow","Deny"]`):                                  "Effect",
		of("Principal", ""):                                               "Principal",
		of("Principal", "", "NotPrincipal", `{"AWS":"x"}`):                "not known",
		of("Principal", `{"AWS":[]}`):                                     "1 to 50",
		of("Principal", `{"AWS":[`+many+`]}`):                             "1 to 50",
		of("Principal", `{"AWS":"arn:aws:iam::111122223333:root"}`):       "nobody here",
		of("Principal", `{"AWS":"arn:aws:iam::000000000000:user/bob"}`):   "nobody here",
		of("Principal", `{"AWS":"`+bob[:len(bob)-3]+`"}`):                 "nobody here",
		of("Principal", `{"AWS":"TARNaaaaaaaaaaaaaaaa"}`):                 "nobody here",
		of("Principal", `{"AWS":{"a":"b"}}`):                              "not a text",
		of("Principal", `{"Service":"lambda.amazonaws.com"}`):             "no service",
		of("Principal", `{"Federated":"x"}`):                              "not known",
		of("Principal", `"`+bob+`"`):                                      "not a JSON object",
		of("Action", `"cloudtrail:*"`):                                    "is nothing",
		of("Action", `"cloudtrail:DeleteEventDataStore"`):                 "is nothing",
		of("Action", `[]`):                                                "missing",
		of("Action", `[null]`):                                            "not a text",
		of("Action", "", "NotAction", `"cloudtrail:StartQuery"`):          "not known",
		of("Resource", `"*"`):                                             "Resource",
		of("Resource", `"`+channel+`"`):                                   "Resource",
		of("Resource", `["`+store+`","*"]`):                               "Resource",
		of("Condition", `{"StringEquals":{"aws:SourceIp":"10.0.0.1"}}`):   "not known",
		of("Condition", `{"StringEquals":{"cloudtrail:ExternalId":"x"}}`): "not known",
		of("Condition", `{"Bool":{"aws:SecureTransport":"true"}}`):        "not known",
	} {
		if _, err := policy.Parse(text, store); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.200s: %v; want %q", text, err, want)
		}
	}
}

func says(t *testing.T, text, arn string, who policy.Caller, actions ...string) policy.Decision {
	t.Helper()
	db, err := statedb.Open(filepath.Join(t.TempDir(), "state.db"), func(text string) { t.Error(text) })
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	b, err := policy.Open(db)
	if err != nil {
		t.Fatal(err)
	}
	d, err := policy.Parse(text, arn)
	if err == nil {
		err = b.Put(arn, text, d)
	}
	if err == nil {
		b, err = policy.Open(db) // after a restart
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b.Says(who, arn, actions...)
}

func TestWhatPoliciesSay(t *testing.T) {
	const start, results = "cloudtrail:StartQuery", "cloudtrail:GetQueryResults"
	who := policy.Caller{ID: "TARNAAAAAAAAAAAAAAAA", Name: "bob", Role: "reader"}
	both := `["cloudtrail:startquery","cloudtrail:GetQueryResults"]`
	deny := of("Effect", `"Deny"`, "Action", `"`+results+`"`)
	mixed := strings.Replace(of("Action", both), `"Statement":[`, `"Statement":[`+deny[len(`{"Version":"2012-10-17","Statement":[`):len(deny)-2]+",", 1)
	for _, tt := range []struct {
		name, text string
		actions    []string
		want       policy.Decision
	}{
		{"by name", of(), []string{start}, policy.Allowed},
		{"by id", of("Principal", `{"AWS":["TARNAAAAAAAAAAAAAAAA"]}`), []string{start}, policy.Allowed},
		{"by role", of("Principal", `{"AWS":"arn:aws:iam::000000000000:role/reader"}`), []string{start}, policy.Allowed},
		{"everybody", of("Principal", `"*"`), []string{start}, policy.Allowed},
		{"the account", of("Principal", `{"AWS":"000000000000"}`), []string{start}, policy.Allowed},
		{"another", of("Principal", `{"AWS":"`+bob+`by"}`), []string{start}, policy.Silent},
		{"another's id", of("Principal", `{"AWS":"TARNBBBBBBBBBBBBBBBB"}`), []string{start}, policy.Silent},
		{"the service", of("Effect", `"Deny"`, "Principal", `{"Service":"cloudtrail.amazonaws.com"}`, "Condition", `{"StringLike":{"aws:SourceArn":"x"}}`), []string{start}, policy.Silent},
		{"another action", of(), []string{results}, policy.Silent},
		{"one of two", of(), []string{start, results}, policy.Silent},
		{"both", of("Action", both), []string{start, results}, policy.Allowed},
		{"a deny of one of two", deny, []string{start, results}, policy.Denied},
		{"a deny beside an allow", mixed, []string{start, results}, policy.Denied},
		{"what the deny is not about", mixed, []string{start}, policy.Allowed},
	} {
		if got := says(t, tt.text, store, who, tt.actions...); got != tt.want {
			t.Errorf("%s: %v; want %v", tt.name, got, tt.want)
		}
	}
}

func TestAnExternalIDIsACondition(t *testing.T) {
	text := of("Resource", `"`+channel+`"`, "Action", `"cloudtrail-data:PutAuditEvents"`, "Condition", `{"StringEquals":{"cloudtrail:ExternalId":["one","two"]}}`)
	for external, want := range map[string]policy.Decision{"one": policy.Allowed, "two": policy.Allowed, "": policy.Silent, "One": policy.Silent} {
		if got := says(t, text, channel, policy.Caller{Name: "bob", External: external}, policy.PutAuditEvents); got != want {
			t.Errorf("%q: %v; want %v", external, got, want)
		}
	}
}
