package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tarn/internal/hint"
	"tarn/internal/vfs"
)

// keyFile is the file that holds the signing key. While another key takes its
// place, that one lies beside it.
type keyFile struct {
	path string // links are followed
	dir  string
	name string
	fsys vfs.FS // nil: the folder dir
	ours bool   // the usual place, which is for keys alone
}

// nextSuffix is behind the name of a key that is about to replace the one in use,
// oldSuffix and a number behind that of one that was replaced.
const nextSuffix, oldSuffix = ".new", ".old-"

// findKeyFile says where the lake's key is, or is to be.
func findKeyFile(o Options, lake string) (*keyFile, error) {
	f := &keyFile{path: o.Key, fsys: o.KeyFS}
	if o.Key == "" {
		var err error
		if f.path, err = keyPath(lake); err != nil {
			return nil, err
		}
		f.ours = true
	}
	if f.fsys == nil {
		// A key that is replaced is replaced where it is, not where a link to it is.
		if real, err := filepath.EvalSymlinks(f.path); err == nil {
			f.path = real
		}
	}
	f.dir, f.name = filepath.Split(f.path)
	if f.dir == "" {
		f.dir = "."
	}
	return f, nil
}

// on calls fn with the folder.
func (f *keyFile) on(fn func(vfs.FS) error) error {
	if f.fsys != nil {
		return fn(f.fsys)
	}
	dir, err := vfs.OpenSecret(f.dir)
	if err != nil {
		return err
	}
	return errors.Join(fn(dir), dir.Close())
}

func (f *keyFile) read(name string) (text string, err error) {
	err = f.on(func(fsys vfs.FS) error {
		b, err := vfs.ReadFile(fsys, name)
		text = string(b)
		return err
	})
	return text, err
}

// write makes a file of the folder durable, or replaces one.
func (f *keyFile) write(name, text string) error {
	return f.on(func(fsys vfs.FS) error {
		return errors.Join(vfs.WriteFile(fsys, name, []byte(text+"\n")), fsys.SyncDir("."))
	})
}

// keep puts the key of a new lake into its file.
func (f *keyFile) keep(k *signingKey) error {
	if f.fsys == nil {
		if err := os.MkdirAll(f.dir, 0o700); err != nil {
			return fmt.Errorf("keep the signing key: %w", err)
		}
		if f.ours {
			if err := os.Chmod(f.dir, 0o700); err != nil {
				return fmt.Errorf("keep the signing key: %w", err)
			}
		}
		if err := f.safeFolder(); err != nil {
			return err
		}
	}
	err := f.on(func(fsys vfs.FS) error {
		w, err := fsys.Create(f.name)
		if err != nil {
			return err
		}
		_, err = w.Write([]byte(k.text + "\n"))
		if err = errors.Join(err, w.Sync(), w.Close()); err != nil {
			// Half a key would be in the way of the next attempt.
			return errors.Join(err, fsys.Remove(f.name))
		}
		// A lake that outlives a power cut without its key could never grow again.
		return fsys.SyncDir(".")
	})
	if errors.Is(err, fs.ErrExist) {
		return hint.Add(fmt.Errorf("keep the signing key: %s is there already", f.path),
			"a new lake makes a key of its own; name a file that does not exist with TARN_KEY, or unset it")
	}
	if err != nil {
		return fmt.Errorf("keep the signing key: %w", err)
	}
	return nil
}

// safe is nil if nobody else can read the key, or put another one in its place.
func (f *keyFile) safe() error {
	if f.fsys != nil {
		return nil
	}
	st, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	if mode := st.Mode().Perm(); mode&0o077 != 0 {
		return hint.Add(fmt.Errorf("%w: others can read %s (mode %04o), and who has the key can sign another history", ErrKeyOpen, f.path, mode),
			"chmod 600 "+f.path,
			"if somebody may have read it: tarn keys rotate, or tarn keys lost")
	}
	return f.safeFolder()
}

// safeFolder is nil if nobody else can put another file in the key's place.
func (f *keyFile) safeFolder() error {
	st, err := os.Stat(f.dir)
	if err != nil {
		return err
	}
	if mode := st.Mode(); mode&0o002 != 0 && mode&fs.ModeSticky == 0 {
		return hint.Add(fmt.Errorf("%w: everybody can put another key into %s (mode %04o)", ErrKeyOpen, filepath.Clean(f.dir), mode.Perm()),
			"chmod 700 "+filepath.Clean(f.dir)+", or name a key file in a folder of your own with TARN_KEY")
	}
	return nil
}

// replace puts the key that lies beside it in the place of the one in use, which is
// kept under a name with a number. Interrupted, it can be done again.
func (f *keyFile) replace() error {
	was, err := f.read(f.name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		if err := f.setAside(was); err != nil {
			return err
		}
	}
	return f.on(func(fsys vfs.FS) error {
		if err := fsys.Rename(f.name+nextSuffix, f.name); err != nil {
			return err
		}
		return fsys.SyncDir(".")
	})
}

// setAside keeps a key that is about to be replaced under the first number that is
// free, or has it already.
func (f *keyFile) setAside(text string) error {
	for n := 1; ; n++ {
		name := fmt.Sprint(f.name, oldSuffix, n)
		there, err := f.read(name)
		if err == nil && there == text {
			return nil
		}
		if errors.Is(err, fs.ErrNotExist) {
			return f.on(func(fsys vfs.FS) error {
				return errors.Join(vfs.WriteFile(fsys, name, []byte(text)), fsys.SyncDir("."))
			})
		}
		if err != nil {
			return err
		}
	}
}

// destroy removes a key that was set aside, and overwrites it before, which helps
// where the disk writes in place.
func (f *keyFile) destroy(text string) error {
	return f.on(func(fsys vfs.FS) error {
		entries, err := fsys.List(".")
		if err != nil {
			return err
		}
		for _, e := range entries {
			if ok, _ := filepath.Match(f.name+oldSuffix+"*", e.Name()); !ok {
				continue
			}
			if there, err := vfs.ReadFile(fsys, e.Name()); err != nil || string(there) != text {
				continue
			}
			if f.fsys == nil {
				if err := overwrite(filepath.Join(f.dir, e.Name()), len(text)); err != nil {
					return err
				}
			}
			if err := fsys.Remove(e.Name()); err != nil {
				return err
			}
		}
		return fsys.SyncDir(".")
	})
}

func overwrite(name string, n int) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(make([]byte, n), 0)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
