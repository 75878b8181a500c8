package result_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"tarn/lake"
	"tarn/query"
	"tarn/query/result"
)

// noStores is a snapshot of a lake without stores.
type noStores struct{}

func (noStores) LogSize() int64                                              { return 0 }
func (noStores) Stores() []lake.Store                                        { return nil }
func (noStores) Store(string) (lake.Store, error)                            { return lake.Store{}, errors.New("no store") }
func (noStores) Segments(string, bool) []lake.Segment                        { return nil }
func (noStores) Path(string, lake.Segment) string                            { return "" }
func (noStores) Folders(string) []string                                     { return nil }
func (noStores) Away(string, []lake.Segment) []lake.Segment                  { return nil }
func (noStores) Fetch(context.Context, string, []lake.Segment) error         { return nil }
func (noStores) FetchNeedles(context.Context, string, []*lake.Segment) error { return nil }
func (noStores) MayHold(string, *lake.Segment, string, string) (bool, error) { return true, nil }

// write runs a statement and returns what a format makes of it, and the message.
func write(t *testing.T, format, sql string, o result.Options) (data, message string) {
	t.Helper()
	ctx := t.Context()
	e, err := query.Open(query.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	res, err := e.Run(ctx, noStores{}, sql)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	var out, msg bytes.Buffer
	o.Message = &msg
	if _, err := result.Write(ctx, &out, format, res, o); err != nil {
		t.Fatal(err)
	}
	return out.String(), msg.String()
}

const all = `SELECT * FROM (VALUES
	(1, 'a', true, 1.50, TIMESTAMP '2023-01-22 16:53:53', {'x': 1, 'a': [1, NULL]}, MAP {'k': 'v"'}),
	(NULL, NULL, NULL, NULL, NULL, NULL, NULL)) t(n, s, b, d, ts, st, m)`

const none = "SELECT 1 AS n, 'a' AS s WHERE false"

const texts = `SELECT * FROM (VALUES (1, 'Jürgen 日本', e'two\nlines, "quoted"'), (22, '', 'NULL')) t(n, "a name", s)`

const numbers = `SELECT 9223372036854775807 AS big, 170141183460469231731687303715884105727 AS huge, 0.1::DECIMAL(30, 20) AS exact,
	1e300 AS d, 'inf'::DOUBLE AS inf, 'nan'::DOUBLE AS nan, {'i': '-inf'::DOUBLE} AS nested, DATE '2023-01-22' AS day`

func TestFormats(t *testing.T) {
	tests := []struct{ name, format, sql, want string }{
		{"json", "json", all, `[{"n":1,"s":"a","b":true,"d":1.50,"ts":"2023-01-22 16:53:53.000","st":{"x":1,"a":[1,null]},"m":{"k":"v\""}},
{"n":null,"s":null,"b":null,"d":null,"ts":null,"st":null,"m":null}]
`},
		{"json without rows", "json", none, "[]\n"},
		{"json with text", "json", texts, `[{"n":1,"a name":"Jürgen 日本","s":"two\nlines, \"quoted\""},
{"n":22,"a name":"","s":"NULL"}]
`},
		{"json with numbers", "json", numbers, `[{"big":9223372036854775807,"huge":170141183460469231731687303715884105727,"exact":0.10000000000000000000,"d":1e+300,"inf":"inf","nan":"nan","nested":"{\"i\":-Infinity}","day":"2023-01-22"}]
`},
		{"ndjson", "ndjson", "SELECT * FROM range(2) t(i)", "{\"i\":0}\n{\"i\":1}\n"},
		{"ndjson without rows", "ndjson", none, ""},
		{"csv", "csv", all, "n,s,b,d,ts,st,m\n" +
			`1,a,true,1.50,2023-01-22 16:53:53.000,"{""x"":1,""a"":[1,null]}","{""k"":""v\""""}"` + "\n,,,,,,\n"},
		{"csv without rows", "csv", none, "n,s\n"},
		{"csv keeps line ends, and empty text apart from NULL", "csv", texts, "n,a name,s\n1,Jürgen 日本,\"two\nlines, \"\"quoted\"\"\"\n22,\"\",NULL\n"},
		{"table", "table", texts, `
 n  a name       s
--  -----------  --------------------
 1  Jürgen 日本  two lines, "quoted"
22               NULL
`[1:]},
		{"table with NULL", "table", "SELECT NULL AS a, 'x' AS b", "a  b\n-  -\n∅  x\n"},
		{"table without rows", "table", none, "n  s\n-  -\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := write(t, tt.format, tt.sql, result.Options{})
			want := strings.ReplaceAll(tt.want, "--------------------\n", "-------------------\n")
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", tt.format, d)
			}
			if tt.format == "json" && !json.Valid([]byte(got)) {
				t.Error("not valid JSON")
			}
		})
	}
}

