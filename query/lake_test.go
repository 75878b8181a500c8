package query_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tarn/lake"
	"tarn/query"
	"tarn/query/internal/duck"
	"tarn/schemas"
)

// event is a row of a segment: SQL expressions by the name of a stored column.
// A column that is not named is NULL.
type event map[string]string

// testLake is a snapshot over segments that DuckDB wrote.
type testLake struct {
	t        testing.TB
	dir      string
	stores   []lake.Store
	segments map[string][]lake.Segment // by store id
	needles  map[string][]string       // by segment id: kind=value
	asked    []string                  // what MayHold was asked
	broken   error                     // what MayHold answers
}

var errNoStore = errors.New("event data store not found")

func newLake(t testing.TB, names ...string) *testLake {
	t.Helper()
	l := &testLake{t: t, dir: t.TempDir(), segments: map[string][]lake.Segment{}, needles: map[string][]string{}}
	for i, name := range names {
		l.stores = append(l.stores, lake.Store{
			ID: fmt.Sprintf("0233062b-51c6-4d18-8dec-a8c90da840d%d", i), Name: name, Family: "cloudtrail",
		})
	}
	return l
}

func (l *testLake) LogSize() int64 { return 42 }

func (l *testLake) Stores() []lake.Store { return l.stores }

func (l *testLake) Store(ref string) (lake.Store, error) {
	for _, s := range l.stores {
		if ref == s.Name || strings.HasSuffix(ref, s.ID) {
			return s, nil
		}
	}
	return lake.Store{}, fmt.Errorf("%w: %s", errNoStore, ref)
}

func (l *testLake) Segments(id string, conflicts bool) []lake.Segment {
	return slices.DeleteFunc(slices.Clone(l.segments[id]), func(s lake.Segment) bool { return s.Conflicts != conflicts })
}

func (l *testLake) Path(_ string, seg lake.Segment) string {
	return filepath.Join(l.dir, seg.ID+".parquet")
}

func (l *testLake) Away(string, []lake.Segment) []lake.Segment { return nil }

func (l *testLake) Fetch(context.Context, string, []lake.Segment) error { return nil }

func (l *testLake) FetchNeedles(context.Context, string, []*lake.Segment) error { return nil }

func (l *testLake) Folders(string) []string { return []string{l.dir} }

func (l *testLake) MayHold(_ string, seg *lake.Segment, kind, value string) (bool, error) {
	if l.broken != nil {
		return false, l.broken
	}
	l.asked = append(l.asked, fmt.Sprintf("%s: %s=%s", seg.ID, kind, value))
	held, ok := l.needles[seg.ID]
	return !ok || slices.Contains(held, kind+"="+value), nil
}

// add writes a segment of a day's events.
func (l *testLake) add(store, day string, conflicts bool, events ...event) lake.Segment {
	l.t.Helper()
	s, err := l.Store(store)
	if err != nil {
		l.t.Fatal(err)
	}
	seg := lake.Segment{
		ID: fmt.Sprintf("%s-%s-%d", store, day, len(l.segments[s.ID])), Format: 2, Day: day,
		Conflicts: conflicts, Rows: int64(len(events)),
	}
	if seg.MinTime, err = time.Parse(time.DateOnly, day); err != nil {
		l.t.Fatal(err)
	}
	seg.MaxTime = seg.MinTime.Add(24*time.Hour - time.Second)
	var rows []string
	for i, e := range events {
		rows = append(rows, rowSQL(s.Schema(), e, i))
	}
	seg.Parquet = l.write(l.Path(s.ID, seg), strings.Join(rows, " UNION ALL "))
	l.segments[s.ID] = append(l.segments[s.ID], seg)
	return seg
}

