package lake_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
)

// A store that is deleted while the clock is behind would be gone, and all its events
// due, as soon as that is set right.
func TestNothingIsDeletedByAClockThatIsBehind(t *testing.T) {
	p, c, st := aged(t)
	right := c.pass(wholeDay)
	c.at(t, p, func(l *lake.Lake) {
		off := false
		must(t)(l.UpdateStore(st.ID, lake.StoreSettings{RetentionDays: 2557, TerminationProtection: &off}))
		c.now = right.AddDate(-6, 0, 0)
		_, err := l.DeleteStore(st.ID)
		refuses(t, "deletion with a clock that is behind", err, lake.ErrClock, "--confirm-clock")
		c.now = right.Add(-30 * time.Minute) // a clock may be wrong by minutes
		must(t)(l.DeleteStore(st.ID))
		for day := 1; day <= 6; day++ { // each with an entry
			c.now = right.Add(time.Duration(day) * wholeDay)
			must(t)(l.CreateStore("other-"+c.now.Format(time.DateOnly), st.Schema()))
		}
		c.now = right.Add(7*wholeDay - time.Minute)
		if got := expire(t, l, januaryOf(st)); len(got) > 0 {
			t.Errorf("within seven days by the log's clock, %v expired", got)
		}
		c.now = right.Add(7 * wholeDay)
		if got := slices.Compact(expire(t, l, januaryOf(st))); len(got) != 7 {
			t.Errorf("%v expired; want seven days", got)
		}
	})
	soundAt(t, p, c.now)
}

// If the log's clock was ahead, somebody says that the system's is right.
func TestALogThatIsAheadIsSetRight(t *testing.T) {
	p, c, st := aged(t)
	ahead := c.pass(3 * wholeDay)
	c.at(t, p, func(l *lake.Lake) {
		off := false
		must(t)(l.UpdateStore(st.ID, lake.StoreSettings{TerminationProtection: &off}))
		c.now = ahead.Add(-2 * wholeDay)
		if err := l.ConfirmClock(t.Context(), "it was two days ahead"); err != nil {
			t.Fatal(err)
		}
		must(t)(l.DeleteStore(st.ID))
	})
}

// A hold that is placed while files are being removed keeps those that are left.
func TestAHoldCountsWhileFilesAreRemoved(t *testing.T) {
	p, c, st := aged(t)
	c.now = time.Date(2026, 1, 13, 0, 0, 0, 0, time.UTC)
	c.at(t, p, func(l *lake.Lake) {
		expire(t, l, januaryOf(st))
		c.pass(3 * time.Hour)
		placed := ""
		r, err := lake.Purge(t.Context(), p.Dir, lake.PurgeOptions{Key: p.Key, FS: p.FS, Now: func() time.Time { return c.now },
			Unlock: func(name string) error {
				if placed != "" {
					return nil
				}
				placed = name
				_, err := l.PlaceHold(st.ID, lake.Hold{Reason: "just now"})
				return err
			}})
		if err != nil || r.Segments != 1 || len(r.Waiting) < 4 || !strings.Contains(r.Waiting[0].Why, "held by") {
			t.Errorf("%+v, %v; want that one segment goes, and a hold keeps the others", r, err)
		}
	})
}

// No time of an event makes a plan that cannot be written.
func TestExpiryEndsWithTheCalendar(t *testing.T) {
	if at := (lake.Store{RetentionDays: 3653}).ExpiresAt("9999-12-31"); at.Year() != 9999 {
		t.Errorf("it expires on %v", at)
	}
}

// purgeAsSeen purges as somebody who takes no orders: what they saw counts.
func purgeAsSeen(t *testing.T, p laketest.Place, seen *lake.Seen) error {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir()) // and who has no signing key
	_, err := lake.Purge(t.Context(), p.Dir, lake.PurgeOptions{FS: p.FS, Seen: seen})
	return err
}

// A key that comes to sign is followed by signatures, not because an entry says so.
func TestWhoTakesNoOrdersFollowsSignatures(t *testing.T) {
	p := laketest.NewPlace(t)
	fillDay(t, p, "a")
	first := keysOfLake(t, p)[0].Key
	var seen lake.Seen
	if err := purgeAsSeen(t, p, &seen); err != nil || seen.Key != first {
		t.Fatalf("seen is %+v, %v", seen, err)
	}
	before := seen
	rotate(t, p, false)
	fillDay(t, p, "b")
	second := keysOfLake(t, p)[1].Key
	if err := purgeAsSeen(t, p, &seen); err != nil || seen.Key != second {
		t.Errorf("after a rotation: seen is %+v, %v", seen, err)
	}
	if err := os.Rename(p.Key, p.Key+".gone"); err != nil {
		t.Fatal(err)
	}
	if _, err := lake.LoseKey(p.Dir, p.Options(), "says somebody who can write to the folder"); err != nil {
		t.Fatal(err)
	}
	for name, was := range map[string]lake.Seen{"the one before": seen, "the first": before, "its key alone": {Key: first}} {
		if err := purgeAsSeen(t, p, &was); !errors.Is(err, lake.ErrCorrupt) || !strings.Contains(err.Error(), "lost") {
			t.Errorf("with a new key out of nowhere, %s: %v; want ErrCorrupt", name, err)
		}
	}
	told := before
	told.Key = keysOfLake(t, p)[2].Key
	if err := purgeAsSeen(t, p, &told); err != nil {
		t.Errorf("with the new key from its owner: %v", err)
	}
}

// Nor does a rotation count that the key before it did not sign.
func TestARotationThatWasNotSignedInIsRefused(t *testing.T) {
	p := laketest.NewPlace(t)
	fillDay(t, p, "a")
	var seen lake.Seen
	if err := purgeAsSeen(t, p, &seen); err != nil {
		t.Fatal(err)
	}
	rotate(t, p, false)
	fillDay(t, p, "b")
	b, err := os.ReadFile(p.Path("log/checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	// The checkpoints go, but for what is shown.
	if err := os.WriteFile(p.Path("log/checkpoints"), b[:16], 0o644); err != nil {
		t.Fatal(err)
	}
	if err := purgeAsSeen(t, p, &seen); !errors.Is(err, lake.ErrCorrupt) {
		t.Errorf("%v; want ErrCorrupt", err)
	}
}

// A checkpoint whose size was changed does not look like a log that grows: it is named,
// and all else is checked by the one that was kept.
func TestAChangedSizeHidesNothing(t *testing.T) {
	p := laketest.NewPlace(t)
	fillDay(t, p, "a")
	lines := strings.SplitAfterN(readFile(t, p.Path("log/checkpoint")), "\n", 3)
	for _, size := range []string{"0", "1", "9999"} {
		if err := os.WriteFile(p.Path("log/checkpoint"), []byte(lines[0]+size+"\n"+lines[2]), 0o644); err != nil {
			t.Fatal(err)
		}
		r := p.Verify(t)
		if r.Events != 1 || len(r.Problems) != 1 || r.Problems[0].Path != "log/checkpoint" {
			t.Errorf("size %s: %d events read, problems %+v", size, r.Events, r.Problems)
		}
	}
}
