package lake

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

// log checks the log of record and returns what it says, and its entries. The error is for a key
// that was named and is not there, and for the log of a newer version.
func (v *verifier) log(given string) (*state, []entrylog.Entry, error) {
	s := newState()
	key, err := v.key(given)
	if err != nil || key == nil {
		return s, nil, err
	}
	v.signed = key
	checked := entrylog.Check(v.fsys, key)
	for _, e := range checked.Entries {
		err := v.apply(s, e)
		if errors.Is(err, ErrNewer) && len(checked.Problems) == 0 {
			// The log is whole and signed: nobody has changed anything, and a
			// program that does not know all acts cannot tell more.
			return nil, nil, err
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
	return s, checked.Entries, nil
}

// key returns the key that the lake names itself, nil if it names none. Where a
// key is at hand, it must be the same one.
func (v *verifier) key(given string) (note.Verifier, error) {
	named, err := firstKey(v.fsys)
	if err != nil {
		v.problem(entrylog.EntriesFile, "%v", err)
		return nil, nil
	}
	key, err := note.NewVerifier(named)
	if err != nil {
		v.problem(entrylog.EntriesFile, "the key in entry 0: %v", err)
		return nil, nil
	}
	_, held, err := loadKey(given, strings.TrimPrefix(key.Name(), originPrefix))
	switch {
	case errors.Is(err, errOtherLake):
		v.problem(entrylog.EntriesFile, "the lake is not the one of the key that you hold: %v", err)
	case err != nil && given != "":
		return nil, err
	case err != nil:
		v.remark(
			"the signing key is not at hand, so the log was checked with the key that it names itself: " + named)
	case held != named:
		v.problem(entrylog.EntriesFile, "entry 0 names another key than the one that you hold")
	}
	return key, nil
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
	newest, err := entrylog.Latest(v.fsys, v.signed)
	if err != nil {
		return 0
	}
	return newest.Size
}
