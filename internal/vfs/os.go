package vfs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// OS is the FS below a folder of the operating system. Symbolic links that lead
// out of the folder are not followed.
type OS struct {
	dir    string
	root   *os.Root
	folder *os.File    // the root, for openBeneath
	mode   fs.FileMode // of files that it makes
}

// OpenOS opens the folder dir, which must exist. Close it after use.
func OpenOS(dir string) (*OS, error) { return openOS(dir, fileMode) }

// OpenSecret is OpenOS for files that nobody else may read.
func OpenSecret(dir string) (*OS, error) { return openOS(dir, secretMode) }

func openOS(dir string, mode fs.FileMode) (*OS, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, err
	}
	folder, err := root.Open(".")
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &OS{dir: abs, root: root, folder: folder, mode: mode}, nil
}

// Close lets go of the folder.
func (o *OS) Close() error { return errors.Join(o.folder.Close(), o.root.Close()) }

// Files that the lake seals are readable by others only if the umask lets
// them: the lake's folder decides who may read.
const fileMode, dirMode, secretMode = 0o644, 0o755, 0o600

type osFile struct{ *os.File }

func (f osFile) Size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

func (o *OS) open(name string, flag int) (File, error) {
	f, err := o.root.OpenFile(filepath.FromSlash(name), flag, o.mode)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Create implements FS.
func (o *OS) Create(name string) (File, error) {
	return o.open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

// Append implements FS.
func (o *OS) Append(name string) (File, error) {
	return o.open(name, os.O_RDWR|os.O_CREATE|os.O_APPEND)
}

// Open implements FS.
func (o *OS) Open(name string) (File, error) {
	f, err := openBeneath(o.root, o.folder, filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Rename implements FS.
func (o *OS) Rename(from, to string) error {
	return o.root.Rename(filepath.FromSlash(from), filepath.FromSlash(to))
}

// Remove implements FS.
func (o *OS) Remove(name string) error { return o.root.Remove(filepath.FromSlash(name)) }

// Truncate implements FS.
func (o *OS) Truncate(name string, size int64) error {
	f, err := o.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(size), f.Sync(), f.Close())
}

// MkdirAll implements FS.
func (o *OS) MkdirAll(name string) error {
	return o.root.MkdirAll(filepath.FromSlash(name), dirMode)
}

// List implements FS.
func (o *OS) List(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.root.FS(), filepath.ToSlash(filepath.Clean(name)))
	if isNotExist(err) {
		return nil, nil
	}
	return entries, err
}

// SyncDir implements FS.
func (o *OS) SyncDir(name string) error {
	f, err := o.root.Open(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Path implements FS.
func (o *OS) Path(name string) string { return filepath.Join(o.dir, filepath.FromSlash(name)) }

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
