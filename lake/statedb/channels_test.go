package statedb_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/lake/statedb"
)

func TestChannelsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	d, _ := open(t, path)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	one := statedb.Channel{ID: "1", Created: at, ChannelDetails: statedb.ChannelDetails{Name: "okta", Source: "Okta", Destinations: []string{"a", "b"}}}
	two := statedb.Channel{ID: "2", Created: at, ChannelDetails: statedb.ChannelDetails{Name: "ours", Source: "Custom", Destinations: []string{"a"}}}
	must(t, d.PutChannels(two, one))
	two.Ingestion = statedb.Ingestion{SuccessTime: at, SuccessEvent: "x", AttemptTime: at.Add(time.Second), AttemptEvent: "y", ErrorCode: "InvalidData"}
	must(t, d.PutChannels(two))
	must(t, d.Close())
	reader, err := statedb.View(path)
	must(t, err)
	got, err := reader.Channels()
	if diff := cmp.Diff([]statedb.Channel{one, two}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	must(t, reader.Close())
	d, _ = open(t, path)
	must(t, d.RemoveChannel("1"))
	if got, err := d.Channels(); len(got) != 1 || got[0].ID != "2" || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
}
