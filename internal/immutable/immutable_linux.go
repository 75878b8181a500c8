package immutable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Of returns what is known of the flag of the file at path.
func Of(path string) (State, error) {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, 0, &st); err != nil {
		return Unknown, &os.PathError{Op: "statx", Path: path, Err: err}
	}
	switch {
	case st.Attributes_mask&unix.STATX_ATTR_IMMUTABLE == 0:
		return Unknown, nil
	case st.Attributes&unix.STATX_ATTR_IMMUTABLE == 0:
		return Clear, nil
	}
	return Set, nil
}

// Open opens the plain file of that name below the folder, for reading.
func Open(folder *os.File, name string) (*os.File, error) {
	how := &unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV,
	}
	fd, err := unix.Openat2(int(folder.Fd()), name, how)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: filepath.Join(folder.Name(), name), Err: err}
	}
	f := os.NewFile(uintptr(fd), filepath.Join(folder.Name(), name))
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s is no plain file", f.Name())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// flag is FS_IMMUTABLE_FL.
const flag = 0x10

// Marked reports whether an open file has the flag.
func Marked(f *os.File) bool {
	flags, err := unix.IoctlGetUint32(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	return err == nil && flags&flag != 0
}

// Mark sets or lifts the flag of an open file.
func Mark(f *os.File, set bool) error {
	flags, err := unix.IoctlGetUint32(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err == nil {
		next := flags &^ flag
		if set {
			next |= flag
		}
		if next == flags {
			return nil
		}
		err = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, int(next))
	}
	if errors.Is(err, unix.ENOTTY) || errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return fmt.Errorf("%s: %w: %w", f.Name(), ErrCannot, err)
	}
	if err != nil {
		return &os.PathError{Op: "mark", Path: f.Name(), Err: err}
	}
	return nil
}