func TestTableIsCutToTheTerminal(t *testing.T) {
	got, message := write(t, "table", "SELECT 'short' AS a, array_join(repeat('long ', 10), '') AS b, array_join(repeat('日', 20), '') AS c", result.Options{Width: 40})
	want := `
a      b                c
-----  ---------------  ----------------
short  long long long…  日日日日日日日…
`[1:]
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("table (-want +got):\n%s", d)
	}
	if message != "1 row\n" {
		t.Errorf("message = %q; want 1 row", message)
	}
}

func TestTableNeverCutsTimes(t *testing.T) {
	got, _ := write(t, "table", "SELECT rpad('', 30, 'a') AS a, TIMESTAMP '2023-07-10 12:00:00.123456' AS t, DATE '2023-07-10' AS d, rpad('', 30, 'b') AS b", result.Options{Width: 20})
	want := `
a         t                           d           b
--------  --------------------------  ----------  --------
aaaaaaa…  2023-07-10 12:00:00.123456  2023-07-10  bbbbbbb…
`[1:]
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("table (-want +got):\n%s", d)
	}
	got, _ = write(t, "table", "SELECT TIMESTAMP '2023-07-10 12:00:00' + CASE WHEN range < 1500 THEN INTERVAL 0 DAY ELSE INTERVAL '1' MICROSECOND END AS t, range AS n FROM range(1501)", result.Options{Width: 10})
	if !strings.Contains(got, "2023-07-10 12:00:00.000001") {
		t.Errorf("a later, longer time is cut: %s", got[len(got)-100:])
	}
}

func TestTableKeepsControlCharactersFromTheTerminal(t *testing.T) {
	got, _ := write(t, "table", "SELECT chr(27) || '[31mred' || chr(8238) || 'x' AS a", result.Options{})
	if strings.ContainsAny(got, "\x1b\u202e") {
		t.Errorf("table = %q: control characters get through", got)
	}
}

