package vfs

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// openBeneath opens a file of a folder for reading. It keeps to the folder as os.Root
// does, but has the kernel walk the path: os.Root opens each folder on the way, and a
// lake of thousands of segments opens a file of each to find one event.
func openBeneath(root *os.Root, folder *os.File, name string) (*os.File, error) {
	for {
		fd, err := unix.Openat2(int(folder.Fd()), name, &unix.OpenHow{Flags: unix.O_RDONLY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH})
		switch {
		case err == nil:
			return os.NewFile(uintptr(fd), name), nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.ENOENT):
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		default: // the kernel, or what it is confined by, does not know the call; or it says why
			return root.Open(name)
		}
	}
}
