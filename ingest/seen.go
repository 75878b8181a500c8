package ingest

import (
	"slices"
	"strings"
	"time"

	"tarn/ingest/decode"
)

// Seen tells what a filter left out that let nothing pass: from the records, and
// from the paths of the files that were not opened. Its user has then asked for
// something that is not there, and wants to know what is.
type Seen struct {
	// Accounts, Regions and Sources are some of the values there are.
	Accounts, Regions, Sources Some
	// First and Last bound the times; zero if there are none.
	First, Last time.Time
}

// Some are the first different values that were met.
type Some struct {
	Values []string
	// More tells that there were others.
	More bool
}

// someValues is how many values are kept, someBytes how much of each.
const (
	someValues = 8
	someBytes  = 60
)

func (s *Some) add(value string) {
	if len(value) > someBytes {
		value = strings.ToValidUTF8(value[:someBytes], "") + "…"
	}
	switch {
	case value == "" || slices.Contains(s.Values, value):
	case len(s.Values) == someValues:
		s.More = true
	default:
		s.Values = append(s.Values, value)
	}
}

func (s *Seen) at(t time.Time) {
	if s.First.IsZero() || t.Before(s.First) {
		s.First = t
	}
	if t.After(s.Last) {
		s.Last = t
	}
}

// record takes note of a record that was left out.
func (s *Seen) record(r decode.Record) {
	texts := decode.Texts(r.Raw, "recipientAccountId", "awsRegion", "eventSource")
	s.Accounts.add(texts[0])
	s.Regions.add(texts[1])
	s.Sources.add(texts[2])
	s.at(time.UnixMicro(r.Time).UTC())
}

// object takes note of an object that was not opened.
func (s *Seen) object(o Object) {
	if m := bucketPath.FindStringSubmatch(o.Key); m != nil {
		s.Accounts.add(m[1])
		s.Regions.add(m[2])
	}
	if !o.Day.IsZero() {
		s.at(o.Day)
	}
}

// skip takes note of an object that the filter takes nothing of.
func (im *importer) skip(o Object, n Skipped, bytes int64) {
	im.result.Skipped.add(n)
	im.seen.object(o)
	im.step(bytes)
}

// leaveOut takes note of a record that the filter does not take.
func (im *importer) leaveOut(r decode.Record) {
	if !im.passed { // what passes makes the rest uninteresting
		im.seen.record(r)
	}
	im.app.LeaveOut()
}

// known takes note of an object that the store has, and of what was rejected of
// it then.
func (im *importer) known(o Object) {
	if im.rejected == nil {
		var err error
		if im.rejected, err = im.lake.RejectedOf(im.app.Store()); err != nil {
			im.rejected = func(string) int64 { return 0 } // a remark is not worth an error
		}
	}
	im.result.Known++
	im.result.RejectedBefore += im.rejected(o.Key)
}
