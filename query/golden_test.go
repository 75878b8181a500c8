package query_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/internal/hint"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden runs each statement of a golden file and compares what it gives with
// what stands below it. A statement is the lines that start with "> "; text
// between is a heading.
func golden(t *testing.T, name string, run func(sql string) string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	lines := bufio.NewScanner(strings.NewReader(string(old)))
	var sql []string
	flush := func() {
		if sql != nil {
			out.WriteString(run(strings.Join(sql, "\n")))
			sql = nil
		}
	}
	for lines.Scan() {
		line := lines.Text()
		statement, ok := strings.CutPrefix(line, "> ")
		switch {
		case ok:
			sql = append(sql, statement)
			fmt.Fprintln(&out, line)
		case line == "" || strings.HasPrefix(line, "#"):
			flush()
			fmt.Fprintln(&out, line)
		}
	}
	flush()
	if *update {
		if err := os.WriteFile(path, []byte(out.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(string(old), out.String()); d != "" {
		t.Errorf("%s (-want +got), -update rewrites it:\n%s", path, d)
	}
}

// complaint prints an error with its hints.
func complaint(err error) string {
	if err == nil {
		return "ACCEPTED\n"
	}
	var b strings.Builder
	fmt.Fprintln(&b, err)
	for _, h := range hint.Of(err) {
		fmt.Fprintln(&b, "  hint:", h)
	}
	return b.String()
}

// What must not pass, and what is said about it.
func TestRefused(t *testing.T) {
	e, l := openEngine(t), sample(t)
	golden(t, "refused.txt", func(sql string) string {
		_, err := e.Check(context.Background(), l, sql)
		return complaint(err)
	})
}

// What the engine finds only when it binds or runs: no rewritten SQL and no
// paths may show.
func TestMisfits(t *testing.T) {
	e, l := openEngine(t), sample(t)
	golden(t, "misfits.txt", func(sql string) string {
		_, err := ask(e, l, sql)
		return complaint(err)
	})
}

// What the grammar means that is not the engine's, and where its errors are.
func TestGrammar(t *testing.T) {
	e, l := openEngine(t), sample(t)
	golden(t, "grammar.txt", func(sql string) string {
		rows, err := ask(e, l, sql)
		if err != nil {
			return complaint(err)
		}
		var b strings.Builder
		for _, row := range rows {
			fmt.Fprintln(&b, "  "+strings.Join(row, " | "))
		}
		return b.String()
	})
}

// Which segments are read, why the others are not, and the SQL.
func TestPlans(t *testing.T) {
	e, l := openEngine(t), sample(t)
	for _, segments := range l.segments {
		for i := range segments {
			segments[i].Parquet.Bytes = 1000 * int64(i+1)
		}
	}
	l.needles["cloudtrail-2023-07-10-0"] = []string{"accesskeyid=AKIA1", "bucketname=bucket-1", "resourcearn=arn:aws:s3:::bucket-1"}
	l.needles["cloudtrail-2023-07-11-1"] = []string{"accesskeyid=AKIA2"}
	golden(t, "plans.txt", func(sql string) string {
		plan, err := e.Explain(context.Background(), l, sql)
		if err != nil {
			return complaint(err)
		}
		return plan.String()
	})
}
