package socket

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

// standard is how many files a request brings.
const standard = 3

// receiver reads a request, and takes the files that come with its first bytes.
// What comes with others is closed by the kernel, since nobody asks for it.
type receiver struct {
	conn  *net.UnixConn
	begun bool
	fds   []int
}

// Read implements io.Reader.
func (r *receiver) Read(p []byte) (int, error) {
	if r.begun {
		return r.conn.Read(p)
	}
	r.begun = true
	rights := make([]byte, syscall.CmsgSpace(standard*4))
	n, more, _, _, err := r.conn.ReadMsgUnix(p, rights)
	if err != nil {
		return n, err
	}
	messages, err := syscall.ParseSocketControlMessage(rights[:more])
	if err != nil {
		return n, err
	}
	for _, m := range messages {
		fds, err := syscall.ParseUnixRights(&m)
		if err != nil {
			continue // another kind of message
		}
		r.fds = append(r.fds, fds...)
	}
	return n, nil
}

// receive reads a request. Close it.
func receive(conn *net.UnixConn) (Request, error) {
	from := &receiver{conn: conn}
	var wire request
	err := readFrame(from, &wire)
	if err == nil && len(from.fds) != standard {
		err = fmt.Errorf("%w: %d files", errNoFrame, len(from.fds))
	}
	if err != nil {
		for _, fd := range from.fds {
			err = errors.Join(err, syscall.Close(fd))
		}
		return Request{}, err
	}
	r := Request{
		Version: string(wire.Version), Dir: string(wire.Dir),
		In:  os.NewFile(uintptr(from.fds[0]), "standard input"),
		Out: os.NewFile(uintptr(from.fds[1]), "standard output"),
		Err: os.NewFile(uintptr(from.fds[2]), "standard error"),
	}
	for _, a := range wire.Args {
		r.Args = append(r.Args, string(a))
	}
	for _, s := range wire.Settings {
		r.Settings = append(r.Settings, Setting{string(s.Name), string(s.Value), string(s.Source)})
	}
	return r, nil
}

// close lets go of the client's files. A read that waits in one keeps it until
// something comes.
func (r Request) close() error { return errors.Join(r.In.Close(), r.Out.Close(), r.Err.Close()) }
