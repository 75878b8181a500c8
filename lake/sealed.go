package lake

import (
	"context"
	"fmt"
	"os"

	"tarn/internal/immutable"
	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

// Seen is what somebody has seen of a lake's log of record: as much as it takes to
// know the log again, or not. The zero value has seen nothing, and believes the first
// log that it meets.
type Seen struct {
	// Key is the verification key that entry 0 names.
	Key string `json:"key"`
	// Size is the number of entries, Root their tree hash.
	Size int64  `json:"size"`
	Root []byte `json:"root"`
}

// followed has an audit, which is at its beginning, follow the log up to what was
// seen, and compares.
func (s *Seen) followed(ctx context.Context, a *audit, fsys vfs.FS, size int64) error {
	if s == nil || s.Key == "" {
		return nil
	}
	if err := a.follow(ctx, fsys, min(size, 1)); err != nil {
		return err
	}
	if key := a.state.keyInUse().Key; s.Key != key {
		return fmt.Errorf("%w: the log is another one than was seen before: entry 0 names the key %s; it was %s", ErrCorrupt, key, s.Key)
	}
	if size < s.Size {
		return fmt.Errorf("%w: the log has %d entries; it had %d", ErrCorrupt, size, s.Size)
	}
	if s.Size == 0 {
		return nil
	}
	if err := a.follow(ctx, fsys, s.Size); err != nil {
		return err
	}
	if root := a.tree.Root(); string(root[:]) != string(s.Root) {
		return fmt.Errorf("%w: the first %d entries of the log are not those that were seen before", ErrCorrupt, s.Size)
	}
	return nil
}

// note keeps what was seen last.
func (s *Seen) note(key string, newest entrylog.Checkpoint) {
	if s != nil {
		*s = Seen{key, newest.Size, newest.Root[:]}
	}
}

// SealedFile is a file that the log of record names, and that never changes.
type SealedFile struct {
	// Name is its path in the lake.
	Name string
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
	all, _ := sealedFiles(a.state, nil)
	for _, f := range all {
		files = append(files, SealedFile{f.name, f})
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