func TestParquetKeepsTypes(t *testing.T) {
	got, _ := write(t, "parquet", "SELECT 1 AS a, 2 AS a, {'x': 'y'} AS s, TIMESTAMP '2023-01-22 00:00:00' AS ts", result.Options{})
	f, err := parquet.OpenFile(strings.NewReader(got), int64(len(got)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range f.Root().Columns() {
		names = append(names, c.Name())
	}
	if d := cmp.Diff([]string{"a", "a_2", "s", "ts"}, names); d != "" || f.NumRows() != 1 {
		t.Errorf("%d rows, columns (-want +got):\n%s", f.NumRows(), d)
	}
}

// An Arrow stream has the types too, and any reader of Arrow's takes it; also
// one without rows.
func TestArrowKeepsTypes(t *testing.T) {
	const columns = "i AS a, i % 2 = 0 AS b, i * 1.5 AS c, {'x': [i]} AS d, MAP {'k': i || ''} AS e, TIMESTAMP '2023-01-22 00:00:00' AS f, NULLIF(i || '', '0') AS g"
	want := []string{"a: int64", "b: bool", "c: decimal", "d: struct", "e: map", "f: timestamp", "g: utf8"}
	for _, rows := range []int64{0, 3, 30_000} {
		got, _ := write(t, "arrow", fmt.Sprintf("SELECT %s FROM range(%d) AS t(i)", columns, rows), result.Options{})
		r, err := ipc.NewReader(strings.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range r.Schema().Fields() {
			if name, kind, _ := strings.Cut(want[i], ": "); f.Name != name || !strings.HasPrefix(f.Type.String(), kind) {
				t.Errorf("column %d is %s: %s; want %s", i, f.Name, f.Type, want[i])
			}
		}
		n, last := int64(0), ""
		for r.Next() {
			n += r.RecordBatch().NumRows()
			g := r.RecordBatch().Column(6)
			last = g.ValueStr(g.Len() - 1)
		}
		if r.Err() != nil || n != rows || n > 0 && last != fmt.Sprint(n-1) {
			t.Errorf("%d rows, the last %q: %v; want %d", n, last, r.Err(), rows)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	_, err := result.Write(t.Context(), &bytes.Buffer{}, "xml", failing{}, result.Options{})
	if err == nil || err.Error() != `no format "xml"` {
		t.Errorf("Write = %v", err)
	}
}

// failing is an answer that ends in an error at once.
type failing struct{}

var errBroken = errors.New("broken")

func (failing) Columns() []query.Column { return []query.Column{{Name: "a", Key: "a"}} }
func (failing) Rows(context.Context) iter.Seq2[[]query.Value, error] {
	return func(yield func([]query.Value, error) bool) { yield(nil, errBroken) }
}
func (failing) Encode(context.Context, io.Writer, string) (int64, error) {
	return 0, errBroken
}

func TestAFailedQueryWritesNothing(t *testing.T) {
	for _, format := range result.Formats() {
		var out bytes.Buffer
		if _, err := result.Write(t.Context(), &out, format, failing{}, result.Options{}); !errors.Is(err, errBroken) || out.Len() > 0 {
			t.Errorf("%s: %v and %q; want the error and nothing", format, err, &out)
		}
	}
}

// A table is expanded where its columns would have to be cut so much that nobody
// could read them; never without a width, and never to no rows.
func TestATableTooWideIsExpanded(t *testing.T) {
	wide := result.Options{Width: 40, Expand: result.ExpandWide}
	for _, tt := range []struct {
		name, sql string
		o         result.Options
		want      string
	}{
		{"fits", "SELECT 1 AS a, 2 AS b", wide, "a  b\n-  -\n1  2\n"},
		{"legible where it is cut", "SELECT rpad('', 50, 'a') AS a, 2 AS b", wide,
			"a                                      b\n" + strings.Repeat("-", 37) + "  -\n" + strings.Repeat("a", 36) + "…  2\n"},
		{"too wide", "SELECT rpad('', 50, 'a') AS a, rpad('', 50, 'b') AS b, NULL AS cc, 'short' AS d", wide,
			"-- row 1 --------------------\na   " + strings.Repeat("a", 50) + "\nb   " + strings.Repeat("b", 50) + "\ncc  ∅\nd   short\n"},
		{"too many columns", "SELECT 1 AS first_of_all, 2 AS second_one, 3 AS third_of_all, 4 AS fourth", wide,
			"-- row 1 --------------------\nfirst_of_all  1\nsecond_one    2\nthird_of_all  3\nfourth        4\n"},
		{"no rows", "SELECT 1 AS first_of_all, 2 AS second_one, 3 AS third_of_all, 4 AS fourth WHERE false", wide,
			"first_of…  second_o…  third_of_…  fourth\n---------  ---------  ----------  ------\n"},
		{"never", "SELECT rpad('', 50, 'a') AS a, rpad('', 50, 'b') AS b", result.Options{Width: 40},
			"a" + strings.Repeat(" ", 20) + "b\n" + strings.Repeat("-", 19) + "  " + strings.Repeat("-", 19) + "\n" +
				strings.Repeat("a", 18) + "…  " + strings.Repeat("b", 18) + "…\n"},
	} {
		if got, _ := write(t, "table", tt.sql, tt.o); got != tt.want {
			t.Errorf("%s (-want +got):\n%s", tt.name, cmp.Diff(tt.want, got))
		}
	}
	// Rows behind those that decided are expanded too.
	got, _ := write(t, "table", "SELECT range AS n, rpad('', 30, 'b') AS b, rpad('', 30, 'c') AS c, 'd' AS d FROM range(1500)", wide)
	if !strings.Contains(got, "-- row 1500 ---") || strings.Count(got, "\n") != 7500 {
		t.Errorf("%d lines, the last of them %q; want 1,500 blocks of five", strings.Count(got, "\n"), got[len(got)-100:])
	}
}

func TestExpandedTableHasALineForEachColumn(t *testing.T) {
	data, message := write(t, "table", "SELECT 1 AS n, NULL AS longer, e'a\\nb' AS s", result.Options{Expand: result.ExpandAlways})
	want := "-- row 1 --------------------\nn       1\nlonger  ∅\ns       a b\n"
	if d := cmp.Diff(want, data); d != "" || message != "1 row\n" {
		t.Errorf("message %q, -want +got:\n%s", message, d)
	}
}

func TestSomeColumnsAreNeverCut(t *testing.T) {
	data, _ := write(t, "table", "SELECT '0123456789012345' AS id, 'a long text to be cut' AS what",
		result.Options{Width: 30, Whole: func(name string) bool { return name == "id" }})
	want := "id                what\n----------------  ------------\n0123456789012345  a long text…\n"
	if d := cmp.Diff(want, data); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
