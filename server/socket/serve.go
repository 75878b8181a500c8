package socket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tarn/internal/hint"
)

const (
	// clients is how many are let in at a time; others wait in the kernel.
	clients = 64
	// patience is how long a client may take to say what it wants, and to take
	// the answer.
	patience = 10 * time.Second
	// breath is how long to wait when the system lets nobody in, for want of
	// files most often.
	breath = 100 * time.Millisecond
)

// ErrEnding is the cause (context.Cause) for which commands are interrupted when
// the server ends.
var ErrEnding = errors.New("the server is ending")

// ErrLeft is the cause where the client has ended its side.
var ErrLeft = errors.New("the client has left")

// Server runs commands for clients.
type Server struct {
	// Version is what clients must be of.
	Version string
	// Run runs a command and returns its exit code, for several clients at once.
	Run func(context.Context, Request) int
	// Log hears of what is refused, and of trouble.
	Log zerolog.Logger
}

// Listener is a socket that is listened on.
type Listener struct {
	*net.UnixListener
	path string
}

// Listen makes the socket at path, for its owner alone. One that is there is
// replaced: whoever calls must hold the lake's lock, so nobody listens on it.
func Listen(path string) (*Listener, error) {
	if err := removeSocket(path); err != nil {
		return nil, err
	}
	l := &Listener{path: path}
	err := named(path, func(short string) (err error) {
		l.UnixListener, err = net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // its name may have been a passing one
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func removeSocket(path string) error {
	st, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if st.Mode().Type() != fs.ModeSocket {
		return hint.Add(fmt.Errorf("%s is in the way: it is no socket", path), "put it elsewhere")
	}
	return os.Remove(path)
}

// Close stops listening and removes the socket.
func (l *Listener) Close() error {
	err := os.Remove(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, l.UnixListener.Close())
}

// Serve runs commands until ctx is done. Then it lets nobody in, interrupts the
// commands that run, waits for them, and returns nil. The socket is removed
// either way.
func (l *Listener) Serve(ctx context.Context, s Server) error {
	running, interrupt := context.WithCancelCause(context.WithoutCancel(ctx))
	defer interrupt(nil)
	closed := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		interrupt(ErrEnding)
		closed <- l.Close()
	})
	places := make(chan struct{}, clients)
	var all sync.WaitGroup
	defer all.Wait()
	for {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return <-closed
		}
		conn, err := l.AcceptUnix()
		if ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return <-closed
		}
		if err != nil {
			<-places
			s.Log.Error().Err(err).Msg("cannot let a client in")
			select {
			case <-time.After(breath):
			case <-ctx.Done():
			}
			continue
		}
		all.Go(func() {
			defer func() { <-places }()
			defer conn.Close()
			s.client(running, conn)
		})
	}
}

// client serves one client.
func (s Server) client(ctx context.Context, conn *net.UnixConn) {
	peer, err := peerOf(conn)
	if err != nil {
		s.Log.Error().Err(err).Msg("cannot tell who a client is")
		return
	}
	log := s.Log.With().Int("uid", peer.UID).Int("pid", peer.PID).Logger()
	// One who has not said yet what is wanted does not hold up the end.
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })()
	answer, err := s.answer(ctx, conn, peer)
	if errors.Is(err, io.EOF) || err != nil && ctx.Err() != nil {
		return // it has thought better of it, or was too late
	}
	if err != nil {
		log.Error().Err(err).Msg("cannot hear a client")
		return
	}
	if answer.Refused != "" {
		log.Warn().Str("why", answer.Refused).Msg("refused a client")
	}
	b, err := frame(answer)
	if err == nil {
		err = errors.Join(conn.SetWriteDeadline(time.Now().Add(patience)), write(conn, b))
	}
	if err != nil {
		log.Info().Err(err).Msg("a client has not heard the answer")
	}
}

func write(conn *net.UnixConn, b []byte) error {
	_, err := conn.Write(b)
	return err
}

// answer hears a client and does what it wants.
func (s Server) answer(ctx context.Context, conn *net.UnixConn, peer Peer) (reply, error) {
	if !peer.served() {
		return reply{Refused: fmt.Sprintf("it runs commands of user %d and of root alone, and you are user %d", os.Geteuid(), peer.UID),
			Advice: []string{"run the command as that user"}}, nil
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return reply{}, err
	}
	r, err := receive(conn)
	if errors.As(err, new(protocolError)) {
		return s.otherVersion("another"), nil
	}
	if err != nil {
		return reply{}, err
	}
	defer func() {
		if err := r.close(); err != nil {
			s.Log.Warn().Err(err).Msg("a client's files were not closed well")
		}
	}()
	if r.Version != s.Version {
		return s.otherVersion(r.Version), nil
	}
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		return reply{}, err
	}
	r.Peer = peer
	return reply{Code: s.run(ctx, conn, r)}, nil
}

func (s Server) otherVersion(theirs string) reply {
	return reply{
		Refused: fmt.Sprintf("it is of version %s, and the command of %s; both must be of the same", s.Version, theirs),
		Advice:  []string{fmt.Sprintf("end the server (process %d), and start it again with the version that you want", os.Getpid())},
	}
}

// run runs the command until it is done; it is interrupted when the client ends
// its side.
func (s Server) run(ctx context.Context, conn *net.UnixConn, r Request) int {
	ctx, interrupt := context.WithCancelCause(ctx)
	defer interrupt(nil)
	var watch sync.WaitGroup
	watch.Go(func() {
		_, err := conn.Read(make([]byte, 1)) // nothing more is to come
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			interrupt(ErrLeft)
		}
	})
	code := s.Run(ctx, r)
	if err := conn.SetReadDeadline(time.Now()); err != nil {
		s.Log.Error().Err(err).Msg("cannot stop listening to a client")
		conn.Close()
	}
	watch.Wait()
	return code
}
