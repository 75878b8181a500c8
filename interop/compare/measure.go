package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"tarn/internal/eventgen"
)

// A question is asked warm until it took a system so long, and between so often.
const (
	warmLeast  = 3
	warmMost   = 15
	warmEnough = 2 * time.Second
)

// comparison is one that is going on.
type comparison struct {
	options
	dir       string // for what the systems store
	bucket    bucket
	systems   []system
	questions []question
	res       *results
}

// measure compares all systems that are here. What it stores lies below dir.
func measure(ctx context.Context, o options, dir string) (*results, error) {
	t, err := find(ctx, dir)
	if err != nil {
		return nil, err
	}
	all, missing, err := systems(ctx, t, o.only)
	if err != nil {
		return nil, err
	}
	say("%d events", o.events)
	b, made, err := t.fill(ctx, filepath.Join(dir, "bucket"), o.events)
	if err != nil {
		return nil, err
	}
	c := &comparison{o, filepath.Join(dir, "systems"), b, all, questions(eventgen.New(data(o.events)).Story(), made.Events), newResults(made, missing)}
	if c.res.FloorBytes, err = floor(ctx); err != nil {
		return nil, err
	}
	for _, s := range all {
		c.res.Systems = append(c.res.Systems, &result{Name: s.name, Title: s.title, About: s.about, Version: s.version})
	}
	for _, phase := range []func(context.Context) error{c.ingest, c.askCold, c.askWarm} {
		if err := phase(ctx); err != nil {
			return nil, err
		}
	}
	return c.res, nil
}

// find finds the programs that are compared, and builds Tarn.
func find(ctx context.Context, dir string) (t tools, err error) {
	if t.self, err = os.Executable(); err != nil {
		return t, err
	}
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "tarn").Output()
	if err != nil {
		return t, fmt.Errorf("where Tarn's source is: %w (run it in the folder interop)", err)
	}
	t.tarn = filepath.Join(dir, "tarn")
	build := exec.CommandContext(ctx, "go", "build", "-o", t.tarn, "./cmd/tarn")
	build.Dir, build.Stderr = strings.TrimSpace(string(root)), os.Stderr
	say("building tarn")
	if err := build.Run(); err != nil {
		return t, fmt.Errorf("build tarn: %w", err)
	}
	describe := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--exclude", "*")
	describe.Dir = build.Dir
	if out, err := describe.Output(); err == nil {
		t.commit = "commit " + strings.TrimSpace(string(out))
	}
	if path, err := exec.LookPath("victoria-logs"); err == nil {
		t.victor = path
	}
	if path, err := exec.LookPath("python3"); err == nil && chdbVersion(path) != "" {
		t.python = path
	}
	return t, nil
}

// ingest has each system take in the bucket, one after the other, and again.
func (c *comparison) ingest(ctx context.Context) error {
	for round := range c.ingests {
		for i, s := range c.systems {
			if s.ingest == nil {
				continue
			}
			l, err := s.takeIn(ctx, c.bucket, c.dir)
			if err != nil {
				return err
			}
			say("ingest %d of %d: %s %.0f events/s", round+1, c.ingests, s.title, float64(c.bucket.events)/l.Seconds)
			size, err := sizeOf(s.stored(c.bucket, c.dir))
			if err != nil {
				return err
			}
			r := c.res.Systems[i]
			r.Ingests, r.Bytes = append(r.Ingests, l.rounded()), size
		}
	}
	return nil
}

// askCold asks each question of a process that has just started, over files that the
// kernel was asked to drop from memory, and times it from the start of the process.
func (c *comparison) askCold(ctx context.Context) error {
	for _, q := range c.questions {
		say("cold: %s %s", q.name, q.title)
		for range c.cold {
			for i, s := range c.systems {
				there, err := evict(s.folder(c.bucket, c.dir))
				if err != nil {
					return err
				}
				r := c.res.Systems[i]
				r.StillThere = max(r.StillThere, rounded(there))
				start := time.Now()
				p, err := s.open(ctx, c.bucket, s.folder(c.bucket, c.dir))
				if err != nil {
					return err
				}
				a, err := p.ask(ctx, s.words(q))
				took := time.Since(start)
				_, ended := p.end()
				if err := errors.Join(err, ended); err != nil {
					return fmt.Errorf("%s of %s: %w", q.name, s.name, err)
				}
				of := r.of(q)
				of.Cold = append(of.Cold, rounded(millis(took)))
				of.note(q, a)
			}
		}
	}
	return nil
}

// askWarm asks all questions of processes that stay, in turn, so that the machine is as
// fast for one as for the next. The first time is not counted.
func (c *comparison) askWarm(ctx context.Context) (err error) {
	open := make([]session, len(c.systems))
	for i, s := range c.systems {
		if open[i], err = s.open(ctx, c.bucket, s.folder(c.bucket, c.dir)); err != nil {
			return err
		}
	}
	for _, q := range c.questions {
		say("warm: %s %s", q.name, q.title)
		spent := make([]time.Duration, len(open))
		for round := range warmMost + 1 {
			for i, s := range c.systems {
				if round > warmLeast && spent[i] > warmEnough {
					continue
				}
				a, err := open[i].ask(ctx, s.words(q))
				if err != nil {
					return fmt.Errorf("%s of %s: %w", q.name, s.name, err)
				}
				spent[i] += time.Duration(a.Millis * float64(time.Millisecond))
				of := c.res.Systems[i].of(q)
				of.note(q, a)
				if round > 0 {
					of.Warm = append(of.Warm, rounded(a.Millis))
				}
			}
		}
	}
	for i, p := range open {
		took, ended := p.end()
		err = errors.Join(err, ended)
		c.res.Systems[i].Asked = took.rounded()
	}
	c.res.Took = rounded(time.Since(c.res.Began).Seconds())
	return err
}

// stored is the folder of what a system keeps of the events.
func (s system) stored(b bucket, dir string) string {
	if s.name == "tarn" {
		return filepath.Join(s.folder(b, dir), "lake") // the key lies beside it
	}
	return s.folder(b, dir)
}

// machine is what is measured on, as far as results should tell.
func machine() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // where there is none, the results say less
	for line := range strings.Lines(string(text)) {
		if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return fmt.Sprintf("%d × %s", runtime.NumCPU(), strings.TrimSpace(model))
		}
	}
	return fmt.Sprintf("%d × %s", runtime.NumCPU(), runtime.GOARCH)
}
