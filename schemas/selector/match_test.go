package selector_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"tarn/internal/eventgen"
	"tarn/internal/jscan"
	"tarn/schemas/selector"
)

// matcher compiles selectors that have to be right.
func matcher(t testing.TB, text string) *selector.Matcher {
	t.Helper()
	s, err := selector.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%s) = %v", text, err)
	}
	m, err := s.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// of writes selectors of one: the fields are written as "eventName Equals A,B".
func of(fields ...string) string {
	var all []string
	for _, f := range fields {
		part := strings.SplitN(f, " ", 3)
		all = append(all, fmt.Sprintf(`{"Field":%q,%q:["%s"]}`, part[0], part[1], strings.ReplaceAll(part[2], ",", `","`)))
	}
	return `[{"FieldSelectors":[` + strings.Join(all, ",") + `]}]`
}

// both joins selectors.
func both(a, b string) string { return a[:len(a)-1] + "," + b[1:] }

const (
	management = "eventCategory Equals Management"
	data       = "eventCategory Equals Data"
	network    = "eventCategory Equals NetworkActivity"
	objects    = "resources.type Equals AWS::S3::Object"
)

// stored is an S3 data event about the object of that ARN.
func stored(name, arn string) string {
	return fmt.Sprintf(`{"eventCategory":"Data","eventName":%q,"eventType":"AwsApiCall","resources":[{"type":"AWS::S3::Object","ARN":%q},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs"}]}`, name, arn)
}

// six is a field with a condition of each kind.
const six = `[{"Name":"all six","FieldSelectors":[
	{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},
	{"Field":"resources.ARN","Equals":["arn:aws:s3:::one/a"],"StartsWith":["arn:aws:s3:::one/"],"EndsWith":[".csv"],
		"NotStartsWith":["arn:aws:s3:::one/tmp"],"NotEndsWith":["~"],"NotEquals":["arn:aws:s3:::one/b"]}]}]`

