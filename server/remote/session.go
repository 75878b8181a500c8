package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Session is a server's side of one command.
type Session struct {
	in   io.Reader
	out  *framed
	dir  string // of the command
	root *os.Root

	pieces chan []byte // of standard input
	wanted sync.Once   // standard input is
	rest   []byte      // of a piece that was not read to its end
	over   error       // what standard input ends with
}

// Begin reads an order. The answer is written to out, each frame of it flushed; nothing
// of it is before Run. The error says what is wrong with the order.
func Begin(in io.Reader, out io.Writer, flush func() error) (*Session, Order, error) {
	s := &Session{in: in, out: &framed{w: out, flush: flush}, pieces: make(chan []byte, leaves)}
	var o Order
	k, payload, err := next(in)
	if err == nil && k != order {
		err = errFrame
	}
	if err == nil {
		err = json.Unmarshal(payload, &o)
	}
	if err == nil {
		err = o.check()
	}
	if err != nil {
		err = fmt.Errorf("the order cannot be read: %w", err)
	}
	return s, o, err
}

// Fetch reads the files of an order into the folder dir, which is empty, and in which the
// command is to run.
func (s *Session) Fetch(o Order, dir string) (err error) {
	s.dir = dir
	if s.root, err = os.OpenRoot(dir); err != nil {
		return err
	}
	left := int64(MostBytes)
	for _, name := range o.Files {
		if err := s.fetch(name, &left); err != nil {
			return err
		}
	}
	return nil
}

// ErrTooLong means that the files of an order have more than MostBytes.
var ErrTooLong = fmt.Errorf("the files of a command have more than %d MiB together", MostBytes>>20)

func (s *Session) fetch(name string, left *int64) (err error) {
	if err := s.root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for {
		k, payload, err := next(s.in)
		if err != nil || k != file {
			return fmt.Errorf("the file %s is not there: %w", name, errors.Join(err, errFrame))
		}
		if len(payload) == 0 {
			return nil
		}
		if *left -= int64(len(payload)); *left < 0 {
			return ErrTooLong
		}
		if _, err := f.Write(payload); err != nil {
			return err
		}
	}
}

// stillEvery is how often a client hears that its command runs.
const stillEvery = 15 * time.Second

// ErrGone means that the client hung up.
var ErrGone = errors.New("the client hung up")

// ErrInterrupted means that the client asked for the command's end.
var ErrInterrupted = errors.New("interrupted by the client")

// Run runs a command on the client's streams, sends the files that it is said to have
// written, and its exit code. The command is interrupted when ctx is done, when the
// client asks for that, and when it hangs up. An error says that the client does not
// have the end of it. Run reads the client to its end: hurry is called to have that come.
func (s *Session) Run(ctx context.Context, hurry func(), command func(context.Context, Streams) (code int, written []string)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer s.root.Close()
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		s.hear(cancel)
	}()
	defer func() { <-heard }()
	defer hurry()
	over := make(chan struct{})
	defer close(over)
	go s.breathe(over, cancel)
	_ = s.out.send(still, nil) // the answer has begun; whoever has gone is found out above
	code, written := command(ctx, Streams{In: s, Out: stream{s.out, printed}, Err: stream{s.out, told}})
	for _, name := range written {
		if err := s.give(name); err != nil {
			return err
		}
	}
	text, err := json.Marshal(code)
	if err != nil {
		return err
	}
	return s.out.send(ended, text)
}

// breathe lets the client know that the command runs, and finds out that it has gone.
func (s *Session) breathe(over <-chan struct{}, cancel context.CancelCauseFunc) {
	clock := time.NewTicker(stillEvery)
	defer clock.Stop()
	for {
		select {
		case <-over:
			return
		case <-clock.C:
			if s.out.send(still, nil) != nil {
				cancel(ErrGone)
			}
		}
	}
}

// hear takes what the client sends while the command runs, to the end.
func (s *Session) hear(cancel context.CancelCauseFunc) {
	defer close(s.pieces)
	for open := true; ; {
		k, payload, err := next(s.in)
		switch {
		case err != nil:
			cancel(ErrGone)
			return
		case k == interrupt:
			cancel(ErrInterrupted)
		case k == input && open:
			if open = len(payload) > 0; !open {
				payload = nil
			}
			select {
			case s.pieces <- payload:
			default:
				cancel(errFrame) // more than there was leave for
				return
			}
		default:
			cancel(errFrame)
			return
		}
	}
}

// Read is io.Reader's, for the command's standard input.
func (s *Session) Read(b []byte) (int, error) {
	s.wanted.Do(func() {
		for range leaves - 1 { // and one for the end
			_ = s.out.send(leave, nil) // whoever has gone sends nothing
		}
	})
	for len(s.rest) == 0 && s.over == nil {
		piece, ok := <-s.pieces
		switch {
		case !ok:
			s.over = fmt.Errorf("standard input: %w", ErrGone)
		case piece == nil:
			s.over = io.EOF
		default:
			s.rest = piece
			_ = s.out.send(leave, nil)
		}
	}
	if len(s.rest) == 0 {
		return 0, s.over
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// give sends a file that the command wrote, if it did.
func (s *Session) give(name string) error {
	f, err := s.root.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := s.out.send(made, []byte(name)); err != nil {
		return err
	}
	return s.out.pieces(contents, f)
}