// write makes a Parquet file of a SELECT.
func (l *testLake) write(path, sql string) lake.File {
	l.t.Helper()
	engine, err := duck.NewLocal(context.Background(), duck.Options{TempDir: l.dir})
	if err != nil {
		l.t.Fatal(err)
	}
	defer engine.Close()
	session, err := engine.Open(context.Background(), duck.Job{})
	if err != nil {
		l.t.Fatal(err)
	}
	defer session.Close()
	var b bytes.Buffer
	if _, err := session.Copy(context.Background(), &b, duck.Parquet, sql); err != nil {
		l.t.Fatalf("%v\n%s", err, sql)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		l.t.Fatal(err)
	}
	hash := sha256.Sum256(b.Bytes())
	return lake.File{Bytes: int64(b.Len()), SHA256: base64.StdEncoding.EncodeToString(hash[:])}
}

// rowSQL selects one row with every stored column in its type. A promoted
// column repeats what the map or the struct has.
func rowSQL(family *schemas.Family, e event, seq int) string {
	promoted := map[string]string{}
	for _, p := range family.Promoted {
		if m, ok := e[p.Column]; ok {
			promoted[p.Name()] = fmt.Sprintf("(%s)['%s']", m, p.Key)
			if c, ok := family.Column(p.Column); p.Member && ok {
				promoted[p.Name()] = fmt.Sprintf("CAST(%s AS %s).%s", m, sqlType(c), p.Key)
			}
		}
	}
	var items []string
	for _, f := range family.Stored() {
		value := "NULL"
		if v, ok := e[f.Name]; ok {
			value = v
		} else if v, ok := promoted[f.Name]; ok {
			value = v
		} else if f.Name == schemas.Seq {
			value = fmt.Sprint(seq)
		}
		items = append(items, fmt.Sprintf("CAST(%s AS %s) AS %s", value, sqlType(f), duck.Name(f.Name)))
	}
	for _, name := range slices.Sorted(maps.Keys(e)) {
		if _, ok := family.Column(name); !ok {
			items = append(items, "error('no column "+name+"')")
		}
	}
	return "SELECT " + strings.Join(items, ", ")
}

func sqlType(f schemas.Field) string {
	parts := make([]string, len(f.Fields))
	for i, p := range f.Fields {
		parts[i] = duck.Name(p.Name) + " " + sqlType(p)
	}
	return map[schemas.Kind]string{
		schemas.String: "VARCHAR", schemas.Boolean: "BOOLEAN", schemas.Timestamp: "TIMESTAMP",
		schemas.Double: "DOUBLE", schemas.Integer: "BIGINT", schemas.Map: "MAP(VARCHAR, VARCHAR)",
		schemas.Struct: "STRUCT(" + strings.Join(parts, ", ") + ")",
		schemas.List:   "STRUCT(" + strings.Join(parts, ", ") + ")[]",
	}[f.Kind]
}

// identity is a userIdentity with these fields; the rest is NULL.
func identity(fields string) string { return nested("useridentity", fields) }

// nested is a value of a struct column from "name: expression, …", with dots
// for structs inside.
func nested(column, fields string) string {
	f, _ := schemas.CloudTrail().Column(column)
	values := map[string]string{}
	for part := range strings.SplitSeq(fields, ", ") {
		name, value, _ := strings.Cut(part, ": ")
		values[name] = value
	}
	return structSQL(f, values)
}

