package follow_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tarn/ingest/follow"
	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/lake/statedb"
)

// watched is a lake, a folder that is followed into it, and who watches that.
type watched struct {
	t      *testing.T
	dir    string // of the source
	born   string // the time of all events: one that comes again is the same
	lake   *lake.Lake
	store  lake.Store
	state  *statedb.DB
	seen   chan statedb.Follow
	follow statedb.Follow
	all    *follow.Follows
}

func watch(t *testing.T) *watched {
	t.Helper()
	dir, l, store := laketest.New(t)
	t.Cleanup(func() { l.Close() })
	state, err := statedb.Open(filepath.Join(dir, lake.StateFile), func(text string) { t.Error(text) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { state.Close() })
	w := &watched{t: t, dir: t.TempDir(), born: time.Now().UTC().Format(time.RFC3339), lake: l, store: store, state: state, seen: make(chan statedb.Follow, 1<<16)}
	w.follow = statedb.Follow{ID: uuid.NewV7(time.Now()), Source: w.dir, Created: time.Now(), FollowDetails: statedb.FollowDetails{
		Store: store.ID, StoreName: store.Name, Every: 20 * time.Millisecond, Days: 3, FullEvery: time.Hour}}
	w.all = follow.New(follow.Options{Lake: l, State: state, Log: zerolog.New(zerolog.NewTestWriter(t)), Progress: func(f statedb.Follow) { w.seen <- f }})
	return w
}

// run runs the follows until the test ends, or the function that it returns is called.
func (w *watched) run() (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- w.all.Run(ctx) }()
	stop = func() {
		cancel()
		if err, more := <-done; more && err != nil {
			w.t.Error(err)
		}
		close(done)
	}
	return stop
}

// until waits until something holds of the follow.
func (w *watched) until(what string, holds func(statedb.FollowProgress) bool) statedb.FollowProgress {
	w.t.Helper()
	patience := time.After(30 * time.Second)
	for {
		select {
		case f := <-w.seen:
			if holds(f.Progress) {
				return f.Progress
			}
		case <-patience:
			w.t.Fatalf("%s: it did not come to that", what)
		}
	}
}

// land writes a log file with an event of each id, as something that was there before.
func (w *watched) land(name string, ids ...string) {
	w.t.Helper()
	var text bytes.Buffer
	zip := gzip.NewWriter(&text)
	var records []string
	for _, id := range ids {
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.08","eventTime":%q,"eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":%q,"eventCategory":"Management"}`,
			w.born, id))
	}
	fmt.Fprintf(zip, `{"Records":[%s]}`, strings.Join(records, ","))
	zip.Close()
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	old := time.Now().Add(-time.Minute)
	for _, err := range []error{os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path+".part", text.Bytes(), 0o644), os.Chtimes(path+".part", old, old), os.Rename(path+".part", path)} {
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *watched) events() int {
	w.t.Helper()
	return len(laketest.Raw(w.t, w.lake, w.store, false))
}

const prefix = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/20/111122223333_CloudTrail_eu-west-1_20261120T0000Z_"

