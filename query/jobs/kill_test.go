package jobs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
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

// kill is the name of the variable that makes this test a server of the lake in it, which
// is to be killed.
const kill = "TARN_TEST_JOBS_KILLED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(kill); dir != "" {
		fmt.Fprintln(os.Stderr, serveUntilKilled(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serveUntilKilled starts queries, and says of each that it has started, and that it has
// finished.
func serveUntilKilled(dir string) error {
	l, err := lake.Open(dir, lake.Options{Key: os.Getenv(kill + "_KEY")})
	if err != nil {
		return err
	}
	state, err := statedb.Open(filepath.Join(dir, lake.StateFile), func(string) {})
	if err != nil {
		return err
	}
	engine, err := query.Open(query.Options{})
	if err != nil {
		return err
	}
	j, err := jobs.Open(jobs.Options{Lake: dir, State: state, Engine: engine})
	if err != nil {
		return err
	}
	ctx, failed := context.Background(), make(chan error)
	for i := range 4 {
		// Some results are small, and some have a file.
		sql := fmt.Sprintf("SELECT x FROM UNNEST(sequence(1, %d)) AS t(x) ORDER BY 1", []int{100, 6000}[i%2])
		go func() {
			for {
				snap := l.Snapshot()
				q, err := j.Start(ctx, jobs.Question{Statement: sql, By: "alice", Snapshot: snap, Release: snap.Release})
				if err != nil {
					failed <- err
					return
				}
				fmt.Printf("started %s\n", q.ID)
				if q, err = j.Await(ctx, q.ID, everything, time.Minute); err != nil || q.Status != statedb.QueryFinished {
					failed <- fmt.Errorf("%+v: %w", q, err)
					return
				}
				fmt.Printf("finished %s\n", q.ID)
			}
		}()
	}
	return <-failed
}

// Whatever was said is there after a kill: queries that were taken, and all rows of those
// that have finished. The others have failed, and nothing of them is left.
func TestKilledAtRandom(t *testing.T) {
	o := newOffice(t, nil)
	o.close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	started, finished := map[string]bool{}, map[string]bool{}
	for range 5 {
		c := exec.CommandContext(t.Context(), self, "-test.run", "none")
		c.Env = append(os.Environ(), kill+"="+o.place.Dir, kill+"_KEY="+o.place.Key)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines, last := bufio.NewScanner(out), 10+rand.IntN(150)
		for n := 0; lines.Scan(); n++ {
			what, id, _ := strings.Cut(lines.Text(), " ")
			map[string]map[string]bool{"started": started, "finished": finished}[what][id] = true
			if n == last { // those that were on their way are read as well
				if err := c.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		var exit *exec.ExitError
		if err := c.Wait(); !errors.As(err, &exit) || exit.Exited() {
			t.Fatal(err)
		}
		checkAfterKill(t, o.place, started, finished)
	}
}

func checkAfterKill(t *testing.T, place laketest.Place, started, finished map[string]bool) {
	t.Helper()
	o := &office{place: place, now: time.Now()}
	o.open(t, nil)
	defer o.close()
	if err := o.Sweep(); err != nil {
		t.Fatal(err)
	}
	all, _, err := o.List(t.Context(), everything, jobs.Filter{}, "", 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	known, withFile := map[string]bool{}, 0
	for _, q := range all {
		known[q.ID] = true
		switch {
		case q.Status == statedb.QueryFinished:
			if q.Rows == 6000 {
				withFile++
			}
			if n := len(o.column(t, q, 0, -1)); n != int(q.Rows) || n != 100 && n != 6000 {
				t.Errorf("%s has %d rows", q.ID, n)
			}
		case finished[q.ID] || q.Status != statedb.QueryFailed || q.Reason == "":
			t.Errorf("%+v", q)
		}
	}
	for id := range started {
		if !known[id] {
			t.Errorf("query %s is lost", id)
		}
	}
	if n := len(o.files(t)); n != withFile {
		t.Errorf("%d files of %d queries", n, withFile)
	}
}
