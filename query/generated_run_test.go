package query_test

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tarn/query"
)

// mayRead are the names that the SQL of a plan may have in FROM: scans, and the
// statement's own common table expression.
var mayRead = regexp.MustCompile(`^(scan_\d+|cte|unnest\(\))$`)

// Statements made from a grammar are refused or planned, and never more: what
// is planned reads the stores alone, and its SQL says what its tree says. Some
// are run. TARN_GENERATED is how many there are, TARN_GENERATED_SEED which.
func TestGeneratedStatements(t *testing.T) {
	e, l := openEngine(t), sample(t)
	count, seed := 2000, 1
	for name, n := range map[string]*int{"TARN_GENERATED": &count, "TARN_GENERATED_SEED": &seed} {
		if v, err := strconv.Atoi(os.Getenv(name)); err == nil {
			*n = v
		}
	}
	if testing.Short() {
		count = min(count, 200)
	}
	planned, ran := 0, 0
	for i := range count {
		sql := generated(uint64(seed), uint64(i))
		stmt, err := e.Check(t.Context(), l, sql)
		if err != nil {
			speaks(t, sql, err)
			continue
		}
		planned++
		roundTrip(t, e, stmt, sql)
		if i%20 == 0 {
			if _, err := ask(e, l, sql); err != nil {
				speaks(t, sql, err)
				continue
			}
			ran++
		}
	}
	t.Logf("%d statements, %d planned, %d of every twentieth ran", count, planned, ran)
	if planned < count/2 {
		t.Errorf("only %d of %d statements are planned: the grammar is not what it was", planned, count)
	}
}

// speaks fails unless an error is one of those that speak to the user.
func speaks(t *testing.T, sql string, err error) {
	t.Helper()
	var syntax *query.SyntaxError
	line, _, ok := query.Place(err)
	if !errors.As(err, &syntax) && !ok || strings.Contains(err.Error(), "scan_") || strings.Contains(err.Error(), ".parquet") || strings.Contains(err.Error(), "INTERNAL") {
		t.Errorf("%s\ngives %v", sql, err)
	}
	if line > strings.Count(sql, "\n")+1 {
		t.Errorf("%s\ngives line %d: %v", sql, line, err)
	}
}

func roundTrip(t *testing.T, e *query.Engine, stmt *query.Statement, sql string) {
	t.Helper()
	after, printed, differ, err := query.RoundTrip(t.Context(), e, stmt)
	if err != nil {
		t.Errorf("%s\n%s\n%v", sql, printed, err)
		return
	}
	if differ != "" {
		t.Errorf("%s\nis printed as\n%s\nwhich is another tree: %.300s", sql, printed, differ)
	}
	for _, name := range query.Reads(after) {
		if !mayRead.MatchString(name) && !slices.Contains([]string{"cloudtrail", "cloudtrail.conflicts", "cloudtrail.athena", "0233062b-51c6-4d18-8dec-a8c90da840d0"}, name) {
			t.Errorf("%s\nreads %s", sql, name)
		}
	}
}
