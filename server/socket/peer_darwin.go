package socket

import (
	"os"

	"golang.org/x/sys/unix"
)

func credentials(fd int) (Peer, error) {
	c, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return Peer{}, err
	}
	pid, err := unix.GetsockoptInt(fd, unix.SOL_LOCAL, unix.LOCAL_PEERPID)
	if err != nil {
		pid = 0 // who it is does not depend on it
	}
	return Peer{UID: int(c.Uid), PID: pid}, nil
}

// below is a short name of an open folder, for what lies in it; empty if there is
// none.
func below(*os.File) string { return "" }
