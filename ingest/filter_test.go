package ingest_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

// told is what a filter looks at, read by encoding/json.
type told struct {
	EventTime          time.Time
	RecipientAccountID string
	AwsRegion          string
	EventSource        string
}

// wanted are the distinct records of a bucket for which keep is true.
func wanted(t *testing.T, dir string, keep func(told) bool) (all []string) {
	t.Helper()
	for _, raw := range texts(t, dir, false) {
		var e told
		if err := json.Unmarshal([]byte(raw), &e); err != nil {
			t.Fatal(err)
		}
		if keep(e) {
			all = append(all, raw)
		}
	}
	return all
}

// start is the generated buckets' first day.
var start = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

// Objects are small so that none of them covers days: a filter by time trusts
// that events are delivered within one.
func filterBucket(t *testing.T) string {
	return bucket(t, eventgen.Options{Events: 1200, Days: 8, Start: start, EventsPerObject: 5, DuplicatePercent: 2, NoStory: true})
}

// someAccount and someRegion are in the bucket, and neither is all of it.
func someOf(t *testing.T, dir string) (account, region string) {
	t.Helper()
	wanted(t, dir, func(e told) bool {
		account = e.RecipientAccountID
		if e.AwsRegion != "us-east-1" {
			region = e.AwsRegion
		}
		return false
	})
	return account, region
}

// Whatever the filter: the store has what it takes, the receipt accounts for the
// rest, files whose path tells are not opened, and an import without a filter
// brings what is missing, once.
func TestAFilteredImportIsCompletedByOneWithout(t *testing.T) {
	dir := filterBucket(t)
	account, region := someOf(t, dir)
	from, to := start.Add(50*time.Hour), start.Add(77*time.Hour+time.Second)
	for _, tt := range []struct {
		name    string
		filter  ingest.Filter
		keep    func(told) bool
		skipped func(ingest.Skipped) int64 // must be some
	}{
		{"from", ingest.Filter{From: from}, func(e told) bool { return !e.EventTime.Before(from) },
			func(s ingest.Skipped) int64 { return s.Day }},
		{"to", ingest.Filter{To: to}, func(e told) bool { return e.EventTime.Before(to) },
			func(s ingest.Skipped) int64 { return s.Day }},
		{"account", ingest.Filter{Accounts: []string{"999999999999", account}}, func(e told) bool { return e.RecipientAccountID == account },
			func(s ingest.Skipped) int64 { return s.Account }},
		{"region", ingest.Filter{Regions: []string{region}}, func(e told) bool { return e.AwsRegion == region },
			func(s ingest.Skipped) int64 { return s.Region }},
		{"a region of global services", ingest.Filter{Regions: []string{"us-east-1"}}, func(e told) bool { return e.AwsRegion == "us-east-1" }, nil},
		{"source", ingest.Filter{Sources: []string{"s3.amazonaws.com", "iam.amazonaws.com"}},
			func(e told) bool { return e.EventSource == "s3.amazonaws.com" || e.EventSource == "iam.amazonaws.com" }, nil},
		{"all of them", ingest.Filter{From: from, To: to, Accounts: []string{account}, Regions: []string{region}, Sources: []string{"sts.amazonaws.com"}},
			func(e told) bool {
				return !e.EventTime.Before(from) && e.EventTime.Before(to) && e.RecipientAccountID == account &&
					e.AwsRegion == region && e.EventSource == "sts.amazonaws.com"
			}, func(s ingest.Skipped) int64 { return min(s.Day, s.Account, s.Region) }},
		{"nothing there", ingest.Filter{Sources: []string{"nowhere.amazonaws.com"}}, func(told) bool { return false }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := laketest.NewPlace(t)
			r := bring(t, p, ingest.Options{Filter: tt.filter}, dir)
			want := wanted(t, dir, tt.keep)
			laketest.Same(t, "filtered events", want, p.Events(t))
			if r.Counts.Stored != int64(len(want)) || r.Counts.Filtered+r.Skipped.Total() == 0 || r.Filter != tt.filter.String() {
				t.Errorf("counts %+v of filter %q; want %d stored, some filtered or skipped, filter %q", r.Counts, r.Filter, len(want), tt.filter)
			}
			if tt.skipped != nil && tt.skipped(r.Skipped) == 0 || tt.skipped == nil && r.Skipped.Total() > 0 {
				t.Errorf("skipped by path: %+v", r.Skipped)
			}
			p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
				var counts lake.Counts
				for _, c := range s.Commits() {
					counts.Add(c.Counts)
				}
				if counts != r.Counts {
					t.Errorf("the commits count %+v; the receipt %+v", counts, r.Counts)
				}
			})
			p.Sound(t)
			removeIndex(t, p) // the log alone has to know which files are complete
			rest := bring(t, p, ingest.Options{}, dir)
			laketest.Same(t, "all events", texts(t, dir, false), p.Events(t))
			if rest.Counts.Stored+r.Counts.Stored != int64(len(texts(t, dir, false))) {
				t.Errorf("the rest counts %+v; want what %d leaves", rest.Counts, r.Counts.Stored)
			}
			if again := bring(t, p, ingest.Options{}, dir); again.Read != 0 || again.Counts != (lake.Counts{}) {
				t.Errorf("a third import reads %d files, counts %+v; want none", again.Read, again.Counts)
			}
			checkProvenance(t, p)
			p.Sound(t)
		})
	}
}

