package worker

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"tarn/query/internal/duck"
)

// grace is how long a worker may take to stop when it is told to.
const grace = 2 * time.Second

// process is a worker as its parent sees it. It does one request at a time.
type process struct {
	cmd    *exec.Cmd
	grants string
	lane   *lane           // Pool.mu guards it; nil for the parser
	dir    string          // the worker's own, and all it can write to
	files  map[string]bool // that it has read: it keeps their footers
	spent  time.Duration   // of processor time

	exited chan struct{} // closed when it is no more
	last   firstBytes    // what it said when it died
	in     *os.File
	from   *os.File      // what it says,
	out    *bufio.Reader // … and that, buffered
	frame  bytes.Buffer

	writing sync.Mutex
	broken  atomic.Bool // it is not asked again
}

// startTime is how long a worker may take to start.
const startTime = 30 * time.Second

// folderPrefix begins the names of the workers' folders.
const folderPrefix = "tarn-worker-"

// sweep removes the folders that workers left empty when their parents were
// killed. One that is young may be of a worker that starts, and one that is used
// has something in it. What cannot be removed stays.
func sweep(temp string) {
	folders, err := filepath.Glob(filepath.Join(cmp.Or(temp, os.TempDir()), folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range folders {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && time.Since(info.ModTime()) > 2*startTime {
			_ = os.Remove(dir)
		}
	}
}

// start starts a worker in a private folder, and shuts it in.
func start(ctx context.Context, program string, s setup) (_ *process, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, &duck.Error{Kind: duck.Crash, Msg: "the worker does not start"})
	defer cancel()
	dir, err := os.MkdirTemp(s.Duck.TempDir, folderPrefix)
	if err != nil {
		return nil, fmt.Errorf("make a folder for a worker: %w", err)
	}
	p := &process{grants: duck.Grants(s.Folders), dir: dir, files: map[string]bool{}, exited: make(chan struct{})}
	// No environment: there may be secrets in it. A group of its own: ^C is for
	// the parent, which ends the worker in order.
	p.cmd = &exec.Cmd{Path: program, Args: []string{Name}, Env: []string{}, Dir: "/", Stderr: &p.last,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true}}
	if err := p.spawn(); err != nil {
		return nil, errors.Join(fmt.Errorf("start a worker: %w", err), os.RemoveAll(dir))
	}
	s.Duck.TempDir = dir
	if _, err := p.call(ctx, request{Setup: &s}, nil); err != nil {
		return nil, errors.Join(err, p.end())
	}
	return p, nil
}

// spawn starts the process with a pipe each way.
func (p *process) spawn() error {
	childIn, in, err := os.Pipe()
	if err != nil {
		return err
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		return errors.Join(err, childIn.Close(), in.Close())
	}
	p.cmd.Stdin, p.cmd.Stdout = childIn, childOut
	err = p.cmd.Start()
	childIn.Close()
	childOut.Close()
	if err != nil {
		in.Close()
		out.Close()
		return err
	}
	p.in, p.from, p.out = in, out, bufio.NewReaderSize(out, 256<<10)
	go func() {
		// How it ended is read from its state.
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	return nil
}

// call makes a request and waits for its end. Each gets the frames before the
// reply; its error ends the worker. When ctx ends, the worker is told to stop,
// and is killed if it does not.
func (p *process) call(ctx context.Context, r request, each func(kind byte, payload []byte) error) (reply, error) {
	if err := ctx.Err(); err != nil {
		return reply{}, err
	}
	answer, err := p.watched(ctx, r, each)
	if err == nil {
		err = answer.err()
	} else {
		p.kill()
		err = p.death(err)
	}
	if ctx.Err() != nil {
		// It may have been stopped in the middle of anything.
		p.broken.Store(true)
		if err != nil {
			err = context.Cause(ctx)
		}
	}
	return answer, err
}

// watched exchanges frames while ctx is watched.
func (p *process) watched(ctx context.Context, r request, each func(byte, []byte) error) (reply, error) {
	defer p.watch(ctx)()
	return p.exchange(r, each)
}

// watch stops the worker when ctx ends, until the returned function is called.
func (p *process) watch(ctx context.Context) (stop func()) {
	over := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		// A worker that does not read blocks this until it is killed.
		go func() { _ = p.send(frameInterrupt, nil) }()
		select {
		case <-over:
		case <-time.After(grace):
			p.kill()
		}
	})
	return func() { close(over); forget() }
}

func (p *process) send(kind byte, payload []byte) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	return writeFrame(p.in, kind, payload)
}

// consumerError is that of who takes what the frames have: the worker is not to
// blame, but what it still has to say is of no use.
type consumerError struct{ error }

// exchange sends a request and reads frames until the reply.
func (p *process) exchange(r request, each func(byte, []byte) error) (answer reply, err error) {
	payload, err := json.Marshal(r)
	if err != nil {
		return answer, err
	}
	if err := p.send(frameRequest, payload); err != nil {
		return answer, err
	}
	for {
		kind, err := readFrame(p.out, &p.frame)
		switch {
		case err != nil:
			return answer, err
		case kind == frameReply:
			return answer, json.Unmarshal(p.frame.Bytes(), &answer)
		case each == nil:
			return answer, fmt.Errorf("a frame %q that nobody asked for", kind)
		}
		if err := each(kind, p.frame.Bytes()); err != nil {
			return answer, err
		}
	}
}

// death says how a worker that is no good any more ended, in place of the
// error that showed it.
func (p *process) death(err error) error {
	var consumer consumerError
	if errors.As(err, &consumer) {
		return consumer.error
	}
	<-p.exited
	said := p.last.line()
	kind := duck.Crash
	if p.cmd.ProcessState.ExitCode() == exitTooLong {
		kind = duck.Late
	}
	if strings.Contains(said, "out of memory") || strings.Contains(said, "cannot allocate memory") || strings.Contains(said, "bad_alloc") {
		kind = duck.Memory
	}
	return &duck.Error{Kind: kind, Msg: fmt.Sprintf("the worker is no more (%v, %v): %s", p.cmd.ProcessState, err, said)}
}

// kill ends the process, whatever it is doing.
func (p *process) kill() {
	p.broken.Store(true)
	// It may be no more already.
	_ = p.cmd.Process.Kill()
}

// end ends the process and removes what it wrote.
func (p *process) end() error {
	p.kill()
	<-p.exited
	return errors.Join(p.in.Close(), p.from.Close(), os.RemoveAll(p.dir))
}

// firstBytes keeps the beginning of what is written to it.
type firstBytes struct{ b []byte }

const keptBytes = 4 << 10

// Write is io.Writer's.
func (f *firstBytes) Write(b []byte) (int, error) {
	f.b = append(f.b, b[:min(len(b), keptBytes-len(f.b))]...)
	return len(b), nil
}

// line is the first line.
func (f *firstBytes) line() string {
	line, _, _ := strings.Cut(string(f.b), "\n")
	return line
}
