package socket

import (
	"fmt"
	"net"
	"os"
)

// Peer is who is on the other side, as the kernel says.
type Peer struct {
	UID int
	PID int // 0 if the system does not tell
}

// served reports whether a server of this user may run the peer's commands: its
// own user's, who could open the same files anyway, and root's.
func (p Peer) served() bool { return p.UID == os.Geteuid() || p.UID == 0 }

// trusted reports whether a client of this user may hand its files to a server:
// its own user's, or root's. Root decides for itself.
func (p Peer) trusted() bool { return p.served() || os.Geteuid() == 0 }

// String names the peer in messages.
func (p Peer) String() string {
	if p.PID == 0 {
		return fmt.Sprintf("user %d", p.UID)
	}
	return fmt.Sprintf("process %d of user %d", p.PID, p.UID)
}

// peerOf asks the kernel who is on the other side.
func peerOf(c *net.UnixConn) (p Peer, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return p, err
	}
	var asked error
	if err := raw.Control(func(fd uintptr) { p, asked = credentials(int(fd)) }); err != nil {
		return p, err
	}
	return p, asked
}