// deletes takes all about objects but what DeleteObjects tells of each single one.
var deletes = both(of(data, objects, "eventName NotEquals DeleteObject"),
	of(data, objects, "eventName Equals DeleteObject", "eventType NotEquals AwsServiceEvent"))

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		name, selectors, event string
		want                   bool
	}{
		{"the category", of(management), `{"eventCategory":"Management"}`, true},
		{"another category", of(management), `{"eventCategory":"Data"}`, false},
		{"a category in another case, which the family takes too", of(management), `{"eventCategory":"MANAGEMENT"}`, true},
		{"no category, before version 1.07", of(management), `{"eventVersion":"1.05"}`, true},
		{"no category, of a data event", of(data, objects), `{"managementEvent":false,"resources":[{"type":"AWS::S3::Object"}]}`, true},
		{"no category, of a data event, for management", of(management), `{"managementEvent":false}`, false},

		{"one of several values", of(management, "eventName Equals A,B"), `{"eventName":"B"}`, true},
		{"none of several values", of(management, "eventName Equals A,B"), `{"eventName":"C"}`, false},
		{"case counts in values", of(management, "eventName Equals ConsoleLogin"), `{"eventName":"consolelogin"}`, false},
		{"a * is a *", of(management, "userIdentity.arn Equals *"), `{"userIdentity":{"arn":"x"}}`, false},
		{"none of those left out", of(management, "eventSource NotEquals kms.amazonaws.com,rdsdata.amazonaws.com"), `{"eventSource":"iam.amazonaws.com"}`, true},
		{"one of those left out", of(management, "eventSource NotEquals kms.amazonaws.com,rdsdata.amazonaws.com"), `{"eventSource":"rdsdata.amazonaws.com"}`, false},
		{"all fields", of(management, "eventName StartsWith Get", "readOnly Equals true"), `{"eventName":"GetUser","readOnly":true}`, true},
		{"one field not", of(management, "eventName StartsWith Get", "readOnly Equals true"), `{"eventName":"GetUser","readOnly":false}`, false},
		{"one of two selectors", both(of(management, "eventName Equals A"), of(management, "eventName Equals B")), `{"eventName":"B"}`, true},
		{"two operators of one field", both(of(management, "eventName EndsWith Key"), of(data, objects)), `{"eventName":"CreateAccessKey"}`, true},

		{"a missing member is in no list", of(management, "eventName Equals A"), `{}`, false},
		{"a missing member is not left out", of(management, "eventName NotEquals A"), `{}`, true},
		{"null is missing", of(management, "eventName NotStartsWith n"), `{"eventName":null}`, true},
		{"readOnly missing is neither", of(management, "readOnly Equals false"), `{}`, false},
		{"readOnly as text", of(management, "readOnly Equals false"), `{"readOnly":"false"}`, true},
		{"not from the console", of(management, "sessionCredentialFromConsole NotEquals true"), `{}`, true},
		{"from the console", of(management, "sessionCredentialFromConsole Equals true"), `{"sessionCredentialFromConsole":"true"}`, true},
		{"a role's session", of(management, "userIdentity.arn NotStartsWith arn:aws:sts::111122223333:assumed-role/scanner"),
			`{"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/scanner/i-1"}}`, false},
		{"the issuer's ARN is not the identity's", of(management, "userIdentity.arn Equals r"),
			`{"userIdentity":{"sessionContext":{"sessionIssuer":{"arn":"r"}}}}`, false},
		{"a denied request of an endpoint", of(network, "eventSource Equals s3.amazonaws.com", "errorCode Equals VpceAccessDenied", "vpcEndpointId EndsWith 7"),
			`{"eventCategory":"NetworkActivity","eventSource":"s3.amazonaws.com","errorCode":"VpceAccessDenied","vpcEndpointId":"vpce-07"}`, true},
		{"a request that went well", of(network, "eventSource Equals s3.amazonaws.com", "errorCode Equals VpceAccessDenied"),
			`{"eventCategory":"NetworkActivity","eventSource":"s3.amazonaws.com"}`, false},

		{"Equals of six", six, stored("GetObject", "arn:aws:s3:::one/a"), true},
		{"StartsWith of six", six, stored("GetObject", "arn:aws:s3:::one/c"), true},
		{"EndsWith of six", six, stored("GetObject", "arn:aws:s3:::two/d.csv"), true},
		{"NotStartsWith of six", six, stored("GetObject", "arn:aws:s3:::one/tmp/e"), false},
		{"NotEndsWith of six", six, stored("GetObject", "arn:aws:s3:::one/f~"), false},
		{"NotEquals of six", six, stored("GetObject", "arn:aws:s3:::one/b"), false},
		{"none of six", six, stored("GetObject", "arn:aws:s3:::two/g"), false},

		{"another type", of(data, "resources.type Equals AWS::Lambda::Function"), stored("GetObject", "arn:aws:s3:::one/a"), false},
		{"the second resource's type", of(data, "resources.type Equals AWS::S3::Bucket"), stored("GetObject", "arn:aws:s3:::one/a"), true},
		{"an ARN of another resource than the type's", of(data, objects, "resources.ARN Equals arn:aws:s3:::logs"), stored("GetObject", "arn:aws:s3:::one/a"), false},
		{"left out is the type's ARN, no other's", of(data, objects, "resources.ARN NotEquals arn:aws:s3:::logs"), stored("GetObject", "arn:aws:s3:::one/a"), true},
		{"one of two objects is taken", of(data, objects, "resources.ARN EndsWith b"),
			`{"eventCategory":"Data","resources":[{"type":"AWS::S3::Object","ARN":"a"},{"type":"AWS::S3::Object","ARN":"b"}]}`, true},
		{"one of two objects is left out", of(data, objects, "resources.ARN NotEndsWith b"),
			`{"eventCategory":"Data","resources":[{"type":"AWS::S3::Object","ARN":"a"},{"type":"AWS::S3::Object","ARN":"b"}]}`, false},
		{"an ARNPrefix stands for an ARN", of(data, objects, "resources.ARN StartsWith arn:aws:s3:::one/"),
			`{"eventCategory":"Data","resources":[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::one/"}]}`, true},
		{"no resources", of(data, objects, "resources.ARN NotEquals a"), `{"eventCategory":"Data"}`, false},
		{"a resource without ARN", of(data, objects, "resources.ARN NotEquals a"), `{"eventCategory":"Data","resources":[{"type":"AWS::S3::Object"}]}`, true},
		{"DeleteObject that somebody asked for", deletes, stored("DeleteObject", "arn:aws:s3:::one/a"), true},
		{"DeleteObject that DeleteObjects tells of", deletes, strings.Replace(stored("DeleteObject", "arn:aws:s3:::one/a"), "AwsApiCall", "AwsServiceEvent", 1), false},
		{"anything else", deletes, strings.Replace(stored("PutObject", "arn:aws:s3:::one/a"), "AwsApiCall", "AwsServiceEvent", 1), true},

		{"of repeated members the first", of(management, "eventName Equals A"), `{"eventName":"A","eventName":"B"}`, true},
		{"names in another case", of(management, "userIdentity.arn Equals A"), `{"USERIDENTITY":{"ARN":"A"}}`, true},
		{"escapes", of(management, "eventName Equals Aé"), `{"event\u004eame":"A\u00e9"}`, true},
		{"another shape", of(management, "userIdentity.arn NotEquals A"), `{"userIdentity":["arn","A"]}`, true},
		{"none", "[]", `{"eventCategory":"Insight"}`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := matcher(t, tt.selectors).Match([]byte(tt.event), categoryOf([]byte(tt.event))); got != tt.want {
				t.Errorf("%s\ntakes %s: %v; want %v", tt.selectors, tt.event, got, tt.want)
			}
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	events := generated(b, 2000)
	var bytes int
	for _, e := range events {
		bytes += len(e)
	}
	b.Logf("%d bytes an event", bytes/len(events))
	for _, bm := range []struct{ name, selectors string }{
		{"none", "[]"},
		{"category", of(management)},
		{"name", of(management, "eventName NotEquals Decrypt,GenerateDataKey")},
		{"readOnly and console", of(management, "readOnly Equals false", "sessionCredentialFromConsole NotEquals true")},
		{"five", both(both(of(management, "eventSource NotEquals kms.amazonaws.com", "userIdentity.arn NotStartsWith arn:aws:sts::1"),
			of(data, objects, "resources.ARN StartsWith arn:aws:s3:::a,arn:aws:s3:::b,arn:aws:s3:::c")),
			both(of(data, "resources.type Equals AWS::Lambda::Function"), both(of(data, "resources.type Equals AWS::DynamoDB::Table", "readOnly Equals false"),
				of(network, "eventSource Equals s3.amazonaws.com"))))},
	} {
		m := matcher(b, bm.selectors)
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m.Match(events[i%len(events)], "Management")
			}
		})
	}
}

// generated are events of the generator.
func generated(t testing.TB, n int) (all [][]byte) {
	t.Helper()
	for o := range eventgen.New(eventgen.Options{Events: n, Days: 2, NoStory: true}).Objects() {
		it := jscan.Members(o.Body)
		_, list, _ := it.Next()
		for it := jscan.Members(list); ; {
			e, ok := it.Elem()
			if !ok {
				break
			}
			all = append(all, bytes.Clone(e))
		}
	}
	return all
}
