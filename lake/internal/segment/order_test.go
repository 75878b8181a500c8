package segment

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tarn/schemas"
)

// Row groups follow each other in time, whatever stands where in them, and what
// is read comes in order of time.
func TestRowGroupsFollowEachOtherInTime(t *testing.T) {
	events := generated(t, 30_000)
	path := filepath.Join(t.TempDir(), "events.parquet")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rest bytes.Buffer
	sum, err := Write(schemas.CloudTrail(), InOrder(events), Files{f, &rest, &rest})
	if err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(f, sum.Parquet.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	groups, moved := timesOf(t, r)
	if groups < 2 || !moved {
		t.Fatalf("%d row groups, of another order than time: %t; want some, and true", groups, moved)
	}
	at := 0
	err = r.Raws(func(raw []byte) error {
		if !bytes.Equal(raw, events[at].Raw) {
			t.Fatalf("event %d in order of time is another one", at)
		}
		at++
		return nil
	})
	if err != nil || at != len(events) {
		t.Fatalf("%d events were read, %v; want %d", at, err, len(events))
	}
}

// timesOf checks that row groups follow each other, and tells how many there are
// and whether there is one that is not sorted by time.
func timesOf(t *testing.T, r *Reader) (groups int, moved bool) {
	t.Helper()
	var before, most, last int64
	err := r.Numbers(schemas.EventTime, func(group int, row, at int64) error {
		if group == groups {
			groups, before, last = groups+1, most, at
		}
		if at < before {
			t.Fatalf("event %d of row group %d is before the group before", row, group)
		}
		moved = moved || at < last
		last, most = at, max(most, at)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return groups, moved
}

// The order depends on the events alone, and keeps those that are alike in the
// order of their coming, whatever their members are like.
func TestOrderOfOddEvents(t *testing.T) {
	kinds := []string{
		`{"eventSource":"a","eventName":"X","userIdentity":{"type":"T","principalId":"p"}}`,
		`{"eventSource":"a","eventName":"X","userIdentity":{"type":"T","principalId":"q"}}`,
		`{"eventSource":"a","eventName":"Y","userIdentity":"p"}`,
		`{"eventSource":"b","eventName":null,"userIdentity":[]}`,
		`{"eventSource":5}`,
		`{}`,
	}
	var o order
	for range 2 { // its memory is used again
		of := make([]int, 500)
		for i := range of {
			of[i] = rand.IntN(len(kinds))
			o.add([]byte(kinds[of[i]]))
		}
		places := slices.Clone(o.take())
		slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.at, b.at) })
		for i, p := range places {
			if int(p.at) != i {
				t.Fatalf("place %d is that of event %d", i, p.at)
			}
		}
		for i := range of {
			o.add([]byte(kinds[of[i]]))
		}
		done := map[int]bool{}
		places = o.take()
		for i, p := range places {
			if i > 0 && of[p.at] == of[places[i-1].at] && p.at < places[i-1].at {
				t.Fatal("events that are alike changed their order")
			}
			if i > 0 && of[p.at] != of[places[i-1].at] {
				if done[of[places[i-1].at]] = true; done[of[p.at]] {
					t.Fatalf("events like %s do not stand together", kinds[of[p.at]])
				}
			}
		}
	}
}
