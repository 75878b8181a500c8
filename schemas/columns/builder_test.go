package columns_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"

	"tarn/internal/jscan"
	"tarn/schemas"
	"tarn/schemas/columns"
)

// table writes what the builder collected to a Parquet file, and reads it again.
func table(t *testing.T, f *schemas.Family, b *columns.Builder) arrow.Table {
	t.Helper()
	got, err := pqarrow.ReadTable(t.Context(), written(t, f, b), nil, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// written is a Parquet file of what the builder collected.
func written(t *testing.T, f *schemas.Family, b *columns.Builder) *bytes.Reader {
	t.Helper()
	schema, err := pqarrow.ToParquet(columns.Schema(f), nil, pqarrow.NewArrowWriterProperties())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := file.NewParquetWriterWithError(&out, schema.Root())
	if err != nil {
		t.Fatal(err)
	}
	g, err := w.AppendRowGroupChecked()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.Write(g), g.Close()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(out.Bytes())
}

// row builds one event and returns its columns that are not NULL, as JSON.
func row(t *testing.T, f *schemas.Family, raw string) map[string]any {
	t.Helper()
	b := columns.NewBuilder(f)
	b.Append(columns.Event{Raw: []byte(raw), Time: 1, Seq: 7})
	read := table(t, f, b)
	defer read.Release()
	if read.NumRows() != 1 {
		t.Fatalf("%d rows; want 1", read.NumRows())
	}
	got := map[string]any{}
	for i := range int(read.NumCols()) {
		value(t, got, read.Column(i), 0)
	}
	return got
}

// The columns that a builder makes are those of the schema, in its order.
func TestLeavesAreTheSchemas(t *testing.T) {
	for _, f := range schemas.Families() {
		schema, err := pqarrow.ToParquet(columns.Schema(f), nil, pqarrow.NewArrowWriterProperties())
		if err != nil {
			t.Fatal(err)
		}
		leaves := columns.NewBuilder(f).Leaves()
		if len(leaves) != schema.NumColumns() {
			t.Fatalf("%s: %d leaves; the schema has %d columns", f.Name, len(leaves), schema.NumColumns())
		}
		for i, l := range leaves {
			path := strings.NewReplacer(".list.element", "", ".key_value", "").Replace(schema.Column(i).Path())
			if l.Path != path {
				t.Errorf("%s: leaf %d is %s; the schema has %s", f.Name, i, l.Path, path)
			}
		}
	}
}

func TestColumnsOfAnEvent(t *testing.T) {
	for _, tt := range []struct {
		name, raw string
		want      map[string]any
	}{
		{"plain text, numbers and truth values as text",
			`{"eventName":"A\u0041\n","apiVersion":55606,"errorCode":true,"readOnly":"false","managementEvent":true}`,
			map[string]any{"eventname": `"AA\n"`, "apiversion": `"55606"`, "errorcode": `"true"`, "readonly": "false", "managementevent": "true"}},
		{"a value of another shape is NULL",
			`{"eventName":{"a":1},"requestParameters":"HIDDEN_DUE_TO_SECURITY_REASONS","readOnly":1,"userIdentity":[],"resources":{}}`,
			map[string]any{}},
		{"null and absent are one", `{"eventName":null,"requestParameters":null}`, map[string]any{}},
		{"a map keeps text, compacts what is nested, and has keys without value",
			`{"requestParameters":{"b": {"x" : [1, 2.0]},"a":"q\"","n":null,"f":544.0,"":"e"}}`,
			map[string]any{"requestparameters": `[{"key":"b","value":"{\"x\":[1,2.0]}"},{"key":"a","value":"q\""},{"key":"n","value":null},{"key":"f","value":"544.0"},{"key":"","value":"e"}]`}},
		{"of repeated keys the first wins",
			`{"eventName":"first","eventName":"second","responseElements":{"a":"1","\u0061":"2","b":"3","a":"4"}}`,
			map[string]any{"eventname": `"first"`, "responseelements": `[{"key":"a","value":"1"},{"key":"b","value":"3"}]`}},
		{"member names match without case",
			`{"EventID":"x","sharedEventId":"y","resources":[{"arn":"lower"},{"ARN":"upper","accountId":"1"},7]}`,
			map[string]any{"eventid": `"x"`, "sharedeventid": `"y"`,
				"resources": `[{"accountid":null,"arn":"lower","arnprefix":null,"type":null},{"accountid":"1","arn":"upper","arnprefix":null,"type":null},null]`}},
		{"promoted values stand beside their map",
			`{"requestParameters":{"bucketName":"b","roleName":["r"]},"responseElements":{"ConsoleLogin":"Failure"}}`,
			map[string]any{"requestparameters": `[{"key":"bucketName","value":"b"},{"key":"roleName","value":"[\"r\"]"}]`,
				"requestparameters_bucketname": `"b"`, "requestparameters_rolename": `"[\"r\"]"`,
				"responseelements": `[{"key":"ConsoleLogin","value":"Failure"}]`, "responseelements_consolelogin": `"Failure"`}},
		{"an escaped key is its text", `{"requestParameters":{"bucket\u004eame":"secret"}}`,
			map[string]any{"requestparameters": `[{"key":"bucketName","value":"secret"}]`, "requestparameters_bucketname": `"secret"`}},
		{"a list of too many elements is NULL", `{"resources":[0` + strings.Repeat(",0", 10_000) + `]}`, map[string]any{}},
		{"an empty object is not NULL", `{"tlsDetails":{},"addendum":{}}`,
			map[string]any{"tlsdetails": `{"ciphersuite":null,"clientprovidedhostheader":null,"tlsversion":null}`, "addendum": `[]`}},
		{"a lone surrogate", `{"eventName":"a\ud800b"}`, map[string]any{"eventname": `"a` + "\uFFFD" + `b"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, row(t, schemas.CloudTrail(), tt.raw)); d != "" {
				t.Errorf("columns of %s (-want +got):\n%s", tt.raw, d)
			}
		})
	}
}

func TestNestedIdentity(t *testing.T) {
	got := row(t, schemas.CloudTrail(), `{"userIdentity":{"type":"AssumedRole","sessionContext":{"attributes":{"creationDate":"20131102T010628Z","mfaAuthenticated":"true"}},"inScopeOf":{"credentialsIssuedTo":"c"}}}`)
	id, _ := got["useridentity"].(string)
	for _, want := range []string{`"type":"AssumedRole"`, `"mfaauthenticated":"true"`, `"creationdate":"2013-11-02T01:06:28`, `"credentiaisissuedto":"c"`, `"onbehalfof":null`} {
		if !strings.Contains(id, want) {
			t.Errorf("useridentity = %s; want %s in it", id, want)
		}
	}
}

func TestInsightsAreFlattened(t *testing.T) {
	got := row(t, schemas.Insights(), `{"eventCategory":"Insight","insightDetails":{"state":"Start","eventName":"RunInstances","insightContext":{"statistics":{"baseline":{"average":9.82222E-5},"insightDuration":5}}}}`)
	want := map[string]any{"eventcategory": `"Insight"`, "insightstate": `"Start"`, "insighteventname": `"RunInstances"`}
	context, _ := got["insightcontext"].(string)
	delete(got, "insightcontext")
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("columns (-want +got):\n%s", d)
	}
	for _, want := range []string{`"baselineaverage":0.0000982222`, `"insightduration":5`, `"insightaverage":null`} {
		if !strings.Contains(context, want) {
			t.Errorf("insightcontext = %s; want %s in it", context, want)
		}
	}
}

func TestManyRepeatedKeysCostNoSquares(t *testing.T) {
	var raw strings.Builder
	raw.WriteString(`{"requestParameters":{"k":0`)
	for i := range 100_000 {
		fmt.Fprintf(&raw, `,"k%d":%d`, i%50_000, i)
	}
	raw.WriteString(`}}`)
	got := row(t, schemas.CloudTrail(), raw.String())
	if n := strings.Count(got["requestparameters"].(string), `"key"`); n != 50_001 {
		t.Errorf("%d keys; want 50001", n)
	}
}

// FuzzAppend: whatever the event, every column gets exactly one value.
func FuzzAppend(f *testing.F) {
	f.Add([]byte(`{"eventName":"x","resources":[{"ARN":"a"},null],"eventContext":{"tagContext":{"resourceTags":[{"arn":"a","tags":{"k":"v"}}]}}}`))
	f.Add([]byte(`{"userIdentity":{"sessionContext":null},"tlsDetails":{"tlsVersion":["x"]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		end, err := jscan.Value(raw, 0)
		if err != nil || end != len(raw) || raw[0] != '{' || !utf8.Valid(raw) {
			return
		}
		b := columns.NewBuilder(schemas.CloudTrail())
		b.Append(columns.Event{Raw: raw})
		b.Append(columns.Event{Raw: []byte(`{"eventName":"next"}`)})
		read := table(t, schemas.CloudTrail(), b)
		defer read.Release()
		for i := range int(read.NumCols()) {
			if c := read.Column(i); c.Len() != 2 {
				t.Fatalf("column %s has %d values of 2 events; first is %q", c.Name(), c.Len(), raw)
			}
		}
		if !bytes.Contains(fmt.Append(nil, read), []byte("next")) {
			t.Fatal("the second event is not there")
		}
	})
}
