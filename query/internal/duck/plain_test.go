package duck_test

import (
	"fmt"
	"strings"
	"testing"

	"tarn/query/internal/duck"
)

// What is written here is written as the engine writes it.
func TestPlainValuesAreWrittenAsTheEngineDoes(t *testing.T) {
	s := open(t, duck.Job{})
	for typ, values := range map[string][]string{
		"BOOLEAN": {"true", "false", "NULL"}, "VARCHAR": {"''", "'ü'", "'longer than twelve bytes'", "NULL"},
		"TINYINT": {"-128", "127", "NULL"}, "SMALLINT": {"-32768", "32767"}, "INTEGER": {"-2147483648", "0", "2147483647"},
		"BIGINT": {"-9223372036854775808", "NULL", "9223372036854775807"}, "UTINYINT": {"0", "255"}, "USMALLINT": {"65535"}, "UINTEGER": {"4294967295"},
		"UBIGINT": {"18446744073709551615", "NULL"},
		"HUGEINT": {"0", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "NULL",
			"170141183460469231731687303715884105727", "-170141183460469231731687303715884105728", "18446744073709551616"},
		"DATE": {"'2026-01-02'", "NULL", "'infinity'", "'-infinity'", "'0044-03-15 (BC)'", "'0001-01-01'", "'5881580-07-10'", "'5877642-06-25 (BC)'", "'1969-12-31'"},
		"TIMESTAMP": {"'2026-01-02 03:04:05'", "'2026-01-02 03:04:05.1'", "'2026-12-31 23:59:59.123456'", "'2026-01-02 03:04:05.000010'", "NULL", "'infinity'", "'-infinity'",
			"'0001-01-01 00:00:00'", "'0044-03-15 (BC) 01:02:03'", "'0001-12-31 (BC) 01:02:03.5'", "'10000-01-01 00:00:00'", "'294247-01-10 04:00:54.775806'",
			"'290309-12-22 (BC) 00:00:00'", "'1969-12-31 23:59:59.999999'", "'1970-01-01 00:00:00'"},
	} {
		sql := "SELECT x, CAST(x AS VARCHAR) FROM (VALUES (CAST(" + strings.Join(values, " AS "+typ+")), (CAST(") + " AS " + typ + "))) AS t(x)"
		columns, err := s.Describe(t.Context(), sql)
		if err != nil || len(columns) != 2 || columns[0].Type != typ || !columns[0].Plain() {
			t.Fatalf("%s: %+v, %v", sql, columns, err)
		}
		for range 2 { // as it was described, and anew
			n := 0
			for batch, err := range s.Rows(t.Context(), sql) {
				if err != nil {
					t.Fatal(err)
				}
				for i := range batch.Rows() {
					here, set := batch.Value(0, i)
					if want, is := batch.Value(1, i); here != want || set != is {
						t.Errorf("%s %s: %q, %t; the engine writes %q, %t", typ, values[n], here, set, want, is)
					}
					n++
				}
			}
			if n != len(values) {
				t.Errorf("%s: %d rows", typ, n)
			}
		}
	}
	sql := "SELECT TIMESTAMP '1600-01-01' + to_microseconds(x * 98765432101234567) AS t, CAST(t AS VARCHAR), x // 7 * 1234567 AS n, CAST(n AS VARCHAR) FROM range(-40, 40) AS r(x)"
	for batch, err := range s.Rows(t.Context(), sql) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch.Rows() {
			var v [4]string
			for c := range v {
				v[c], _ = batch.Value(c, i)
			}
			if v[0] != v[1] || v[2] != v[3] {
				t.Error(fmt.Sprint(v))
			}
		}
	}
	for _, sql := range []string{"SELECT 1.5", "SELECT [1]", "SELECT '{}'::JSON"} {
		columns, err := s.Describe(t.Context(), sql)
		if err != nil || columns[0].Plain() {
			t.Errorf("%s: %+v, %v", sql, columns, err)
		}
	}
}