func removeIndex(t *testing.T, p laketest.Place) {
	t.Helper()
	if err := os.Remove(p.Path("local/index.db")); err != nil {
		t.Fatal(err)
	}
}

// checkProvenance fails the test unless every event has a source.
func checkProvenance(t *testing.T, p laketest.Place) {
	t.Helper()
	p.Read(t, func(s *lake.Snapshot, st lake.Store) {
		err := s.Provenance(t.Context(), st.ID, func(id, source string) error {
			if source == "" {
				return errors.New("event " + id + " has no source")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// A file of which the filter left nothing out is complete: no import reads it
// again.
func TestAFileThatAFilterTakesWholeIsComplete(t *testing.T) {
	dir, p := filterBucket(t), laketest.NewPlace(t)
	account, _ := someOf(t, dir)
	one := bring(t, p, ingest.Options{Filter: ingest.Filter{Accounts: []string{account}}}, dir)
	two := bring(t, p, ingest.Options{}, dir)
	if one.Counts.Filtered != 0 || two.Known != one.Read || two.Known == 0 || two.Read != one.Skipped.Account {
		t.Errorf("by account: %d read, %+v; then %d known, %d read", one.Read, one.Counts, two.Known, two.Read)
	}
}

// Only a path that is all of a bucket's says what is in a file, and with a day's
// margin.
func TestPathsTellWhatIsNotOpened(t *testing.T) {
	const file = "111111111111_CloudTrail_eu-west-1_20260210T0000Z_a.json"
	const folder = "AWSLogs/111111111111/CloudTrail/eu-west-1/2026/02/10/"
	at := func(day int) time.Time { return time.Date(2026, 2, day, 0, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		name, path string
		filter     ingest.Filter
		want       ingest.Skipped
	}{
		{"the day after", folder + file, ingest.Filter{From: at(11)}, ingest.Skipped{}},
		{"the last moment of the day after", folder + file, ingest.Filter{From: at(12).Add(-1)}, ingest.Skipped{}},
		{"two days after", folder + file, ingest.Filter{From: at(12)}, ingest.Skipped{Day: 1}},
		{"the day before", folder + file, ingest.Filter{To: at(9).Add(1)}, ingest.Skipped{}},
		{"two days before", folder + file, ingest.Filter{To: at(9)}, ingest.Skipped{Day: 1}},
		{"its account", folder + file, ingest.Filter{Accounts: []string{"111111111111"}}, ingest.Skipped{}},
		{"another account", folder + file, ingest.Filter{Accounts: []string{"222222222222"}}, ingest.Skipped{Account: 1}},
		{"an organisation's path", "AWSLogs/o-abc123/" + folder[len("AWSLogs/"):] + file, ingest.Filter{Accounts: []string{"222222222222"}}, ingest.Skipped{Account: 1}},
		{"its region", folder + file, ingest.Filter{Regions: []string{"eu-west-1"}}, ingest.Skipped{}},
		{"another region", folder + file, ingest.Filter{Regions: []string{"eu-west-2"}}, ingest.Skipped{Region: 1}},
		{"a region of global services", folder + file, ingest.Filter{Regions: []string{"eu-west-2", "us-east-1"}}, ingest.Skipped{}},
		{"a source, of which paths say nothing", folder + file, ingest.Filter{Sources: []string{"x.amazonaws.com"}}, ingest.Skipped{}},
		{"a day in another folder", "my/2026/02/10/" + file, ingest.Filter{From: at(12), Accounts: []string{"222222222222"}}, ingest.Skipped{}},
		{"a file's name alone", file, ingest.Filter{From: at(12), Regions: []string{"eu-west-2"}}, ingest.Skipped{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, p := t.TempDir(), laketest.NewPlace(t)
			put(t, dir, tt.path, logOf(event("a")))
			if r := bring(t, p, ingest.Options{Filter: tt.filter}, dir); r.Skipped != tt.want || r.Read != 1-tt.want.Total() {
				t.Errorf("%d read, skipped %+v; want %+v", r.Read, r.Skipped, tt.want)
			}
		})
	}
}

// Members are those that columns have: named without case, the first of several.
func TestAFilterSeesWhatColumnsHave(t *testing.T) {
	const when = `"eventTime":"2026-01-02T03:04:05Z"`
	for record, want := range map[string]int64{
		`{` + when + `,"recipientAccountId":"1"}`:                          1,
		`{"RECIPIENTACCOUNTID":"1",` + when + `}`:                          1,
		`{"recipient\u0041ccountId":"\u0031",` + when + `}`:                1,
		`{"recipientAccountId":1,` + when + `}`:                            1,
		`{"recipientAccountId":"2","recipientAccountId":"1",` + when + `}`: 0,
		`{"recipientAccountId":null,` + when + `}`:                         0,
		`{"userIdentity":{"recipientAccountId":"1"},` + when + `}`:         0,
		`{` + when + `}`: 0,
	} {
		dir, p := t.TempDir(), laketest.NewPlace(t)
		put(t, dir, "a.json", logOf(record))
		r := bring(t, p, ingest.Options{Filter: ingest.Filter{Accounts: []string{"1"}}}, dir)
		if r.Counts.Stored != want || r.Counts.Filtered != 1-want {
			t.Errorf("%s: %+v; want %d stored", record, r.Counts, want)
		}
	}
}

// A file that cannot be judged is not filtered away: its rejects are kept.
func TestAFilterKeepsRejects(t *testing.T) {
	dir, p := t.TempDir(), laketest.NewPlace(t)
	put(t, dir, "a.json", logOf(event("a"), `{"eventID":"no time"}`))
	r := bring(t, p, ingest.Options{Filter: ingest.Filter{Accounts: []string{"1"}}}, dir)
	if r.Counts.Filtered != 1 || r.Counts.Rejected != 1 || len(p.Rejects(t)) != 1 {
		t.Errorf("%+v, %d rejects listed; want one filtered, one rejected and listed", r.Counts, len(p.Rejects(t)))
	}
}

func TestAFilterDoesNotGoWithKeptDuplicates(t *testing.T) {
	dir, p := filterBucket(t), laketest.NewPlace(t)
	from, err := ingest.List([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		o := ingest.Options{KeepDuplicates: true, Filter: ingest.Filter{From: start}}
		if _, err := ingest.Import(t.Context(), l, st, from, o); err == nil {
			t.Error("an import with a filter and all duplicates goes ahead")
		}
	})
}

func TestAFilterSaysWhatItIs(t *testing.T) {
	f := ingest.Filter{From: start, To: start.Add(time.Second / 2), Accounts: []string{"1", "2"}, Regions: []string{"r"}, Sources: []string{"s"}}
	want := "--from 2026-02-01T00:00:00Z --to 2026-02-01T00:00:00.5Z --account 1,2 --region r --source s"
	if f.String() != want || (ingest.Filter{}).String() != "" {
		t.Errorf("String = %q, of none %q; want %q, nothing", f, ingest.Filter{}, want)
	}
}

// A dry run counts what the import will count, and leaves no trace.
func TestADryRunIsTheImportWithoutTheLake(t *testing.T) {
	dir := filterBucket(t)
	put(t, dir, "bad.json", logOf(event("x"), `{}`))
	from, err := ingest.List([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	dry := func(l *lake.Lake, st lake.Store, o ingest.Options) *ingest.Result {
		o.DryRun = true
		r, err := ingest.Import(t.Context(), l, st, from, o)
		if err := errors.Join(err, l.Close()); err != nil {
			t.Fatal(err)
		}
		return r
	}
	p := laketest.NewPlace(t)
	steps := []ingest.Options{{Filter: ingest.Filter{To: start.Add(60 * time.Hour)}}, {}, {}, {}, {KeepDuplicates: true}}
	var early []byte
	for i, o := range steps {
		var want *ingest.Result
		if i == 0 {
			l, err := lake.Unmade(p.Dir, p.Options())
			if err != nil {
				t.Fatal(err)
			}
			st, err := lake.PlanStore(schemas.CloudTrail(), lake.StoreSettings{Name: laketest.StoreName})
			if err != nil {
				t.Fatal(err)
			}
			want = dry(l, st, o)
			if _, err := lake.View(p.Dir, p.Options()); !errors.Is(err, lake.ErrNoLake) {
				t.Errorf("behind a dry run, View = %v; want ErrNoLake", err)
			}
		} else {
			// A reader with an older index, or with none, looks at the sources itself.
			if removeIndex(t, p); early != nil {
				if err := os.WriteFile(p.Path("local/index.db"), early, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			before := p.Files(t)
			l, err := lake.View(p.Dir, p.Options())
			if err != nil {
				t.Fatal(err)
			}
			st, err := l.Store(laketest.StoreName)
			if err != nil {
				t.Fatal(err)
			}
			want = dry(l, st, o)
			if !slices.Equal(before, p.Files(t)) {
				t.Error("a dry run changed the lake")
			}
		}
		got := bring(t, p, o, dir)
		want.DryRun, want.Import = false, got.Import
		want.Segments, got.Segments = nil, nil // there are none of a dry run
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("step %d (-dry run +import):\n%s", i, d)
		}
		if i == 1 {
			if early, err = os.ReadFile(p.Path("local/index.db")); err != nil {
				t.Fatal(err)
			}
			put(t, dir, "more.json", logOf(event("y")))
			if from, err = ingest.List([]string{dir}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
