package socket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"tarn/internal/hint"
)

// ErrRefused means that the server, or the client, did not begin the command.
var ErrRefused = errors.New("refused by the server that has the lake")

// Request is a command that is to run as if it ran in the client's process.
type Request struct {
	Version  string   // of the program; both sides must be of the same
	Dir      string   // the client's folder, to which names of files are relative
	Args     []string // its command line without the program's name
	Settings []Setting
	// In, Out and Err are the client's standard files.
	In, Out, Err *os.File
	// Peer is who asks; the server sets it.
	Peer Peer
}

// Setting is what the client's environment or configuration file decides, and
// which of them.
type Setting struct{ Name, Value, Source string }

// Client is a connection to a server, for one command.
type Client struct {
	conn   *net.UnixConn
	server Peer
}

// Dial connects to the server that listens on the socket at path. The error says
// why there is none, or none for this user.
func Dial(path string) (*Client, error) {
	c := &Client{}
	err := named(path, func(short string) (err error) {
		c.conn, err = net.DialUnix("unix", nil, &net.UnixAddr{Name: short, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, err
	}
	if c.server, err = peerOf(c.conn); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// Run lets the server run a command, and returns the command's exit code. When ctx
// is done, the command is interrupted, and Run waits for what it comes to.
func (c *Client) Run(ctx context.Context, r Request) (code int, err error) {
	if !c.server.trusted() {
		return 0, hint.Add(fmt.Errorf("%w: it is %v, and gets no files of yours", ErrRefused, c.server), "run the command as that user")
	}
	// A server that does not want to hear it all has said why.
	if err := send(c.conn, r); err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		return 0, lost(c.server, err)
	}
	defer context.AfterFunc(ctx, func() { c.conn.CloseWrite() })()
	var answer reply
	if err := readFrame(c.conn, &answer); err != nil {
		return 0, lost(c.server, err)
	}
	if answer.Refused != "" {
		return 0, hint.Add(fmt.Errorf("%w: %s", ErrRefused, answer.Refused), answer.Advice...)
	}
	return answer.Code, nil
}

// lost is the error of a server that ends in the middle.
func lost(server Peer, err error) error {
	var other protocolError
	if errors.As(err, &other) {
		return hint.Add(fmt.Errorf("%v has the lake: %w", server, err), "end it, and start it again with this version of tarn")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) {
		err = errors.New("it has ended")
	}
	return hint.Add(fmt.Errorf("%v, which has the lake, does not say what became of the command: %w", server, err),
		"run the same command again: what was committed stays")
}

// send sends the request, the files with its first bytes.
func send(conn *net.UnixConn, r Request) error {
	wire := request{Version: []byte(r.Version), Dir: []byte(r.Dir)}
	for _, a := range r.Args {
		wire.Args = append(wire.Args, []byte(a))
	}
	for _, s := range r.Settings {
		wire.Settings = append(wire.Settings, setting{[]byte(s.Name), []byte(s.Value), []byte(s.Source)})
	}
	b, err := frame(wire)
	if err != nil {
		return err
	}
	files := syscall.UnixRights(int(r.In.Fd()), int(r.Out.Fd()), int(r.Err.Fd()))
	if _, _, err := conn.WriteMsgUnix(b[:headBytes], files, nil); err != nil {
		return err
	}
	_, err = conn.Write(b[headBytes:])
	return err
}
