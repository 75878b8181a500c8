package lake

import (
	"context"
	"fmt"
	"os"
	"slices"

	"tarn/internal/hint"
	"tarn/internal/immutable"
	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

// Seen is what somebody has seen of a lake's log of record: as much as it takes to
// know the log again, or not. The zero value has seen nothing, and believes the first
// log that it meets.
type Seen struct {
	// Key is a verification key of the log. The one in use must be it, or follow from
	// it by signatures.
	Key string `json:"key"`
	// Size is the number of entries, Root their tree hash.
	Size int64  `json:"size"`
	Root []byte `json:"root"`
}

// followed has an audit, which is at its beginning, follow the log up to what was
// seen, and compares.
func (s *Seen) followed(ctx context.Context, a *audit, fsys vfs.FS, size int64) error {
	if s == nil || s.Size == 0 {
		return nil
	}
	if size < s.Size {
		return fmt.Errorf("%w: the log has %d entries; it had %d", ErrCorrupt, size, s.Size)
	}
	if err := a.follow(ctx, fsys, s.Size); err != nil {
		return err
	}
	if root := a.tree.Root(); string(root[:]) != string(s.Root) {
		return fmt.Errorf("%w: the first %d entries of the log are not those that were seen before", ErrCorrupt, s.Size)
	}
	return nil
}

// leads checks that signatures lead from the key that was seen to the one in use. An
// entry alone does not: whoever can write to the log writes that a key was lost.
func (s *Seen) leads(fsys vfs.FS, a *audit) error {
	if s == nil || s.Key == "" {
		return nil
	}
	all := a.state.keys
	at := slices.IndexFunc(all, func(k Key) bool { return k.Key == s.Key })
	if at < 0 {
		return fmt.Errorf("%w: the log is another one than was seen before: it never had the key %s", ErrCorrupt, s.Key)
	}
	if at < firstOfChain(all) {
		return hint.Add(fmt.Errorf("%w: %s, and no signature leads to the key in use, %s", ErrCorrupt, brokenAt(all), a.state.keyInUse().Key),
			"ask the lake's owner for the key in use by another way, and name it: tarn-locker --key")
	}
	keys, err := a.state.verifiers()
	if err != nil {
		return err
	}
	signedIn := map[int64]bool{}
	_, _, err = entrylog.Checkpoints(fsys, func(signed []byte) error {
		if c, err := keys.Open(signed); err == nil && c.Root == a.changed[c.Size] {
			signedIn[c.Size] = true
		}
		return nil
	})
	for _, k := range all[at+1:] {
		if err == nil && !signedIn[k.From] {
			err = fmt.Errorf("%w: entry %d names a key that the one before it did not sign in", ErrCorrupt, k.From-1)
		}
	}
	return err
}

// note keeps what was seen last.
func (s *Seen) note(key string, newest entrylog.Checkpoint) {
	if s != nil {
		*s = Seen{key, newest.Size, newest.Root[:]}
	}
}

// SealedFile is a file that the log of record names, and that never changes.
type SealedFile struct {
	// Name is its path in the lake, Bytes its length.
	Name  string
	Bytes int64
	// SHA256 is its hash in base64; empty for needle filters, whose header alone is
	// hashed in the log. Store and Day are whose events are in it; the day of an
	// import's list is that of its commit.
	SHA256, Store, Day string

	want sealedFile
}

// Check reads an open file, and returns an error if it is not what was sealed.
func (f SealedFile) Check(open *os.File) error {
	st, err := open.Stat()
	if err != nil {
		return err
	}
	return f.want.check(readOnly{open}, st.Size())
}

// readOnly is a file that is only read.
type readOnly struct{ *os.File }

func (f readOnly) Size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

// Sealed returns the files that the log of record of the lake in dir names as sealed,
// without those that have expired. It reads and checks the log itself, from its
// beginning, as Purge does; it needs neither the lake's lock nor its key.
func Sealed(ctx context.Context, dir string, seen *Seen) (files []SealedFile, err error) {
	l, err := at(dir, Options{})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	a, err := l.signedLog(ctx, seen)
	if err != nil {
		return nil, fmt.Errorf("read the log of %s: %w", dir, err)
	}
	for _, st := range a.state.stores {
		for _, seg := range a.state.segments[st.ID] {
			files = append(files, seg.Sealed(st.ID)...)
		}
	}
	for _, c := range a.state.commits {
		files = append(files, c.sealed()...)
	}
	return files, nil
}

// locked reports whether one of the files has the immutable flag.
func (p *purger) locked(names []string) bool {
	for _, name := range names {
		if state, err := immutable.Of(p.l.fsys.Path(name)); err == nil && state == immutable.Set {
			return true
		}
	}
	return false
}
