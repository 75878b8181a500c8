package worker

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"

	"tarn/query/internal/duck"
)

// Name is what the process of a worker is called, by which it knows what it is.
const Name = "tarn-worker"

// Serve makes this process a worker if it was started as one, and then does not
// return. Call it before anything else.
func Serve() {
	if len(os.Args) == 1 && os.Args[0] == Name {
		os.Exit(serve(os.Stdin, os.Stdout))
	}
}

// The exit codes of a worker.
const (
	exitDone    = 0
	exitBroken  = 1 // the parent makes no sense, or cannot be written to
	exitTooLong = 3 // the processor time is used up
)

// child is the worker's side.
type child struct {
	out      *outlet
	instance *duck.Instance
	session  duck.Session

	mu     sync.Mutex
	dir    string             // private
	cancel context.CancelFunc // of the request that is being done
}

// serve answers requests until there are no more.
func serve(in io.Reader, out io.Writer) int {
	// One thing at a time is done here, mostly by the engine: with more processors, Go's
	// watchman looks again and again whether one of them could be used by somebody else,
	// which took a tenth of a small query.
	runtime.GOMAXPROCS(1)
	// Go would ignore it, and only the hard limit would end the process.
	late := make(chan os.Signal, 1)
	signal.Notify(late, syscall.SIGXCPU)
	go func() { <-late; os.Exit(exitTooLong) }()

	c := &child{out: &outlet{w: bufio.NewWriterSize(out, 64<<10)}}
	requests := make(chan request)
	go c.read(bufio.NewReader(in), requests)
	for r := range requests {
		if err := c.serve(r); err != nil {
			return exitBroken
		}
	}
	return exitDone
}

// read takes frames apart while requests are being done. When there are no
// more, the parent is gone: whatever is being done ends with the process.
func (c *child) read(in *bufio.Reader, requests chan<- request) {
	var frame bytes.Buffer
	for {
		kind, err := readFrame(in, &frame)
		if err != nil {
			c.clear()
			os.Exit(exitDone)
		}
		var r request
		switch {
		case kind == frameInterrupt:
			c.interrupt()
		case kind == frameRequest && json.Unmarshal(frame.Bytes(), &r) == nil:
			requests <- r
		default:
			os.Exit(exitBroken)
		}
	}
}

// clear removes what the parent would have removed. The folder itself stays: it
// is not ours to remove. There is nobody to tell of an error.
func (c *child) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	entries, _ := os.ReadDir(c.dir)
	for _, e := range entries {
		_ = os.RemoveAll(filepath.Join(c.dir, e.Name()))
	}
}

func (c *child) interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.cancel()
	}
}

// serve does one request. The error is for a parent that cannot be told.
func (c *child) serve(r request) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c.mu.Lock()
	c.cancel = cancel
	c.mu.Unlock()
	answer, err := c.answer(ctx, r)
	if err != nil {
		answer = failed(err)
	}
	payload, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return c.out.now(frameReply, payload)
}

func (c *child) answer(ctx context.Context, r request) (a reply, err error) {
	if (r.Setup == nil) != (c.instance != nil) {
		return a, errors.New("a worker is set up once, and first of all")
	}
	if r.Setup != nil {
		return a, c.setUp(ctx, *r.Setup)
	}
	a.Texts = []string{"", ""}
	switch r.Do {
	case "parse":
		a.Texts[0], err = c.instance.Parse(ctx, r.Text)
	case "print":
		a.Texts[0], err = c.instance.Print(ctx, r.Text)
	case "eval":
		a.Texts[0], a.Texts[1], err = c.instance.Eval(ctx, r.Text, r.Macros...)
	default:
		if r.Job != nil {
			if err := c.open(ctx, *r.Job); err != nil {
				return a, err
			}
		}
		return c.query(ctx, r)
	}
	return a, err
}

// open begins a query, in place of the one before.
func (c *child) open(ctx context.Context, job duck.Job) (err error) {
	if c.session != nil {
		err = c.session.Close()
		c.session = nil
	}
	if err == nil {
		c.session, err = c.instance.Open(ctx, job.Files, job.Macros)
	}
	return err
}

// query answers what is about the open query.
func (c *child) query(ctx context.Context, r request) (a reply, err error) {
	if c.session == nil {
		return a, errors.New("no query is open")
	}
	if r.Watched {
		ctx = duck.Watched(ctx, c.tell)
	}
	switch r.Do {
	case "describe":
		a.Columns, err = c.session.Describe(ctx, r.Text)
	case "rows":
		err = c.rows(ctx, r.Text)
	case "copy":
		a.Count, err = c.session.Copy(ctx, c.out, r.Format, r.Text)
	default:
		err = fmt.Errorf("a worker does not know %q", r.Do)
	}
	return a, err
}

// rows sends rows as they come.
func (c *child) rows(ctx context.Context, sql string) error {
	var frame []byte
	for batch, err := range c.session.Rows(ctx, sql) {
		if err != nil {
			return err
		}
		frame = batch.Append(frame[:0])
		if err := c.out.frame(frameBatch, frame); err != nil {
			return err
		}
	}
	return nil
}

// setUp opens the engine and then gives up everything that the worker has no
// use for: DuckDB needs more to open than to run.
func (c *child) setUp(ctx context.Context, s setup) (err error) {
	c.mu.Lock()
	c.dir = s.Duck.TempDir
	c.mu.Unlock()
	if c.instance, err = duck.Start(ctx, s.Duck, s.Folders); err != nil {
		return err
	}
	if err := s.Limits.set(); err != nil {
		return fmt.Errorf("limit a worker: %w", err)
	}
	if err := wallIn(s.Folders, s.Duck.TempDir); err != nil {
		return fmt.Errorf("shut a worker in: %w", err)
	}
	return nil
}

// tell sends how far a statement has come. Should that fail, so does what comes next.
func (c *child) tell(share float64) {
	_ = c.out.now(frameShare, strconv.AppendFloat(nil, share, 'g', -1, 64))
}

// outlet is where frames go. Those that tell how far a statement has come are written
// while others are.
type outlet struct {
	mu sync.Mutex
	w  *bufio.Writer
}

// frame sends a frame, together with those that follow.
func (o *outlet) frame(kind byte, payload []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return writeFrame(o.w, kind, payload)
}

// now sends a frame at once.
func (o *outlet) now(kind byte, payload []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := writeFrame(o.w, kind, payload); err != nil {
		return err
	}
	return o.w.Flush()
}

// Write is io.Writer's: it sends bytes of a file as frames.
func (o *outlet) Write(b []byte) (int, error) { return len(b), o.frame(frameData, b) }
