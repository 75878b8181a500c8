package socket

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func credentials(fd int) (Peer, error) {
	c, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return Peer{}, err
	}
	return Peer{UID: int(c.Uid), PID: int(c.Pid)}, nil
}

// below is a short name of an open folder, for what lies in it; empty if there is
// none.
func below(dir *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", dir.Fd()) }
