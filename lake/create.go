package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tarn/internal/hint"
	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/lock"
)

// Create makes a lake in the folder dir, which is made if need be and must be
// empty, and opens it for writing. Its signing key goes into the user's
// configuration folder.
func Create(dir string, opts Options) (*Lake, error) {
	if err := makeFolder(dir); err != nil {
		if isFile(dir) {
			return nil, noFolder(dir)
		}
		return nil, fmt.Errorf("create lake: %w", err)
	}
	l, err := at(dir, opts)
	if err != nil {
		return nil, err
	}
	if err := l.create(); err != nil {
		// No index of what did not come to be: it would be in the way next time.
		l.fresh = nil
		return nil, errors.Join(fmt.Errorf("create lake in %s: %w", dir, err), l.withdrawKey(), l.Close())
	}
	return l, nil
}

// makeFolder makes the lake's folder and those above it, and makes the names of
// those that are new durable.
func makeFolder(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	holders := []string{filepath.Dir(dir)} // of the lake's own name in any case
	for d := filepath.Dir(dir); ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		holders = append(holders, filepath.Dir(d))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, d := range holders {
		if err := syncDir(d); err != nil {
			return err
		}
	}
	return nil
}

// withdrawKey removes the key file that this creation made, for it would be in the
// way of the next attempt. Where there may be a lake after all, it stays.
func (l *Lake) withdrawKey() error {
	if _, err := readFormat(l.fsys); l.madeKey == "" || !errors.Is(err, ErrNoLake) {
		return nil
	}
	return os.Remove(l.madeKey)
}

// KeyFile is where the signing key of the lake is kept; "TARN_KEY" if it was given
// as text.
func (l *Lake) KeyFile() string {
	if _, isText := asText(l.opts.Key); isText {
		return "TARN_KEY"
	}
	if l.opts.Key != "" {
		return l.opts.Key
	}
	name, _ := keyPath(l.now().lake)
	return name
}

// create writes the log first and FORMAT last: a folder without FORMAT is no
// lake yet, and what an interrupted creation left is made anew.
func (l *Lake) create() error {
	// Look before taking the lock, so as not to leave a lock file in a folder
	// of other things; and again behind it, for somebody may have been faster.
	if _, err := l.unfinished(); err != nil {
		return err
	}
	var err error
	if l.lock, err = lock.Acquire(l.fsys.Path(lockFile)); err != nil {
		return err
	}
	left, err := l.unfinished()
	if err != nil {
		return err
	}
	if err := entrylog.Discard(l.fsys, left); err != nil {
		return err
	}
	id, signer, public, err := makeKey(l.opts.Key)
	if err != nil {
		return err
	}
	if _, isText := asText(l.opts.Key); !isText {
		if l.madeKey, err = keyFile(l.opts.Key, id); err != nil {
			return err
		}
	}
	l.signer = signer
	if l.log, err = entrylog.Create(l.fsys, signer); err != nil {
		return err
	}
	if err := l.record(entry{Type: typeLake, Lake: id, Key: public}); err != nil {
		return err
	}
	// The name of the log's folder is durable before FORMAT says that there is one.
	if err := l.fsys.SyncDir("."); err != nil {
		return err
	}
	if err := vfs.WriteFile(l.fsys, formatFile, formatText(id)); err != nil {
		return err
	}
	if err := l.fsys.SyncDir("."); err != nil {
		return err
	}
	l.preparePins()
	return l.openHot()
}

// unfinished checks that the folder is empty but for an unfinished creation, and
// returns the files of that. A folder named log may be anybody's, and a log of
// more than one entry is a lake's that has lost its FORMAT: these are not ours to
// remove.
func (l *Lake) unfinished() ([]string, error) {
	entries, err := l.fsys.List(".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Name() == formatFile {
			return nil, ErrLakeExists
		}
		if !ofUnfinished(e.Name()) {
			return nil, notEmpty(ErrNotEmpty)
		}
	}
	left, err := entrylog.Unfinished(l.fsys)
	if errors.Is(err, entrylog.ErrNotUnfinished) {
		err = notEmpty(fmt.Errorf("%w: %w", ErrNotEmpty, err))
	}
	return left, err
}

// ofUnfinished reports whether an interrupted creation leaves a file or folder
// of this name.
func ofUnfinished(name string) bool {
	return name == entrylog.Dir || name == lockFile || name == pinsDir || name == formatFile+".tmp"
}

func notEmpty(err error) error {
	return hint.Add(err, "choose another folder with --lake DIR, or empty this one")
}

const formatPrefix = "tarn lake, format "

func formatText(id string) []byte {
	return fmt.Appendf(nil, "%s1\n%s%s\n", formatPrefix, originPrefix, id)
}

// readFormat returns the id of the lake.
func readFormat(fsys vfs.FS) (id string, err error) {
	b, err := vfs.ReadFile(fsys, formatFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", noLake(fsys.Path("."))
	}
	if err != nil {
		return "", err
	}
	version, rest, _ := strings.Cut(strings.TrimPrefix(string(b), formatPrefix), "\n")
	id = strings.TrimSuffix(strings.TrimPrefix(rest, originPrefix), "\n")
	if string(formatText(id)) == string(b) {
		return id, nil
	}
	if strings.HasPrefix(string(b), formatPrefix) && version != "1" {
		return "", hint.Add(fmt.Errorf("%w: format %s; this program knows format 1", ErrNewer, version),
			"update tarn; a lake is never converted to an older format")
	}
	return "", fmt.Errorf("%w: %s is damaged", ErrCorrupt, formatFile)
}
