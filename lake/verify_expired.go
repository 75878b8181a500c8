package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"tarn/lake/internal/entrylog"
)

// forget says which segments cannot be counted any more.
func (c *recount) forget(expired []Expired) {
	for _, x := range expired {
		if x.accepted {
			c.expired = append(c.expired, x.Segment)
		}
	}
}

// expiries reports segments that should not have expired, and notes those of which
// files are still there: they are no part of the lake, and are not read.
func (v *verifier) expiries(s *state) {
	segments, files, now := int64(0), int64(0), v.now()
	for id, what := range v.audit.unlawful {
		v.problem(entrylog.EntriesFile, "segment %s: %s", id, what)
	}
	for id, what := range v.audit.refused {
		v.problem(entrylog.EntriesFile, "store %s: %s", id, what)
	}
	for _, st := range s.stores {
		for _, x := range s.expired[st.ID] {
			n := v.remains(st, x.Segment)
			if n == 0 {
				continue
			}
			segments, files = segments+1, files+n
			if now.Before(x.At.Add(purgeGrace)) {
				v.keep(x.Segment, st.ID)
			}
		}
	}
	if segments > 0 {
		v.report.Notes = append(v.report.Notes, fmt.Sprintf(
			"%d files of %d segments that have expired are still there, and were not read; tarn retention apply removes them when it is time", files, segments))
	}
}

// remains counts the files of a segment that has expired.
func (v *verifier) remains(st Store, seg Segment) (n int64) {
	for _, name := range seg.files(st.ID) {
		f, err := v.fsys.Open(name)
		if err == nil {
			n++
			f.Close() // nothing was read
		} else if !errors.Is(err, fs.ErrNotExist) {
			n++
		}
	}
	return n
}

func (v *verifier) now() time.Time {
	if v.opts.Now != nil {
		return v.opts.Now()
	}
	return time.Now()
}