func structSQL(f schemas.Field, values map[string]string) string {
	var parts []string
	for _, p := range f.Fields {
		value, ok := values[p.Name]
		below := map[string]string{}
		for k, v := range values {
			if rest, ok := strings.CutPrefix(k, p.Name+"."); ok {
				below[rest] = v
			}
		}
		if p.Kind == schemas.Struct && len(below) > 0 {
			value, ok = structSQL(p, below), true
		}
		if !ok {
			value = "CAST(NULL AS " + sqlType(p) + ")"
		}
		parts = append(parts, duck.Name(p.Name)+": "+value)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// sample is a store "cloudtrail" with two days of all kinds of events, and an
// empty store "empty".
func sample(t testing.TB) *testLake {
	l := newLake(t, "cloudtrail", "empty")
	bert := identity("type: 'IAMUser', principalid: 'AIDA1', arn: 'arn:aws:iam::1:user/bert', accountid: '1', accesskeyid: 'AKIA1', username: 'bert'")
	role := identity("type: 'AssumedRole', arn: 'arn:aws:sts::1:assumed-role/x/y', sessioncontext.sessionissuer.arn: 'arn:aws:iam::1:role/x', " +
		"sessioncontext.attributes.mfaauthenticated: 'true', sessioncontext.attributes.creationdate: TIMESTAMP '2023-07-10 10:00:00'")
	l.add("cloudtrail", "2023-07-10", false,
		event{"eventtime": "TIMESTAMP '2023-07-10 11:42:36'", "eventname": "'CreateBucket'", "eventsource": "'s3.amazonaws.com'",
			"eventid": "'id-1'", "eventversion": "'1.08'", "awsregion": "'us-east-1'", "eventtype": "'AwsApiCall'", "readonly": "false",
			"useridentity": bert, "requestparameters": "MAP {'bucketName': 'bucket-1', 'Host': 'a\"b'}", "eventjson": `'{"eventName":"CreateBucket"}'`,
			"additionaleventdata": "MAP {'bytesTransferredIn': '5', 'bytesTransferredOut': '7'}", "sourceipaddress": "'192.0.2.1'",
			"sessioncredentialfromconsole": "'true'", "tlsdetails": nested("tlsdetails", "tlsversion: 'TLSv1.2'"),
			"resources": "[{'accountid': '1', 'type': 'AWS::S3::Bucket', 'arn': 'arn:aws:s3:::bucket-1', 'arnprefix': NULL}, " +
				"{'accountid': '1', 'type': 'AWS::KMS::Key', 'arn': 'arn:aws:kms:::key', 'arnprefix': NULL}]"},
		event{"eventtime": "TIMESTAMP '2023-07-10 12:00:00.123456'", "eventname": "'ConsoleLogin'", "eventsource": "'signin.amazonaws.com'",
			"eventid": "'id-2'", "useridentity": identity("type: 'Root'"), "responseelements": "MAP {'ConsoleLogin': 'Failure'}",
			"eventcategory": "'Management'", "managementevent": "true", "errormessage": "'Zugang für Jürgen 日本 verweigert'",
			"useragent": "'aws-cli/2'", "eventjson": "'{}'", "errorcode": "'AccessDenied'"})
	l.add("cloudtrail", "2023-07-11", false,
		event{"eventtime": "TIMESTAMP '2023-07-11 00:00:00'", "eventname": "'AuthorizeSecurityGroupIngress'", "eventsource": "'ec2.amazonaws.com'",
			"eventid": "'id-3'", "useridentity": role, "readonly": "true", "sharedeventid": "'shared'", "vpcendpointid": "'vpce-1'",
			"requestparameters": `MAP {'groupId': 'sg-1', 'ipPermissions': '{"items":[{"cidrIp":"0.0.0.0/0"}]}'}`, "eventjson": "'{}'",
			"serviceeventdetails": "MAP {'a': NULL}"})
	l.add("cloudtrail", "2023-07-11", true, event{"eventtime": "TIMESTAMP '2023-07-11 00:00:01'", "eventid": "'id-3'", "eventname": "'Forged'", "eventjson": "'{ }'"})
	return l
}

func openEngine(t testing.TB) *query.Engine {
	t.Helper()
	o := query.Options{TempDir: t.TempDir()}
	if os.Getenv("TARN_TEST_SANDBOX") != "" { // all tests once more, in workers
		o.Sandbox = &query.Sandbox{}
	}
	e, err := query.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// ask runs a statement and returns names and rows as text; NULL is "∅".
func ask(e *query.Engine, l *testLake, sql string) ([][]string, error) {
	ctx := context.Background()
	res, err := e.Run(ctx, l, sql)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	var header []string
	for _, c := range res.Columns() {
		header = append(header, c.Name)
	}
	all := [][]string{header}
	for row, err := range res.Rows(ctx) {
		if err != nil {
			return nil, err
		}
		var line []string
		for _, v := range row {
			if v.Null {
				v.Text = "∅"
			}
			line = append(line, v.Text)
		}
		all = append(all, line)
	}
	return all, nil
}