func TestAFolderIsFollowed(t *testing.T) {
	w := watch(t)
	w.land(prefix+"a.json.gz", "1", "2")
	if err := w.all.Add(w.follow); err != nil {
		t.Fatal(err)
	}
	if err := w.all.Add(w.follow); !errors.Is(err, statedb.ErrFollowExists) {
		t.Errorf("followed twice: %v", err)
	}
	stop := w.run()
	w.until("what was there", func(p statedb.FollowProgress) bool { return p.Counts.Objects == 1 })
	today := time.Now().UTC().Format("2006/01/02")
	w.land("AWSLogs/111122223333/CloudTrail/eu-west-1/"+today+"/111122223333_CloudTrail_eu-west-1_x.json.gz", "3", "2")
	w.land("other.json.gz", "4")
	p := w.until("what lands", func(p statedb.FollowProgress) bool {
		return p.Counts.Objects == 3 && p.Waiting == 0 && !p.Listed.IsZero()
	})
	if p.State != statedb.FollowRunning || p.Failures != 0 || p.Counts.Stored != 4 || p.Counts.Duplicates != 1 || p.Lag(time.Now()) != 0 {
		t.Errorf("%+v", p)
	}
	stop()
	if f, err := w.state.FollowOf(w.dir); err != nil || f.Progress.State != statedb.FollowIdle || f.Progress.Counts.Objects != 3 {
		t.Errorf("what is kept: %+v, %v", f, err)
	}

	// Somebody else goes on, and takes nothing twice.
	w.land("more.json.gz", "5")
	stop = w.run()
	w.until("what landed meanwhile", func(p statedb.FollowProgress) bool { return p.Counts.Objects == 4 && p.Waiting == 0 })
	if err := w.all.Remove(w.dir); err != nil {
		t.Error(err)
	}
	stop()
	if n := w.events(); n != 5 {
		t.Errorf("%d events, want 5", n)
	}
	if all, err := w.state.Follows(); len(all) != 0 || err != nil {
		t.Errorf("%v, %v", all, err)
	}
}

func TestAFollowWaitsForItsTurn(t *testing.T) {
	w := watch(t)
	other, err := w.lake.Append(w.store, lake.AppendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w.land("a.json.gz", "1")
	if err := w.all.Add(w.follow); err != nil {
		t.Fatal(err)
	}
	defer w.run()()
	p := w.until("an import is under way", func(p statedb.FollowProgress) bool { return p.State == statedb.FollowWaiting })
	if p.Waiting != 1 || p.Lag(time.Now()) < time.Minute {
		t.Errorf("%+v", p)
	}
	if _, err := other.Finish(); err != nil {
		t.Fatal(err)
	}
	w.until("its turn", func(p statedb.FollowProgress) bool {
		return p.State == statedb.FollowRunning && p.Counts.Objects == 1
	})
}

func TestAFolderThatIsGoneComesBack(t *testing.T) {
	w := watch(t)
	if err := os.Remove(w.dir); err != nil {
		t.Fatal(err)
	}
	if err := w.all.Add(w.follow); err != nil {
		t.Fatal(err)
	}
	defer w.run()()
	p := w.until("it is gone", func(p statedb.FollowProgress) bool { return p.State == statedb.FollowFailing })
	if !strings.Contains(p.Reason, w.dir) {
		t.Errorf("%q", p.Reason)
	}
	w.land("a.json.gz", "1")
	w.until("it is back", func(p statedb.FollowProgress) bool {
		return p.State == statedb.FollowRunning && p.Reason == "" && p.Counts.Objects == 1
	})
}

func TestAStoreThatIsGoneIsToldOf(t *testing.T) {
	w := watch(t)
	w.land("a.json.gz", "1")
	w.follow.Store = "no-such-store"
	if err := w.all.Add(w.follow); err != nil {
		t.Fatal(err)
	}
	defer w.run()()
	p := w.until("no store", func(p statedb.FollowProgress) bool { return p.State == statedb.FollowFailing })
	if !strings.Contains(p.Reason, "no-such-store") {
		t.Errorf("%q", p.Reason)
	}
}

func TestAFileThatIsBeingWrittenIsLeftAlone(t *testing.T) {
	w := watch(t)
	if err := os.WriteFile(filepath.Join(w.dir, "a.json"), []byte(`{"Records":[`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.all.Add(w.follow); err != nil {
		t.Fatal(err)
	}
	defer w.run()()
	w.until("a list", func(p statedb.FollowProgress) bool { return !p.Listed.IsZero() })
	w.land("a.json.gz", "1")
	if err := os.Remove(filepath.Join(w.dir, "a.json")); err != nil {
		t.Fatal(err)
	}
	w.until("what is whole", func(p statedb.FollowProgress) bool { return p.Counts.Objects == 1 && p.Counts.Rejected == 0 })
}
