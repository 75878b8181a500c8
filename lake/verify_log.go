package lake

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

// log checks the log of record and returns what it says. The error is for a key
// that was named and is not there, and for the log of a newer version.
func (v *verifier) log(given string) (*state, error) {
	s := v.audit.state
	if !v.namesKey() {
		return s, nil
	}
	checked := entrylog.Check(v.fsys, keyOf)
	v.keys, v.checked = checked.Keys, checked
	for _, e := range checked.Entries {
		err := v.apply(e)
		if errors.Is(err, ErrNewer) && len(checked.Problems) == 0 {
			// The log is whole and signed: nobody has changed anything, and a
			// program that does not know all acts cannot tell more.
			return nil, err
		}
		if err != nil {
			v.problem(entrylog.EntriesFile, "%v", err)
		}
	}
	for _, p := range checked.Problems {
		where, what, _ := strings.Cut(p, ": ")
		v.problem(where, "%s", what)
	}
	v.report.Checkpoint = string(checked.Newest.Note)
	v.report.LogSize = s.pos.Size
	v.shown(checked)
	v.continues(checked)
	v.cosigned(checked)
	return s, v.trust(s, given)
}

// shown notes that more was signed than is shown, unless a writer shows it by now.
func (v *verifier) shown(log entrylog.Checked) {
	if size := log.Newest.Size; log.Kept > size && v.covered() <= size {
		v.remark(fmt.Sprintf("%s goes on to %s, and %s shows %d: so a writer or a backup leaves it that was interrupted, and the next one "+
			"goes on from there; an old copy put in its place looks the same", entrylog.CheckpointsFile, plainly(log.Kept, "entry", "entries"),
			entrylog.CheckpointFile, size))
	}
}

func (v *verifier) format(s *state) {
	b, err := vfs.ReadFile(v.fsys, formatFile)
	if err == nil && bytes.Equal(b, formatText(s.lake)) {
		return
	}
	if errors.Is(err, fs.ErrNotExist) {
		v.problem(formatFile, "%v", errMissing)
		return
	}
	if _, err := readFormat(v.fsys); errors.Is(err, ErrNewer) {
		v.problem(formatFile, "%v, or the file was changed", err)
		return
	}
	v.problem(formatFile, "is not that of the lake in the log")
}

// covered is the log's size at this moment: a writer may have gone on since the
// log was checked, and brought the index up to it.
func (v *verifier) covered() int64 {
	newest, _, err := entrylog.Newest(v.fsys, keyOf)
	if err != nil {
		return 0
	}
	return newest.Size
}
