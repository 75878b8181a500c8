package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"tarn/internal/hint"
)

// screen is the name of the standard output among files.
const screen = "-"

// intoFile lets fn write a file. A regular file appears under its name only when
// it is complete; what is none, such as a device, a pipe or an open file of this
// process, is written in place.
func intoFile(name string, fn func(io.Writer) error) error {
	if fd := descriptor(name); fd != "" {
		return intoDescriptor(fd, name, fn)
	}
	if st, err := os.Stat(name); err == nil && !st.Mode().IsRegular() {
		return inPlace(name, 0, fn)
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		var tried *fs.PathError
		if errors.As(err, &tried) {
			err = tried.Err // the path is one of ours
		}
		return hint.Add(fmt.Errorf("write %s: %w", name, err), "name a file in a folder that exists and can be written to with -o")
	}
	err = fn(f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// inPlace lets fn write into what has the name already.
func inPlace(name string, flag int, fn func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|flag, 0)
	if err != nil {
		var tried *fs.PathError
		if errors.As(err, &tried) {
			err = tried.Err
		}
		return hint.Add(fmt.Errorf("write %s: %w", name, err), "name a file that can be written to with -o")
	}
	return errors.Join(fn(f), f.Close())
}

// intoDescriptor lets fn write into a file that this process has open.
func intoDescriptor(fd, name string, fn func(io.Writer) error) error {
	switch fd {
	case "1":
		return fn(os.Stdout)
	case "2":
		return fn(os.Stderr)
	}
	// Opened anew, it would be written from its beginning.
	return inPlace(name, os.O_APPEND, fn)
}

// descriptors are the folders of a process's open files.
var descriptors = regexp.MustCompile(`^(/dev/fd|/proc/(self|thread-self|[0-9]+)(/task/[0-9]+)?/fd)$`)

// descriptor is the number of the open file that a name leads to, such as 1 for
// /dev/stdout; "other" for one of another process, empty for any other name. Such a name is a link to the file that
// is open, and must not be followed to it.
func descriptor(name string) string {
	for range 40 { // as many links as the system follows
		dir, err := filepath.Abs(filepath.Dir(name))
		if err != nil {
			return ""
		}
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
		base := filepath.Base(name)
		if descriptors.MatchString(dir) {
			own := dir == "/dev/fd" || strings.HasPrefix(dir, fmt.Sprintf("/proc/%d/", os.Getpid()))
			if !own {
				return "other"
			}
			return base
		}
		target, err := os.Readlink(filepath.Join(dir, base))
		if err != nil {
			return ""
		}
		if name = target; !filepath.IsAbs(name) {
			name = filepath.Join(dir, target)
		}
	}
	return ""
}
