package statedb_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/lake/statedb"
)

func TestFollowsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	d, _ := open(t, path)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	one := statedb.Follow{ID: "1", Source: "s3://logs/AWSLogs/", Created: at, FollowDetails: statedb.FollowDetails{
		Store: "s", StoreName: "prod", Queue: "https://sqs.example.com/1/q", Every: time.Minute, Days: 3, FullEvery: time.Hour}}
	two := statedb.Follow{ID: "2", Source: "/var/logs", Created: at, FollowDetails: statedb.FollowDetails{Store: "s", Foreground: true}}
	must(t, d.AddFollow(one))
	must(t, d.AddFollow(two))
	again := one
	again.ID = "3"
	if err := d.AddFollow(again); !errors.Is(err, statedb.ErrFollowExists) {
		t.Errorf("a second one of a source: %v", err)
	}
	one.Progress = statedb.FollowProgress{State: statedb.FollowFailing, Reason: "denied", Listed: at, Waiting: 2, Oldest: at, Counts: statedb.FollowCounts{Objects: 7}}
	must(t, d.PutFollow(one))
	failure := statedb.FollowFailure{Follow: "1", Key: "s3://logs/AWSLogs/x", FailureDetails: statedb.FailureDetails{Reason: "why", First: at, Attempts: 2, Next: at.Add(time.Hour), Bytes: 5, Modified: at}}
	mended := failure
	mended.Key = "s3://logs/AWSLogs/y"
	must(t, d.PutFailures("1", []statedb.FollowFailure{failure, mended}, nil))
	must(t, d.PutFailures("1", nil, []string{mended.Key}))
	must(t, d.PutFailures("gone", []statedb.FollowFailure{failure}, nil))
	must(t, d.Close())

	reader, err := statedb.View(path)
	must(t, err)
	got, err := reader.Follows()
	if diff := cmp.Diff([]statedb.Follow{two, one}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	failures, err := reader.Failures("1")
	if diff := cmp.Diff([]statedb.FollowFailure{failure}, failures); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if none, err := reader.Failures("gone"); len(none) > 0 || err != nil {
		t.Errorf("%v, %v", none, err)
	}
	must(t, reader.Close())

	d, _ = open(t, path)
	must(t, d.RemoveFollow(one.Source))
	if err := d.RemoveFollow(one.Source); !errors.Is(err, statedb.ErrNoFollow) {
		t.Errorf("removed twice: %v", err)
	}
	must(t, d.PutFollow(one))
	if _, err := d.FollowOf(one.Source); !errors.Is(err, statedb.ErrNoFollow) {
		t.Errorf("it comes back: %v", err)
	}
	if left, err := d.Failures("1"); len(left) > 0 || err != nil {
		t.Errorf("%v, %v", left, err)
	}
}
