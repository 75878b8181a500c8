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

// ErrNoServer means that nobody listens on the socket, or not to this user.
var ErrNoServer = errors.New("no server")

// ErrRefused means that the server did not begin the command.
var ErrRefused = errors.New("the server refuses")

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

// Call lets the server that listens on the socket at path run a command, and
// returns the command's exit code. When ctx is done, the command is interrupted,
// and Call waits for what it comes to. The error is ErrNoServer where nobody
// listens.
func Call(ctx context.Context, path string, r Request) (code int, err error) {
	conn, err := dial(path)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNoServer, err)
	}
	defer conn.Close()
	server, err := peerOf(conn)
	if err != nil {
		return 0, err
	}
	if !server.trusted() {
		return 0, hint.Add(fmt.Errorf("%w: %v listens on %s, which is another user's", ErrRefused, server, path),
			"run the command as that user")
	}
	// A server that does not want to hear it all has said why.
	if err := send(conn, r); err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		return 0, lost(server, err)
	}
	defer context.AfterFunc(ctx, func() { conn.CloseWrite() })()
	var answer reply
	if err := readFrame(conn, &answer); err != nil {
		return 0, lost(server, err)
	}
	if answer.Refused != "" {
		return 0, hint.Add(fmt.Errorf("%w: %s", ErrRefused, answer.Refused), answer.Advice...)
	}
	return answer.Code, nil
}

func dial(path string) (conn *net.UnixConn, err error) {
	err = named(path, func(short string) error {
		conn, err = net.DialUnix("unix", nil, &net.UnixAddr{Name: short, Net: "unix"})
		return err
	})
	return conn, err
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
