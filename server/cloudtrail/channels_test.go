package cloudtrail

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/server/fault"
)

func openChannels(t *testing.T, path string) (*Channels, *statedb.DB) {
	t.Helper()
	db, err := statedb.Open(path, func(text string) { t.Error(text) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c, err := OpenChannels(db)
	if err != nil {
		t.Fatal(err)
	}
	return c, db
}

// A store into which a channel leads stays; how events went survives a restart.
func TestChannelsHoldTheirStoresAndTheirState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	channels, db := openChannels(t, path)
	a := &API{Channels: channels}
	_, err := channels.change(func([]statedb.Channel) (statedb.Channel, error) {
		return statedb.Channel{ID: "1", ChannelDetails: statedb.ChannelDetails{Name: "shop", Source: custom, Destinations: []string{"a", "b"}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	done := errors.New("done")
	fn := func() error { return done }
	if f := fault.Of(a.withoutChannels(lake.Store{ID: "b", Name: "b"}, fn)); f == nil || f.Code != "ChannelExistsForEDSException" || f.Status != 400 {
		t.Errorf("a channel leads there: %v", f)
	}
	if err := a.withoutChannels(lake.Store{ID: "c"}, fn); !errors.Is(err, done) {
		t.Errorf("no channel leads there: %v", err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	channels.note("1", func(i *statedb.Ingestion) { i.SuccessTime = at })
	if again, _ := db.Channels(); !again[0].Ingestion.SuccessTime.IsZero() {
		t.Error("how it went is written at once")
	}
	if err := errors.Join(channels.Write(), db.Close()); err != nil {
		t.Fatal(err)
	}
	channels, _ = openChannels(t, path)
	if c, ok := channels.get("1"); !ok || !c.Ingestion.SuccessTime.Equal(at) {
		t.Errorf("after a restart: %+v, %v", c, ok)
	}
	a.Channels = channels
	if err := channels.remove("1"); err != nil {
		t.Fatal(err)
	}
	if err := a.withoutChannels(lake.Store{ID: "b"}, fn); !errors.Is(err, done) {
		t.Errorf("after the channel was deleted: %v", err)
	}
}

func TestWhatNamesAChannel(t *testing.T) {
	const id = "2cd2e2b4-0000-4000-8000-00000000000a"
	for ref, want := range map[string]string{
		id: id, "2CD2E2B4-0000-4000-8000-00000000000A": id, channelARN + id: id, "arn:aws-cn:cloudtrail:cn-north-1:111122223333:channel/" + id: id,
		"": "", "arn:": "", "arn:aws:cloudtrail:us-east-1:000000000000:eventdatastore/" + id: "", channelARN: "", channelARN + "x": "", "arn:aws:channel/" + id: "",
	} {
		got, ok := channelID(ref)
		if ok != (want != "") || ok && got != want {
			t.Errorf("channelID(%q) = %q, %v", ref, got, ok)
		}
	}
}
