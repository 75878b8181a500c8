package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"tarn/internal/hint"
)

// Streams are the standard files of a command.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Files is how a client reads and writes files of its own.
type Files struct {
	// Open opens a file of the order to be read.
	Open func(name string) (io.ReadCloser, error)
	// Save writes a file of that name with what write writes. It is only there if write
	// returns nil.
	Save func(name string, write func(io.Writer) error) error
}

// Refused means that the server did not begin the command.
type Refused struct {
	Status  int
	Code    string `json:"code"`
	Message string `json:"message"`
	Hints   []string
}

// Error is error's.
func (r *Refused) Error() string {
	if r.Code == "" {
		return fmt.Sprintf("the server answers with status %d, and not as Tarn does", r.Status)
	}
	return r.Code + ": " + r.Message
}

// Client sends command lines to a server.
type Client struct {
	// URL is where to: the server's, and Path.
	URL string
	// HTTP is who sends them.
	HTTP *http.Client
	// Sign says in a request who sends it, in a way that leaves the body unsigned.
	Sign func(*http.Request) error
}

// ErrLost means that the answer broke off: what became of the command is not known.
var ErrLost = errors.New("the connection broke before the end of the command")

// answerTime is how long a server may take to begin its answer, from when it has all that
// it needs for that. Tests have less of it.
var answerTime = 30 * time.Second

// errSilent means that no answer began.
var errSilent = errors.New("no answer began: it is no server of Tarn, or a proxy before it holds requests back until their end")

// Run has a command line run in the server, and returns its exit code. When ctx is done
// the command is interrupted, and Run waits for what it comes to. The error says why
// there is no exit code: a *Refused, ErrLost, or what a file of the order cannot be read
// or written for.
func (c *Client) Run(ctx context.Context, o Order, std Streams, files Files) (code int, err error) {
	body, to := io.Pipe()
	out := &framed{w: to, flush: func() error { return nil }}
	r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodPost, c.URL, body)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", MediaType)
	r.Header.Set("User-Agent", strings.TrimSpace("tarn/"+o.Version))
	if err := c.Sign(r); err != nil {
		return 0, err
	}
	may := make(chan struct{}, leaves)
	sent := make(chan error, 1)
	answered, most := make(chan struct{}), answerTime
	go func() {
		err := send(out, o, files)
		sent <- err
		if err != nil {
			to.CloseWithError(err) // nothing more comes
			return
		}
		select {
		case <-answered:
			pass(out, std.In, may)
		case <-time.After(most):
			to.CloseWithError(errSilent)
		}
	}()
	defer context.AfterFunc(ctx, func() { _ = out.send(interrupt, nil) })()
	answer, err := c.HTTP.Do(r)
	close(answered)
	if err != nil {
		to.CloseWithError(err)
		if failed := <-sent; failed != nil && !errors.Is(failed, io.ErrClosedPipe) && !errors.Is(failed, err) {
			err = failed
		}
		return 0, err
	}
	defer answer.Body.Close()
	defer to.Close() // what is on the way still goes out
	if answer.StatusCode != http.StatusOK {
		return 0, refusal(answer)
	}
	return listen(answer.Body, std, files, may)
}

// send sends an order and its files.
func send(out *framed, o Order, files Files) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if err := out.send(order, text); err != nil {
		return err
	}
	for _, name := range o.Files {
		f, err := files.Open(name)
		if err != nil {
			return err
		}
		if err := errors.Join(out.pieces(file, f), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// pass passes standard input on, as far as there is leave for it.
func pass(out *framed, in io.Reader, may <-chan struct{}) {
	b := make([]byte, pieceBytes)
	for range may {
		n, err := in.Read(b)
		if n > 0 && out.send(input, b[:n]) != nil {
			return // the answer says why
		}
		if err != nil { // what cannot be read has ended
			_ = out.send(input, nil)
			return
		}
	}
}

// listen takes what a command prints and writes.
func listen(answer io.Reader, std Streams, files Files, may chan<- struct{}) (code int, err error) {
	defer close(may)
	for {
		k, payload, err := next(answer)
		if err != nil {
			return 0, hint.Add(fmt.Errorf("%w: %w", ErrLost, err), "run the same command again: what was committed stays")
		}
		switch k {
		case printed:
			_, err = std.Out.Write(payload)
		case told:
			_, err = std.Err.Write(payload)
		case leave:
			select {
			case may <- struct{}{}:
			default: // more than can be used
			}
		case made:
			err = files.Save(string(payload), func(w io.Writer) error { return copyFile(w, answer) })
		case ended:
			return code, json.Unmarshal(payload, &code)
		case still:
		default:
			err = errFrame
		}
		if err != nil {
			return 0, err
		}
	}
}

// copyFile copies the pieces of a file.
func copyFile(w io.Writer, from io.Reader) error {
	for {
		k, payload, err := next(from)
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrLost, err)
		case k == still:
			continue
		case k != contents:
			return errFrame
		case len(payload) == 0:
			return nil
		}
		if _, err := w.Write(payload); err != nil {
			return err
		}
	}
}

// refusal is the error of an answer that is none of a command.
func refusal(answer *http.Response) error {
	no := &Refused{Status: answer.StatusCode}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
		if err := json.NewDecoder(io.LimitReader(answer.Body, orderBytes)).Decode(no); err != nil {
			no.Code = ""
		}
	}
	return hint.Add(no, no.Hints...)
}
