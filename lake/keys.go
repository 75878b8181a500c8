package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tarn/internal/hint"
	"tarn/lake/internal/entrylog"
)

// KeyChange is what a log entry says of a new key.
type KeyChange struct {
	// Key is the verification key, a signed-note key line.
	Key string `json:"key"`
	// From is the size of the first checkpoint that it signs: behind the entry that
	// names it; 0 for the lake's first key.
	From int64 `json:"from"`
	// Reason is what the owner said.
	Reason string `json:"reason,omitempty"`
}

// Key is a key that signs a lake's checkpoints, or did.
type Key struct {
	KeyChange
	// Lost says that the owner declared the key before it lost, or stolen: nobody but
	// the owner's word says that this one is the lake's.
	Lost bool `json:"lost,omitempty"`
	// Time is that of the entry that names it.
	Time time.Time `json:"time"`
}

// longestReason is how many bytes a reason may have: an entry stays well below the
// log's bound.
const longestReason = 1024

// Keys returns the lake's verification keys, the first one first: each signs
// checkpoints from its size to that of the next one. The first checkpoint of a key
// is signed by the one before it too, unless that was lost.
func (s *Snapshot) Keys() []Key { return slices.Clone(s.state.keys) }

// keyLines are the state's keys, each on a line.
func (s *state) keyLines() string {
	var b strings.Builder
	for _, k := range s.keys {
		b.WriteString(k.Key + "\n")
	}
	return b.String()
}

// verifiers are the state's keys as the log checks checkpoints with them.
func (s *state) verifiers() (entrylog.Keys, error) {
	var keys entrylog.Keys
	for _, k := range s.keys {
		v, err := note.NewVerifier(k.Key)
		if err != nil {
			return nil, fmt.Errorf("%w: the key in log entry %d: %w", ErrCorrupt, max(k.From-1, 0), err)
		}
		keys = append(keys, entrylog.Key{Verifier: v, From: k.From, Anew: k.Lost})
	}
	return keys, nil
}

// keyOf is which key an entry of the log names.
func keyOf(raw entrylog.Entry) (entrylog.Key, bool) {
	e, err := decodeEntry(raw.Payload)
	if err != nil {
		return entrylog.Key{}, false
	}
	k := entrylog.Key{Anew: e.Type == typeLost}
	text := e.Key
	if e.Type == typeRotate || e.Type == typeLost {
		text, k.From = e.NewKey.Key, raw.Index+1
	}
	if (e.Type == typeLake) != (raw.Index == 0) || text == "" {
		return k, false
	}
	k.Verifier, err = note.NewVerifier(text)
	return k, err == nil
}

// namedFor reports whether a key's line has the name that all keys of a lake have. One
// of another name would be looked for, by who holds the lake's, in another place.
func namedFor(lake, line string) bool { return strings.HasPrefix(line, originPrefix+lake+"+") }

// keyInUse is the key of the newest checkpoint.
func (s *state) keyInUse() Key {
	if len(s.keys) == 0 {
		return Key{}
	}
	return s.keys[len(s.keys)-1]
}

// newest returns the newest checkpoint that readers see, checked with the keys of
// the state and of what stands behind it.
func (l *Lake) newest(s *state) (entrylog.Checkpoint, error) {
	shown, err := entrylog.Shown(l.fsys)
	if err != nil {
		return shown, err
	}
	keys, err := s.verifiers()
	if err != nil {
		return shown, err
	}
	if shown.Size > s.pos.Size {
		_, err = entrylog.Scan(l.fsys, s.pos, shown.Size, func(e entrylog.Entry) error {
			if k, ok := keyOf(e); ok {
				keys = append(keys, k)
			}
			return nil
		})
	}
	if err != nil {
		return shown, err
	}
	return keys.Open(shown.Note)
}

// takeKey finds the key that signs the newest checkpoint: the one in use or, if its
// replacement was interrupted behind that checkpoint, the next one.
func (l *Lake) takeKey(id string) (*signingKey, error) {
	k, f, err := loadKey(l.opts, id)
	if l.keyFile = f; f == nil {
		return k, err
	}
	text, missing := f.read(f.name + nextSuffix)
	if missing == nil {
		// One that does not sign never came to count, and the next rotation replaces it.
		if next, wrong := checkKey(text, f.path+nextSuffix, id); wrong == nil && l.signs(next) {
			return next, f.replace()
		}
	}
	if l.keyLost {
		return nil, nil
	}
	if err == nil {
		err = f.safe()
	}
	return k, err
}

