package query_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tarn/query"
)

var updateExamples = flag.Bool("update-examples", false, "rewrite the answers in testdata/functions")

// example is a line of testdata/functions: an expression, what it gives here,
// and what it gives in Trino where that is something else:
//
//	1 / 0  =>  ∅  ≠  !
//
// A ! is an error; ours has its message behind it. Trino's answers are those of
// version 476.
type example struct {
	place, expression, ours, theirs string
}

const (
	givesHere   = "  =>  "
	givesThere  = "  ≠  "
	anErrorMark = "!"
)

// readExamples returns the examples of a file in their order.
func readExamples(t *testing.T, path string) []example {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	for line := range strings.Lines(string(text)) {
		expression, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), givesHere)
		ours, theirs, _ := strings.Cut(rest, givesThere)
		all = append(all, example{path, expression, ours, theirs})
	}
	return all
}

func exampleFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/functions/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	return files
}

// Examples are asked together, because each statement has its own engine; those
// that fail, and those with a FROM, alone.
const together = 24

func TestExamplesOfFunctions(t *testing.T) {
	e, l := openEngine(t), newLake(t)
	for _, path := range exampleFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			examples := readExamples(t, path)
			got := answersTo(e, l, examples)
			var b strings.Builder
			for i, x := range examples {
				if got[i] != x.ours && !*updateExamples {
					t.Errorf("%s\ngives %s\nwant  %s", x.expression, got[i], x.ours)
				}
				b.WriteString(x.expression + givesHere + got[i])
				if x.theirs != "" {
					b.WriteString(givesThere + x.theirs)
				}
				b.WriteByte('\n')
			}
			if *updateExamples {
				if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// answersTo returns what each example gives.
func answersTo(e *query.Engine, l *testLake, examples []example) []string {
	got := make([]string, len(examples))
	var batch []int
	flush := func() {
		var parts []string
		for _, i := range batch {
			parts = append(parts, examples[i].expression)
		}
		rows, err := ask(e, l, "SELECT "+strings.Join(parts, ",\n"))
		for n, i := range batch {
			if err == nil {
				got[i] = rows[1][n]
			} else {
				got[i] = answerTo(e, l, examples[i].expression)
			}
		}
		batch = nil
	}
	for i, x := range examples {
		if strings.HasPrefix(x.ours, anErrorMark) || strings.Contains(x.expression, " FROM (") {
			got[i] = answerTo(e, l, x.expression)
			continue
		}
		if batch = append(batch, i); len(batch) == together {
			flush()
		}
	}
	if len(batch) > 0 {
		flush()
	}
	return got
}

// answerTo returns what one expression gives.
func answerTo(e *query.Engine, l *testLake, expression string) string {
	rows, err := ask(e, l, "SELECT "+expression)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return anErrorMark + " " + first
	}
	return rows[1][0]
}
