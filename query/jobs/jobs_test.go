package jobs_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/lake/statedb"
	"tarn/query"
	"tarn/query/jobs"
)

// office is where queries run, over a lake with three events.
type office struct {
	*jobs.Jobs
	place laketest.Place
	lake  *lake.Lake
	state *statedb.DB
	store lake.Store
	now   time.Time
	close func()
}

func newOffice(t *testing.T, change func(*jobs.Options)) *office {
	t.Helper()
	o := &office{place: laketest.NewPlace(t), now: time.Date(2026, 1, 3, 4, 5, 6, 0, time.UTC)}
	o.place.Write(t, func(l *lake.Lake, st lake.Store) {
		o.store = st
		var all []lake.Event
		for _, id := range []string{"1", "2", "3"} {
			all = append(all, laketest.Event(t, id, "2026-01-02T03:04:05Z", ""))
		}
		laketest.Bring(t, l, st, lake.AppendOptions{}, []laketest.Object{{Key: "a", Events: all}}, nil)
	})
	o.open(t, change)
	return o
}

// open opens the lake, as a server does.
func (o *office) open(t *testing.T, change func(*jobs.Options)) {
	t.Helper()
	var err error
	if o.lake, err = lake.Open(o.place.Dir, o.place.Options()); err != nil {
		t.Fatal(err)
	}
	if o.state, err = statedb.Open(filepath.Join(o.place.Dir, lake.StateFile), func(text string) { t.Error(text) }); err != nil {
		t.Fatal(err)
	}
	engine, err := query.Open(query.Options{TempDir: t.TempDir(), MemoryLimit: "1GB"})
	if err != nil {
		t.Fatal(err)
	}
	options := jobs.Options{Lake: o.place.Dir, State: o.state, Engine: engine, Now: func() time.Time { return o.now }, Warn: func(err error) { t.Error(err) }}
	if change != nil {
		change(&options)
	}
	if o.Jobs, err = jobs.Open(options); err != nil {
		t.Fatal(err)
	}
	closed := false
	o.close = func() {
		if closed {
			return
		}
		closed = true
		for _, close := range []func() error{o.Close, engine.Close, o.state.Close, o.lake.Close} {
			if err := close(); err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(func() { o.close() })
}

var everything = jobs.Sight{By: "alice", Store: func(string) bool { return true }}

// ask starts a query.
func (o *office) ask(t *testing.T, sql string) statedb.Query {
	t.Helper()
	snap := o.lake.Snapshot()
	q, err := o.Start(t.Context(), jobs.Question{Statement: sql, By: "alice", Snapshot: snap, Release: snap.Release})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// end waits for the end of a query.
func (o *office) end(t *testing.T, id string) statedb.Query {
	t.Helper()
	for {
		q, err := o.Await(t.Context(), id, everything, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if !q.Status.UnderWay() {
			return q
		}
	}
}

// column returns the values of the first column from a row on, some of them.
func (o *office) column(t *testing.T, q statedb.Query, from int64, most int) (all []string) {
	t.Helper()
	rows, err := o.Rows(q)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for values, err := range rows.From(t.Context(), from) {
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, values[0].Text); len(all) == most {
			break
		}
	}
	return all
}

func TestResultsAreFoundAtAnyRow(t *testing.T) {
	o := newOffice(t, nil)
	const n = 200_000
	q := o.end(t, o.ask(t, fmt.Sprintf("SELECT x, CAST(NULL AS varchar), '', rpad('', CAST(x %% 50 AS integer), 'é') AS long FROM UNNEST(sequence(1, %d)) AS t(x) ORDER BY x", n)).ID)
	if q.Status != statedb.QueryFinished || q.Rows != n || q.Bytes < 2*n {
		t.Fatalf("%+v", q)
	}
	for _, from := range []int64{0, 1, 999, 1000, 65_535, 65_536, 123_456, n - 2} {
		if got := fmt.Sprint(o.column(t, q, from, 2)); got != fmt.Sprintf("[%d %d]", from+1, from+2) {
			t.Errorf("from row %d: %s", from, got)
		}
	}
	for _, from := range []int64{n, n + 1, 10 * n} {
		if got := o.column(t, q, from, 2); len(got) != 0 {
			t.Errorf("from row %d: %v", from, got)
		}
	}
	if got := o.column(t, q, 0, -1); len(got) != n {
		t.Errorf("%d rows", len(got))
	}
	rows, err := o.Rows(q)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for values, err := range rows.From(t.Context(), 48) {
		if err != nil || !values[1].Null || values[2].Null || values[2].Text != "" || values[3].Text != strings.Repeat("é", 49) || rows.Columns()[3].Name != "long" {
			t.Errorf("%+v, %v", values, err)
		}
		break
	}
}

func TestResultsStayForSevenDays(t *testing.T) {
	o := newOffice(t, nil)
	// Small ones are in state.db, others in files.
	small := o.end(t, o.ask(t, "SELECT eventID FROM cloudtrail ORDER BY 1").ID)
	large := o.end(t, o.ask(t, "SELECT eventID, rpad(eventID, 6000, 'x') FROM cloudtrail ORDER BY 1").ID)
	if files := o.files(t); len(files) != 1 || filepath.Base(files[0]) != large.ID {
		t.Errorf("files are %q", files)
	}
	o.close()
	o.open(t, nil)
	o.now = o.now.Add(jobs.Days)
	for _, q := range []statedb.Query{small, large} {
		again, err := o.Query(q.ID, everything)
		if err != nil || len(o.column(t, again, 0, -1)) != 3 {
			t.Fatalf("%+v, %v", again, err)
		}
	}
	o.now = o.now.Add(time.Second)
	for _, q := range []statedb.Query{small, large} {
		if _, err := o.Query(q.ID, everything); !errors.Is(err, jobs.ErrNone) {
			t.Error(err)
		}
	}
	if all, more, err := o.List(t.Context(), everything, jobs.Filter{}, "", 10); len(all) != 0 || more || err != nil {
		t.Errorf("%+v, %v, %v", all, more, err)
	}
	o.close()
	o.open(t, nil)
	if err := o.Sweep(); err != nil {
		t.Fatal(err)
	}
	if left := o.files(t); len(left) != 0 {
		t.Errorf("left are %q", left)
	}
	if b, err := o.state.Results(small.ID); b != nil || err != nil {
		t.Errorf("%d bytes of the small one, %v", len(b), err)
	}
	if n, bytes, err := o.state.QueryBytes(); n != 0 || bytes != 0 || err != nil {
		t.Errorf("%d queries, %d bytes, %v", n, bytes, err)
	}
}

// files are the files of results.
func (o *office) files(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob(o.place.Path(lake.QueriesDir + "/*/*"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheOldestGoWhenThereIsNoRoom(t *testing.T) {
	o := newOffice(t, func(o *jobs.Options) { o.KeptBytes = 110 << 10 })
	var ids []string
	for range 8 {
		o.now = o.now.Add(time.Second)
		ids = append(ids, o.end(t, o.ask(t, "SELECT rpad('', 17000, 'x')").ID).ID)
	}
	o.close() // what is too much goes behind a query's end
	o.open(t, nil)
	if _, err := o.Query(ids[0], everything); !errors.Is(err, jobs.ErrNone) {
		t.Errorf("the first: %v", err)
	}
	if q, err := o.Query(ids[7], everything); err != nil || len(o.column(t, q, 0, -1)) != 1 {
		t.Errorf("the last: %v", err)
	}
	if n := len(o.files(t)); n == 0 || n > 5 {
		t.Errorf("%d files", n)
	}
}

func TestResultsThatAreTooLarge(t *testing.T) {
	o := newOffice(t, func(o *jobs.Options) { o.ResultBytes = 100_000 })
	q := o.end(t, o.ask(t, "SELECT x, 'some text' FROM UNNEST(sequence(1, 1000000)) AS t(x)").ID)
	if q.Status != statedb.QueryFailed || q.Reason != "Query response is too large" || len(o.files(t)) != 0 {
		t.Errorf("%+v, %v", q, o.files(t))
	}
	if _, err := o.Rows(q); !errors.Is(err, jobs.ErrNoResults) {
		t.Error(err)
	}
	q = o.end(t, o.ask(t, "SELECT CAST('x' || eventID AS bigint) FROM cloudtrail").ID)
	if q.Status != statedb.QueryFailed || !strings.Contains(q.Reason, "'x1'") {
		t.Errorf("%+v", q)
	}
}

const endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b, cloudtrail WHERE a.range % 7 = b.range % 5"

// What runs when the server ends has failed, also for whoever waits.
func TestTheEndInterruptsQueries(t *testing.T) {
	o := newOffice(t, nil)
	id := o.ask(t, endless).ID
	o.close()
	o.open(t, nil)
	if q := o.end(t, id); q.Status != statedb.QueryFailed || !strings.Contains(q.Reason, "ask again") {
		t.Errorf("%+v", q)
	}
}

func TestCancelling(t *testing.T) {
	o := newOffice(t, nil)
	id := o.ask(t, endless).ID
	q, err := o.Cancel(t.Context(), id, everything, time.Minute)
	if err != nil || q.Status != statedb.QueryCancelled {
		t.Errorf("%+v, %v", q, err)
	}
	if _, err := o.Cancel(t.Context(), id, everything, time.Minute); !errors.Is(err, jobs.ErrEnded) {
		t.Error(err)
	}
	if _, err := o.Cancel(t.Context(), id, jobs.Sight{Store: func(string) bool { return false }}, 0); !errors.Is(err, jobs.ErrNone) {
		t.Error(err)
	}
}

// Each byte of a file of results that is changed is found, where it is read.
func TestDamagedResultsAreNotShown(t *testing.T) {
	o := newOffice(t, nil)
	q := o.end(t, o.ask(t, "SELECT eventID, rpad(eventID, 6000, 'x') FROM cloudtrail").ID)
	name := o.files(t)[0]
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		if i > 300 && i < len(good)-300 && i%50 > 0 {
			continue
		}
		bad := append([]byte(nil), good...)
		bad[i] ^= 0x41
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := o.readAll(t, q); !errors.Is(err, lake.ErrCorrupt) {
			t.Fatalf("byte %d of %d: %v", i, len(good), err)
		}
		if err := os.WriteFile(name, good[:i], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := o.readAll(t, q); !errors.Is(err, lake.ErrCorrupt) {
			t.Fatalf("the first %d of %d bytes: %v", i, len(good), err)
		}
	}
}

func (o *office) readAll(t *testing.T, q statedb.Query) error {
	rows, err := o.Rows(q)
	if err != nil {
		return err
	}
	defer rows.Close()
	for _, err := range rows.Rows(t.Context()) {
		if err != nil {
			return err
		}
	}
	return nil
}