// signs reports whether the newest checkpoint that was written has the key's signature.
func (l *Lake) signs(k *signingKey) bool {
	var last []byte
	_, _, err := entrylog.Checkpoints(l.fsys, func(signed []byte) error { last = signed; return nil })
	v, badKey := k.verifier()
	if err != nil || badKey != nil || last == nil {
		return false
	}
	_, err = entrylog.OneKey(v).Open(last)
	return err == nil
}

// keyAgain takes the key that the log goes on with after a rotation that failed.
func (l *Lake) keyAgain() (entrylog.Keys, error) {
	key, err := l.takeKey(l.state.lake)
	if err != nil {
		return nil, err
	}
	v, err := key.verifier()
	if err != nil {
		return nil, err
	}
	l.signer, l.keyChanging = key.signer, false
	return entrylog.OneKey(v), nil
}

// notInUse is the error of a key that is not the one that the log goes on with.
func (l *Lake) notInUse(held string) error {
	for i, k := range l.state.keys {
		if k.Key == held && i+1 < len(l.state.keys) {
			return hint.Add(fmt.Errorf("%w: the one that you hold was replaced in entry %d of the log", ErrNoKey, l.state.keys[i+1].From-1),
				"bring the newer key back from your backup, or name it with TARN_KEY")
		}
	}
	return fmt.Errorf("%w: the log does not name the key that you hold", ErrCorrupt)
}

// RotateKey makes a new signing key, which the old one signs in, and goes on with
// it. The old one is kept beside it, or destroyed. The key must lie in a file.
func (l *Lake) RotateKey(reason string, destroy bool) (Key, error) {
	if l.log == nil {
		return Key{}, ErrReadOnly
	}
	l.hot.committing.Lock()
	defer l.hot.committing.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	was, err := l.changeKey(reason, false)
	l.keyChanging = err != nil
	if err == nil && destroy {
		err = l.keyFile.destroy(was)
	}
	if err != nil {
		return Key{}, fmt.Errorf("rotate the signing key: %w", err)
	}
	return l.state.keyInUse(), nil
}

// changeKey lets another key sign from now on, and returns what the file of the old
// one held. The new one is durable beside the old one before the log names it: from
// the checkpoint on it is the lake's, and whoever opens the lake finds it there. The
// caller holds the mutex.
func (l *Lake) changeKey(reason string, lost bool) (was string, err error) {
	f := l.keyFile
	if f == nil {
		return "", hint.Add(errors.New("the key was given as text, and a new one needs a place"),
			"put the key into a file of mode 0600 and name that with TARN_KEY")
	}
	if len(reason) > longestReason {
		return "", fmt.Errorf("the reason has %d bytes; at most %d", len(reason), longestReason)
	}
	if was, err = f.read(f.name); err != nil && !(lost && errors.Is(err, fs.ErrNotExist)) {
		return "", err
	}
	next, err := newKey(l.state.lake)
	if err != nil {
		return "", err
	}
	if err := f.write(f.name+nextSuffix, next.text); err != nil {
		return "", err
	}
	e := entry{Type: typeRotate, NewKey: &KeyChange{next.public, l.state.pos.Size + 1, reason}}
	if lost {
		e.Type = typeLost
	}
	err = l.recordAs(hotChange{}, []entry{e}, func(log *entrylog.Log) error { return log.PublishAs(next.signer, lost) })
	if err != nil {
		return "", err
	}
	l.signer = next.signer
	if err := f.replace(); err != nil {
		return "", hint.Add(err, "the new key signs already, and lies in "+f.path+nextSuffix+": whatever opens the lake next puts it in its place")
	}
	return was, nil
}

// LoseKey declares the signing key of the lake in dir lost, or stolen, and goes on
// with a new one. From there on nothing but the owner's word, and what witnesses and
// old checkpoints say, ties the log to what it was: Verify says so for ever.
func LoseKey(dir string, o Options, reason string) (key Key, err error) {
	l, err := at(dir, o)
	if err != nil {
		return key, err
	}
	l.keyLost = true
	if err := l.openForWriting(); err != nil {
		return key, errors.Join(fmt.Errorf("open lake %s: %w", dir, err), l.Close())
	}
	l.mu.Lock()
	_, err = l.changeKey(reason, true)
	key = l.state.keyInUse()
	l.mu.Unlock()
	if err = errors.Join(err, l.Close()); err != nil {
		return Key{}, fmt.Errorf("declare the signing key lost: %w", err)
	}
	return key, nil
}
