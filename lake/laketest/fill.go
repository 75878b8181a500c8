package laketest

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"tarn/lake"
	"tarn/schemas"
)

// Object is a source object: its events, and the records in it that are none.
type Object struct {
	Key    string
	Events []lake.Event
	Bad    []string
}

// Source is the object as the lake's ledger has it.
func (o Object) Source() lake.Source {
	h := sha256.New()
	n := int64(0)
	for _, e := range o.Events {
		h.Write(e.Raw)
		n += int64(len(e.Raw))
	}
	return lake.Source{Key: o.Key, Bytes: n, SHA256: base64.StdEncoding.EncodeToString(h.Sum(nil))}
}

// Event makes an event of that id, none if it is empty, and time, such as
// 2026-01-02T03:04:05Z. The note makes its bytes differ from others of the id.
func Event(t testing.TB, id, at, note string) lake.Event {
	t.Helper()
	raw := fmt.Sprintf(`{"eventTime":%q,"note":%q}`, at, note)
	if id != "" {
		raw = fmt.Sprintf(`{"eventTime":%q,"eventID":%q,"note":%q}`, at, id, note)
	}
	return RawEvent(t, id, at, raw)
}

// RawEvent makes an event of given bytes.
func RawEvent(t testing.TB, id, at, raw string) lake.Event {
	t.Helper()
	micros, ok := schemas.ParseTime([]byte(at))
	if !ok {
		t.Fatalf("%q is no time", at)
	}
	return lake.Event{ID: id, Time: micros, Raw: []byte(raw), Leaf: lake.Leaf([]byte(raw))}
}

// Put appends an object, and returns what became of each event.
func Put(t testing.TB, a *lake.Appender, o Object) []lake.Outcome {
	t.Helper()
	outcomes, err := put(a, o)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

func put(a *lake.Appender, o Object) (outcomes []lake.Outcome, err error) {
	s := o.Source()
	a.Begin(lake.Source{Key: s.Key})
	for i, raw := range o.Bad {
		if err := a.Reject(lake.Reject{Record: int64(i + 1), Length: int64(len(raw)), Reason: "bad", Raw: []byte(raw)}); err != nil {
			return nil, fmt.Errorf("Reject(%s): %w", raw, err)
		}
	}
	for _, e := range o.Events {
		what, err := a.Offer(e)
		if err != nil {
			return nil, fmt.Errorf("Offer(%s): %w", e.Raw, err)
		}
		outcomes = append(outcomes, what)
	}
	a.End(s.SHA256, s.Bytes)
	return outcomes, nil
}

// Fill imports objects into the lake, and returns the receipt.
func (p Place) Fill(t testing.TB, o lake.AppendOptions, objects ...Object) (r lake.Receipt) {
	t.Helper()
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		a, err := l.Append(st, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range objects {
			Put(t, a, object)
		}
		if r, err = a.Finish(); err != nil {
			t.Fatal(err)
		}
	})
	return r
}

// Same fails the test unless both lists hold the same texts, each as often. The
// message shows a few of those that differ: lists of events are long.
func Same(t testing.TB, what string, want, got []string) {
	t.Helper()
	const shown = 3
	times := map[string]int{}
	for _, s := range want {
		times[s]++
	}
	for _, s := range got {
		times[s]--
	}
	var missing, extra []string
	for s, n := range times {
		for ; n > 0; n-- {
			missing = append(missing, s)
		}
		for ; n < 0; n++ {
			extra = append(extra, s)
		}
	}
	if len(missing)+len(extra) == 0 {
		return
	}
	slices.Sort(missing)
	slices.Sort(extra)
	t.Errorf("%s: %d of %d missing, %d too many\nmissing %.300q\ntoo many %.300q", what, len(missing), len(want), len(extra),
		missing[:min(shown, len(missing))], extra[:min(shown, len(extra))])
}

// Bring imports the objects that the store does not have yet, with the calendar
// at each one's day, and returns the receipt. It gives up before an object for
// which stop, if not nil, is true.
func Bring(t testing.TB, l *lake.Lake, st lake.Store, o lake.AppendOptions, objects []Object, stop func(i int) bool) lake.Receipt {
	t.Helper()
	r, err := Import(l, st, o, objects, stop)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Import is Bring where errors are expected. As an import does, it gives up at the
// first and returns it, together with what giving up met.
func Import(l *lake.Lake, st lake.Store, o lake.AppendOptions, objects []Object, stop func(i int) bool) (lake.Receipt, error) {
	a, err := l.Append(st, o)
	if err != nil {
		return lake.Receipt{}, err
	}
	for i, object := range objects {
		if stop != nil && stop(i) {
			return a.Abandon()
		}
		if err := bringOne(l, a, object); err != nil {
			r, failed := a.Abandon()
			return r, errors.Join(err, failed)
		}
	}
	r, err := a.Finish()
	if err != nil {
		var failed error
		r, failed = a.Abandon()
		err = errors.Join(err, failed)
	}
	return r, err
}

func bringOne(l *lake.Lake, a *lake.Appender, o Object) error {
	known, _, err := l.Imported(a.Store(), o.Source())
	if err != nil || known {
		return err
	}
	day := time.UnixMicro(o.Events[0].Time).UTC().Truncate(24 * time.Hour)
	if err := a.Advance(day.AddDate(0, 0, -1)); err != nil {
		return err
	}
	_, err = put(a, o)
	return err
}
