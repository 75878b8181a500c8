package lake

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"tarn/internal/hint"
	"tarn/lake/internal/entrylog"
)

// ErrNotKnown means that something that was to be compared with a lake is not what
// it was said to be.
var ErrNotKnown = errors.New("nothing to compare a lake with")

// namesKey reports whether the log's first entry names a key.
func (v *verifier) namesKey() bool {
	named := false
	_, err := entrylog.Scan(v.fsys, entrylog.Position{}, 1, func(e entrylog.Entry) error {
		_, err := decodeEntry(e.Payload)
		_, named = keyOf(e)
		return err
	})
	if err != nil {
		v.problem(entrylog.EntriesFile, "%v", err)
	} else if !named {
		v.problem(entrylog.EntriesFile, "entry 0 names no key of a lake")
	}
	return named && err == nil
}

// trust compares the keys that the lake names itself with those that one has, and
// says where the chain of signatures from one to the next is broken. The error is
// for a key that was named and is not there.
func (v *verifier) trust(s *state, given string) error {
	if len(s.keys) == 0 {
		return nil
	}
	for _, k := range s.keys {
		if k.Lost {
			v.report.Breaks = append(v.report.Breaks, k)
		}
	}
	if err := v.known(s.keys); err != nil {
		return err
	}
	lake, _, _ := strings.Cut(strings.TrimPrefix(s.keys[0].Key, originPrefix), "+")
	held, file, err := loadKey(Options{Key: given}, lake)
	switch {
	case errors.Is(err, errOtherLake):
		v.problem(entrylog.EntriesFile, "the lake is not the one of the key that you hold: %v", err)
	case err != nil && given != "":
		return err
	case err != nil && len(v.opts.Known) == 0:
		v.report.Notes = append(v.report.Notes,
			"the signing key is not at hand, so the log was checked with the key that it names itself: "+s.keyInUse().Key)
	case err == nil:
		v.holds(s.keys, held.public)
		if file == nil {
			return nil
		}
		if err := file.safe(); err != nil {
			v.report.Notes = append(v.report.Notes, fmt.Sprint(err, ": ", strings.Join(hint.Of(err), "; ")))
		}
	}
	return nil
}

// holds compares the lake's keys with the signing key at hand.
func (v *verifier) holds(keys []Key, held string) {
	at := slices.IndexFunc(keys, func(k Key) bool { return k.Key == held })
	switch {
	case at < 0:
		v.problem(entrylog.EntriesFile, "the log does not name the key that you hold")
	case at < firstOfChain(keys):
		v.problem(entrylog.EntriesFile, "%s, and you hold it: whoever wrote that did not sign with it", brokenAt(keys))
	case at+1 < len(keys):
		v.report.Notes = append(v.report.Notes,
			fmt.Sprintf("the key at hand signed up to entry %d; the one that signs since then is not at hand", keys[at+1].From-1))
	}
}

// known compares the lake's keys with those that somebody got elsewhere.
func (v *verifier) known(keys []Key) error {
	if len(v.opts.Known) == 0 {
		return nil
	}
	first, found, unnamed := firstOfChain(keys), -1, ""
	for i, line := range v.opts.Known {
		if _, err := note.NewVerifier(line); err != nil {
			// Not shown: it may be a signing key.
			return fmt.Errorf("%w: key %d of those that you know is no verification key, name+hash+base64: %w", ErrNotKnown, i+1, err)
		}
		at := slices.IndexFunc(keys, func(k Key) bool { return k.Key == line })
		if found = max(found, at); at < 0 && namedFor(v.audit.state.lake, line) {
			unnamed = line
		}
	}
	switch {
	case found < 0:
		v.problem(entrylog.EntriesFile, "the lake was never signed with a key that you know")
	case found < first:
		v.problem(entrylog.EntriesFile, "%s: no signature leads from a key that you know to the one that signs now. "+
			"Ask the owner for the new key by another way, and verify with that", brokenAt(keys))
	case unnamed != "":
		v.problem(entrylog.EntriesFile, "the log does not name a key of the lake that you know, %s: it is a copy of before that key, or was written anew with an older one", unnamed)
	}
	return nil
}

// firstOfChain is the first of those keys that signatures tie to the present one.
func firstOfChain(keys []Key) int {
	for i, k := range slices.Backward(keys) {
		if k.Lost {
			return i
		}
	}
	return 0
}

func brokenAt(keys []Key) string {
	k := keys[firstOfChain(keys)]
	return fmt.Sprintf("entry %d, of %s, says that the key before it was lost", k.From-1, k.Time.Format("2006-01-02"))
}
