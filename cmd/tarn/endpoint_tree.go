package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// isArchive reports whether a path is called as tar archives are.
func isArchive(path string) bool {
	for _, end := range []string{".tar", ".tgz", ".tar.gz", ".tar.zst", ".tzst"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// packTree writes all files below the paths as one tar archive, under their paths.
func packTree(w io.Writer, paths []string) error {
	t := tar.NewWriter(w)
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return packFile(t, name)
		})
		if err != nil {
			return err
		}
	}
	return t.Close()
}

// packFile adds a file, or what a link leads to, if that is one.
func packFile(t *tar.Writer, name string) (err error) {
	st, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !st.Mode().IsRegular() {
		return nil // as in a folder: a link that leads nowhere, a pipe
	}
	if err != nil {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	// With nanoseconds: a file is known again by its time.
	head := &tar.Header{Name: strings.TrimLeft(filepath.ToSlash(name), "/"), Mode: 0o600, Size: st.Size(), ModTime: st.ModTime(), Format: tar.FormatPAX}
	if err := t.WriteHeader(head); err != nil {
		return err
	}
	if _, err := io.CopyN(t, f, st.Size()); err != nil {
		return fmt.Errorf("%s became shorter: %w", name, err)
	}
	return nil
}
