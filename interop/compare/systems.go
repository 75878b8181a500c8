package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// system is one of those that are compared.
type system struct {
	name, title string
	about       string // how it was set up, for who reads the results
	version     string
	// ingest takes the bucket into dir, an empty folder. Without it there is nothing to
	// take in: from says what is asked.
	ingest func(ctx context.Context, b bucket, dir string) (loaded, error)
	// from is the system whose folder this one asks; "" for its own.
	from string
	// open starts a process that answers, over what ingest left in dir.
	open func(ctx context.Context, b bucket, dir string) (session, error)
	// words are the question in the system's own.
	words func(q question) string
}

// loaded is what an ingest took.
type loaded struct {
	Seconds   float64   `json:"seconds"`
	Processes []process `json:"processes"`
}

// bucket is what all take in.
type bucket struct {
	dir    string
	events int
}

// tools are the programs of this comparison.
type tools struct {
	self   string // this one
	tarn   string
	commit string // of which Tarn was built
	victor string // VictoriaLogs, "" if it is not there
	python string // one that has chdb, "" if none has
}

// systems are all that can be run here, and why others can not.
func systems(ctx context.Context, t tools, only string) (all []system, missing []string, err error) {
	all = append(all, duckRaw(t), duckFile(t), duckDays(t), tarnAlone(t), tarnServed(t), tailpipe(t))
	if t.victor == "" {
		missing = append(missing, "VictoriaLogs: no victoria-logs on the PATH")
	} else {
		all = append(all, victoriaLogs(t))
	}
	if t.python == "" {
		missing = append(missing, "ClickHouse: no python3 on the PATH with the package chdb")
	} else {
		all = append(all, clickHouse(t))
	}
	if only == "" {
		return all, missing, nil
	}
	names := strings.Split(only, ",")
	for _, n := range names {
		if !slices.ContainsFunc(all, func(s system) bool { return s.name == n }) {
			return nil, nil, fmt.Errorf("no system %s here", n)
		}
	}
	return slices.DeleteFunc(all, func(s system) bool { return !slices.Contains(names, s.name) }), missing, nil
}

// folder is where a system's data lies.
func (s system) folder(b bucket, dir string) string {
	switch {
	case s.from != "":
		return filepath.Join(dir, s.from)
	case s.ingest == nil:
		return b.dir
	}
	return filepath.Join(dir, s.name)
}

// takeIn is ingest into an empty folder, whatever was there before.
func (s system) takeIn(ctx context.Context, b bucket, dir string) (loaded, error) {
	place := s.folder(b, dir)
	if err := os.RemoveAll(place); err != nil {
		return loaded{}, err
	}
	if err := os.MkdirAll(place, 0o700); err != nil {
		return loaded{}, err
	}
	l, err := s.ingest(ctx, b, place)
	if err != nil {
		return l, fmt.Errorf("%s: %w", s.name, err)
	}
	return l, settle(place)
}

// told starts a talker, tells it the statements one after the other, and ends it: an
// ingest by SQL, timed from its start to its end.
func told(ctx context.Context, start func() (*talker, error), statements ...string) (loaded, error) {
	began := time.Now()
	t, err := start()
	if err != nil {
		return loaded{}, err
	}
	for _, s := range statements {
		if _, err := t.ask(ctx, s); err != nil {
			_, _ = t.end() // it has failed already
			return loaded{}, err
		}
	}
	p, err := t.end()
	return loaded{time.Since(began).Seconds(), []process{p}}, err
}

// prepared starts a talker and tells it what it has to know before questions.
func prepared(ctx context.Context, start func() (*talker, error), statements ...string) (session, error) {
	t, err := start()
	if err != nil {
		return nil, err
	}
	for _, s := range statements {
		if _, err := t.ask(ctx, s); err != nil {
			_, _ = t.end()
			return nil, err
		}
	}
	return t, nil
}
