package socket

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"tarn/internal/hint"
)

// longest is how long the name of a socket may be: 103 bytes on macOS, 107 on
// Linux.
const longest = len(syscall.RawSockaddrUnix{}.Path) - 1

// named calls fn with a name of the socket at path that is short enough for the
// system, which may be good only until fn returns.
func named(path string, fn func(short string) error) error {
	if len(path) <= longest {
		return fn(path)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	short := filepath.Join(below(dir), filepath.Base(path))
	if below(dir) == "" || len(short) > longest {
		return hint.Add(fmt.Errorf("%s is too long a name for a socket: %d bytes, and %d are the most", path, len(path), longest),
			"name the lake by a shorter path: a relative one, or a symbolic link to it")
	}
	return fn(short)
}
