package deliver

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"tarn/internal/vfs"
)

// toFolder brings files into the folder name in another one.
func toFolder(folder, name string, files []file) (err error) {
	if !fs.ValidPath(name) || name == "." {
		return final(fmt.Errorf("%q is no name for a folder", name))
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	disk, err := vfs.OpenOS(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, disk.Close()) }()
	return put(disk, name, files)
}

// put brings files into the folder name of a disk. What is there with the same bytes
// was brought before; with others it is somebody else's, and stays.
func put(disk vfs.FS, name string, files []file) error {
	folders := []string{"."}
	for _, f := range files {
		content, err := os.ReadFile(f.path)
		if err != nil {
			return err
		}
		to := path.Join(name, f.name)
		for dir := path.Dir(to); dir != "."; dir = path.Dir(dir) {
			folders = append(folders, dir)
		}
		if err := disk.MkdirAll(path.Dir(to)); err != nil {
			return err
		}
		switch there, err := vfs.ReadFile(disk, to); {
		case err == nil && bytes.Equal(there, content):
			continue
		case err == nil:
			return final(fmt.Errorf("%s is there already, with other bytes", disk.Path(to)), "move it away, or choose another folder")
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		if err := vfs.WriteFile(disk, to, content); err != nil {
			return err
		}
	}
	// Names are durable from the deepest folder up; also those of a time that a crash
	// interrupted.
	done := map[string]bool{}
	for i := len(folders) - 1; i >= 0; i-- {
		if done[folders[i]] {
			continue
		}
		done[folders[i]] = true
		if err := disk.SyncDir(folders[i]); err != nil {
			return err
		}
	}
	return nil
}
