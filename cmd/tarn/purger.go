package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"

	"tarn/internal/s3"
	"tarn/lake"
	"tarn/lake/bucket"
)

// purgerName is what the process is called that removes files which have expired.
const purgerName = "tarn-purger"

// purger is a process that removes files for this one, which has given up the right
// to. It is told when, and not what: it finds out itself what the signed log lets go
// (lake.Purge). It may remove files where segments lie, and change nothing else.
type purger struct {
	cmd *exec.Cmd
	in  io.WriteCloser

	mu  sync.Mutex
	ask *json.Encoder
	out *json.Decoder
}

// purgerSetup is the first thing that a purger hears; what follows are requests.
type purgerSetup struct {
	Dir string      `json:"dir"`
	Key string      `json:"key"`
	S3  s3.Settings `json:"s3"`
}

// purgerRequest asks for what has expired to be removed, or for what a bucket has.
type purgerRequest struct {
	Drop bool `json:"drop,omitempty"`
}

type purgerAnswer struct {
	Report *lake.PurgeReport  `json:"report,omitempty"`
	Drop   *bucket.DropReport `json:"drop,omitempty"`
	Error  string             `json:"error,omitempty"`
}

// startPurger starts the process, while this one still has its rights.
func startPurger(setup purgerSetup) (*purger, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the program of the purger: %w", err)
	}
	// A group of its own: ^C is for this process.
	p := &purger{cmd: &exec.Cmd{Path: program, Args: []string{purgerName}, Env: os.Environ(), Stderr: os.Stderr, SysProcAttr: &syscall.SysProcAttr{Setpgid: true}}}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the purger: %w", err)
	}
	p.ask, p.out = json.NewEncoder(p.in), json.NewDecoder(out)
	if err := p.ask.Encode(setup); err != nil {
		return nil, errors.Join(fmt.Errorf("start the purger: %w", err), p.end())
	}
	return p, nil
}

// purge has the files removed that may go by now. When ctx ends first, the purger
// goes on, which does no harm.
func (p *purger) purge(ctx context.Context) (*lake.PurgeReport, error) {
	a, err := p.ordered(ctx, purgerRequest{})
	return a.Report, err
}

// drop has the files removed that the lake's bucket has.
func (p *purger) drop(ctx context.Context) (*bucket.DropReport, error) {
	a, err := p.ordered(ctx, purgerRequest{Drop: true})
	return a.Drop, err
}

func (p *purger) ordered(ctx context.Context, r purgerRequest) (a purgerAnswer, err error) {
	done := make(chan struct{})
	var answer purgerAnswer
	var failed error
	go func() {
		defer close(done)
		answer, failed = p.call(r)
	}()
	select {
	case <-done:
		return answer, failed
	case <-ctx.Done():
		return a, ctx.Err()
	}
}

func (p *purger) call(r purgerRequest) (a purgerAnswer, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err = p.ask.Encode(r)
	if err == nil {
		err = p.out.Decode(&a)
	}
	if err == nil && a.Report == nil && a.Drop == nil && a.Error == "" {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return a, fmt.Errorf("the process that removes files is no more: %w", err)
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}

// end lets the process end, when what it does is done.
func (p *purger) end() error { return errors.Join(p.in.Close(), p.cmd.Wait()) }

// servePurger makes this process a purger if it was started as one, and then does not
// return.
func servePurger() {
	if len(os.Args) != 1 || os.Args[0] != purgerName {
		return
	}
	if err := purgeOnDemand(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tarn: the process that removes files: "+withoutSecrets(err.Error()))
		os.Exit(exitFailed)
	}
	os.Exit(exitDone)
}

// purgeOnDemand purges once for each request, until there are no more.
func purgeOnDemand(in io.Reader, out io.Writer) error {
	requests, answers := json.NewDecoder(in), json.NewEncoder(out)
	var s purgerSetup
	if err := requests.Decode(&s); err != nil {
		return err
	}
	if err := lake.ConfinePurge(s.Dir); err != nil {
		return err
	}
	for {
		var request purgerRequest
		err := requests.Decode(&request)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var a purgerAnswer
		if request.Drop {
			a.Drop, err = dropFor(s)
		} else {
			a.Report, err = lake.Purge(context.Background(), s.Dir, lake.PurgeOptions{Key: s.Key})
		}
		if err != nil {
			a.Error = err.Error()
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

// dropFor lets go of what the lake's bucket has.
func dropFor(s purgerSetup) (*bucket.DropReport, error) {
	place, err := bucket.PlaceOf(s.Dir)
	if err != nil {
		return nil, err
	}
	client, err := s3.Open(context.Background(), s.S3)
	if err != nil {
		return nil, err
	}
	return bucket.Drop(context.Background(), s.Dir, place, client)
}
