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

// Each figure is measured again until so much time has gone into it, so that what is slow
// does not take hours; a question is asked warm between so often all the same.
const (
	ingestEnough = 100 * time.Second
	coldEnough   = 5 * time.Second
	warmEnough   = 2 * time.Second
	warmLeast    = 3 // once, where a single answer takes longer than warmEnough
	warmMost     = 15
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

// measure compares all systems that are here. What it stores lies below dir. The results
// so far are written after each step.
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
	c.res.Took = rounded(time.Since(c.res.Began).Seconds())
	return c.res, c.keep()
}

// each does something with each system that has not failed yet, and takes note if it
// fails now. It is an error only where the comparison is to end.
func (c *comparison) each(ctx context.Context, do func(context.Context, system, *result) error) error {
	for i, s := range c.systems {
		r := c.res.Systems[i]
		if r.Failed != "" {
			continue
		}
		within, cancel := context.WithTimeout(ctx, c.patience)
		err := do(within, s, r)
		late := within.Err()
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			say("%s has failed: %v", s.title, errors.Join(late, err))
			r.Failed, _, _ = strings.Cut(errors.Join(late, err).Error(), "\n")
		}
	}
	return nil
}

// keep writes what there is of the results.
func (c *comparison) keep() error { return write(c.out, c.res) }

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
	spent := map[string]float64{}
	for round := range c.ingests {
		err := c.each(ctx, func(ctx context.Context, s system, r *result) error {
			if s.ingest == nil || spent[s.name] > ingestEnough.Seconds() {
				return nil
			}
			l, err := s.takeIn(ctx, c.bucket, c.dir)
			if err != nil {
				return err
			}
			spent[s.name] += l.Seconds
			say("ingest %d of %d: %s %.0f events/s", round+1, c.ingests, s.title, float64(c.bucket.events)/l.Seconds)
			r.Ingests = append(r.Ingests, l.rounded())
			r.Bytes, err = sizeOf(s.stored(c.bucket, c.dir))
			return err
		})
		if err := errors.Join(err, c.keep()); err != nil {
			return err
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
			err := c.each(ctx, func(ctx context.Context, s system, r *result) error {
				if total(r.of(q).Cold) > millis(coldEnough) {
					return nil
				}
				return c.coldOnce(ctx, s, r, q)
			})
			if err != nil {
				return errors.Join(err, c.keep())
			}
		}
		if err := c.keep(); err != nil {
			return err
		}
	}
	return nil
}

// coldOnce starts a process for a question.
func (c *comparison) coldOnce(ctx context.Context, s system, r *result, q question) error {
	there, err := evict(s.folder(c.bucket, c.dir))
	if err != nil {
		return err
	}
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
		return fmt.Errorf("%s: %w", q.name, err)
	}
	of := r.of(q)
	of.Cold = append(of.Cold, rounded(millis(took)))
	of.note(q, a)
	return nil
}

// warm is a process that stays.
type warm struct {
	session
	kill context.CancelFunc
}

// askWarm asks all questions of processes that stay, in turn, so that the machine is as
// fast for one as for the next. The first time is not counted.
func (c *comparison) askWarm(ctx context.Context) error {
	open := map[string]warm{}
	err := c.each(ctx, func(_ context.Context, s system, _ *result) error {
		alive, kill := context.WithCancel(ctx)
		p, err := s.open(alive, c.bucket, s.folder(c.bucket, c.dir))
		if err != nil {
			kill()
			return err
		}
		open[s.name] = warm{p, kill}
		return nil
	})
	for _, q := range c.questions {
		say("warm: %s %s", q.name, q.title)
		spent := map[string]float64{}
		for round := range warmMost + 1 {
			err = errors.Join(err, c.each(ctx, func(ctx context.Context, s system, r *result) error {
				least := warmLeast
				if spent[s.name] > float64(round)*millis(warmEnough) {
					least = 1
				}
				if round > least && spent[s.name] > millis(warmEnough) {
					return nil
				}
				stop := context.AfterFunc(ctx, open[s.name].kill)
				defer stop()
				a, err := open[s.name].ask(ctx, s.words(q))
				if err != nil {
					return fmt.Errorf("%s: %w", q.name, err)
				}
				spent[s.name] += a.Millis
				of := r.of(q)
				of.note(q, a)
				if round > 0 {
					of.Warm = append(of.Warm, rounded(a.Millis))
				}
				return nil
			}))
		}
		if err = errors.Join(err, c.keep()); err != nil {
			break
		}
	}
	for i, s := range c.systems {
		p, there := open[s.name]
		if !there {
			continue
		}
		took, ended := p.end()
		p.kill()
		c.res.Systems[i].Asked = took.rounded()
		if ended != nil && c.res.Systems[i].Failed == "" {
			err = errors.Join(err, ended)
		}
	}
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
