package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// processors is how many threads each system is given to take in and to answer.
const processors = 2

// process is what one of a system's processes took by its end: its own processor time
// and peak memory, and those of processes that it started and waited for.
type process struct {
	Name       string  `json:"name"`
	CPUSeconds float64 `json:"cpuSeconds"`
	PeakBytes  int64   `json:"peakBytes"`
}

// used is what an ended command took.
func used(name string, c *exec.Cmd) process {
	p := process{Name: name, CPUSeconds: (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()}
	if r, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		p.PeakBytes = int64(r.Maxrss) * rssUnit
	}
	return p
}

// command is one whose output goes nowhere, and whose complaints are told if it fails.
func command(ctx context.Context, name string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(processors))
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 20 * time.Second
	said := &bytes.Buffer{}
	c.Stderr = said
	return c, said
}

// once runs a command to its end.
func once(name string, c *exec.Cmd, said *bytes.Buffer) (process, error) {
	if err := c.Run(); err != nil {
		return process{}, fmt.Errorf("%s: %w\n%s", name, err, said)
	}
	return used(name, c), nil
}

// floor is the peak memory that even a process which does nothing is said to have had:
// what this one has when it starts another.
func floor(ctx context.Context) (int64, error) {
	c, said := command(ctx, "true")
	p, err := once("true", c, said)
	return p.PeakBytes, err
}

// session is a process that answers questions.
type session interface {
	// ask returns the answer to a question in the system's own words.
	ask(ctx context.Context, words string) (answer, error)
	// end ends the process.
	end() (process, error)
}

// talker is a child that reads statements from its standard input, a line of JSON each,
// and answers with a line each.
type talker struct {
	name    string
	cmd     *exec.Cmd
	said    *bytes.Buffer
	in      io.WriteCloser
	answers *bufio.Reader
}

// talk starts a child.
func talk(name string, c *exec.Cmd, said *bytes.Buffer) (*talker, error) {
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &talker{name, c, said, in, bufio.NewReader(out)}, nil
}

func (t *talker) ask(_ context.Context, words string) (answer, error) {
	line, err := json.Marshal(words)
	if err != nil {
		return answer{}, err
	}
	if _, err := t.in.Write(append(line, '\n')); err != nil {
		return answer{}, fmt.Errorf("%s ended: %w\n%s", t.name, err, t.said)
	}
	line, err = t.answers.ReadBytes('\n')
	if err != nil {
		return answer{}, fmt.Errorf("%s: no answer: %w\n%s", t.name, err, t.said)
	}
	return answerOf(t.name, line)
}

// answerOf reads an answer as a line of JSON.
func answerOf(name string, line []byte) (a answer, err error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&a); err != nil {
		return a, fmt.Errorf("%s: %w", name, err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("%s: %s", name, a.Error)
	}
	return a, nil
}

func (t *talker) end() (process, error) {
	if err := errors.Join(t.in.Close(), t.cmd.Wait()); err != nil {
		return process{}, fmt.Errorf("%s: %w\n%s", t.name, err, t.said)
	}
	return used(t.name, t.cmd), nil
}

// listen answers the statements on standard input, as a talker wants it.
func listen(ask func(words string) ([]map[string]any, error)) error {
	in := json.NewDecoder(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		var words string
		if err := in.Decode(&words); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		start := time.Now()
		rows, err := ask(words)
		a := answer{Millis: millis(time.Since(start)), Rows: rows}
		if err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
