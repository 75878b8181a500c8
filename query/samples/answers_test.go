package samples_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/query"
	"tarn/query/result"
	"tarn/query/samples"
	"tarn/schemas"
)

var update = flag.Bool("update", false, "rewrite the recorded answers, and docs/samples.md")

// month is the demo's.
var month = eventgen.Options{EventsPerObject: 40, DuplicatePercent: 2, Incidents: true}

// filled is a lake with the demo's month in it, and an engine.
type filled struct {
	snap   *lake.Snapshot
	engine *query.Engine
}

func fill(t *testing.T) filled {
	t.Helper()
	dir := t.TempDir()
	if _, err := eventgen.WriteBucket(filepath.Join(dir, "bucket"), month); err != nil {
		t.Fatal(err)
	}
	l, err := lake.Create(filepath.Join(dir, "lake"), lake.Options{Key: filepath.Join(dir, "key")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	from, err := ingest.List([]string{filepath.Join(dir, "bucket")})
	if err != nil {
		t.Fatal(err)
	}
	store, err := l.CreateStore("cloudtrail", schemas.CloudTrail())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ingest.Import(t.Context(), l, store, from, ingest.Options{}); err != nil {
		t.Fatal(err)
	}
	engine, err := query.Open(query.Options{TempDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	snap := l.Snapshot()
	t.Cleanup(snap.Release)
	return filled{snap, engine}
}

// answer runs a statement and returns its answer as CSV.
func (f filled) answer(t *testing.T, sql string) string {
	t.Helper()
	res, err := f.engine.Run(t.Context(), f.snap, sql)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	defer res.Close()
	var b bytes.Buffer
	if _, err := result.Write(t.Context(), &b, "csv", res, result.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// facts are what the story says, and what a count of the events without SQL says.
func facts(t *testing.T) *strings.Replacer {
	g := eventgen.New(month)
	st := g.Story()
	count := map[string]int{}
	seen := map[string]bool{}
	for object := range g.Objects() {
		var file struct{ Records []event }
		if err := json.Unmarshal(object.Body, &file); err != nil {
			t.Fatal(err)
		}
		for _, e := range file.Records {
			if !seen[e.EventID] {
				seen[e.EventID] = true
				e.countInto(count)
			}
		}
	}
	pairs := []string{
		"{Key}", "arn:aws:iam::111122223333:user/" + st.ServiceUser, "{AccessKeyID}", st.AccessKeyID, "{KeyAddress}", st.KeyAddress,
		"{SignInAddress}", st.SignInAddress, "{Bucket}", st.Bucket, "{SecurityGroup}", st.SecurityGroup, "{StopLoggingID}", st.StopLoggingID,
		"{KeyEvents}", strconv.Itoa(st.KeyEvents), "{ObjectsTaken}", strconv.Itoa(st.ObjectsTaken),
		"{Astrid}", "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developer_1f0d2b7a6c3e9854/astrid.dahl@fjordbyte.example",
		"{Terraform}", "arn:aws:sts::111122223333:assumed-role/terraform-apply/run-17000000042",
	}
	for name, n := range count {
		pairs = append(pairs, "{"+name+"}", strconv.Itoa(n))
	}
	return strings.NewReplacer(pairs...)
}

// event is what is counted of an event.
type event struct {
	EventID, EventName, ErrorCode, SessionCredentialFromConsole string
	ReadOnly, ManagementEvent                                   bool
	UserIdentity                                                struct{ Type, InvokedBy string }
}

func (e event) countInto(count map[string]int) {
	who := e.UserIdentity
	for name, counts := range map[string]bool{
		"Events":         true,
		"Errors":         e.ErrorCode != "",
		"Changes":        !e.ReadOnly && e.ManagementEvent,
		"ConsoleChanges": !e.ReadOnly && e.ManagementEvent && e.SessionCredentialFromConsole == "true",
		"RootCalls":      who.Type == "Root" && who.InvokedBy == "",
		"RoleChains":     e.EventName == "AssumeRole" && who.Type == "AssumedRole",
	} {
		if counts {
			count[name]++
		}
	}
}

// recorded is a file of testdata: lines that say what is asked and what the
// story demands of the answer, an empty line, and the answer.
type recorded struct {
	path, head, answer string
	params             map[string]string
	story              []string    // parts of lines of the answer
	sums               [][2]string // columns, and what they add up to
}

func readRecorded(t *testing.T, name string, facts *strings.Replacer) recorded {
	t.Helper()
	r := recorded{path: filepath.Join("testdata", name+".txt"), params: map[string]string{}}
	text, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatal(err)
	}
	r.head, r.answer, _ = strings.Cut(string(text), "\n\n")
	for line := range strings.Lines(r.head) {
		line = facts.Replace(strings.TrimSpace(line))
		if part, ok := strings.CutPrefix(line, "story: "); ok {
			r.story = append(r.story, part)
		} else if sum, ok := strings.CutPrefix(line, "sum: "); ok {
			columns, n, _ := strings.Cut(sum, " = ")
			r.sums = append(r.sums, [2]string{columns, n})
		} else if param, ok := strings.CutPrefix(line, "param "); ok {
			name, value, _ := strings.Cut(param, " = ")
			r.params[name] = value
		} else {
			t.Errorf("%s: what is %q?", r.path, line)
		}
	}
	if len(r.story)+len(r.sums) == 0 {
		t.Errorf("%s demands nothing of the answer", r.path)
	}
	return r
}

// check compares an answer with what the story demands and what was recorded.
func (r recorded) check(t *testing.T, answer string) {
	t.Helper()
	lines := strings.Split(answer, "\n")[1:]
	for _, part := range r.story {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, part) }) {
			t.Errorf("%s: no row has %s\n%s", r.path, part, answer)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(answer)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, sum := range r.sums {
		if got := total(rows, strings.Split(sum[0], " + ")); got != sum[1] {
			t.Errorf("%s: %s add up to %s, not %s", r.path, sum[0], got, sum[1])
		}
	}
	if *update {
		if err := os.WriteFile(r.path, []byte(r.head+"\n\n"+answer), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(r.answer, answer); d != "" {
		t.Errorf("%s (-recorded +now; -update records it):\n%s", r.path, d)
	}
}

// total adds up columns of an answer.
func total(rows [][]string, columns []string) string {
	n := 0
	for _, c := range columns {
		at := slices.Index(rows[0], c)
		if at < 0 {
			return "nothing: there is no column " + c
		}
		for _, row := range rows[1:] {
			v, err := strconv.Atoi(row[at])
			if err != nil {
				return err.Error()
			}
			n += v
		}
	}
	return strconv.Itoa(n)
}

// TestAnswers asks each sample over the demo's month. Its answer has in it what
// the story planted, or adds up to what is counted without SQL, and is the one
// that was recorded.
func TestAnswers(t *testing.T) {
	f, facts := fill(t), facts(t)
	for _, s := range samples.All() {
		t.Run(s.Name, func(t *testing.T) {
			r := readRecorded(t, s.Name, facts)
			sql, err := s.Statement(samples.Values{Store: "cloudtrail", Params: r.params})
			if err != nil {
				t.Fatal(err)
			}
			r.check(t, f.answer(t, sql))
			f.prunes(t, s, r.params)
		})
	}
}

// prunes checks that a sample asked about three days reads only their segments.
func (f filled) prunes(t *testing.T, s samples.Sample, params map[string]string) {
	t.Helper()
	sql, err := s.Statement(samples.Values{
		Store: "cloudtrail", Params: params,
		From: time.Date(2026, 10, 12, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := f.engine.Explain(t.Context(), f.snap, sql)
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Scans) == 0 {
		t.Error("nothing is read")
	}
	for _, scan := range plan.Scans {
		days := map[string]bool{}
		for _, seg := range scan.Kept {
			days[seg.Day] = true
		}
		if len(days) > 3 || len(scan.ByTime) < 25 {
			t.Errorf("three days read %d days, and leave out %d segments by their time:\n%s", len(days), len(scan.ByTime), fmt.Sprint(plan))
		}
	}
}
