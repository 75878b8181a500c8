package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// options say how much is measured.
type options struct {
	events  int    // in the background; the story comes on top
	ingests int    // how often each system takes them in
	cold    int    // how often a process is started for each question
	dir     string // for what the systems store; a new folder, removed at the end, without
	out     string // for the results
	// patience is how long an ingest or an answer may take before the system is left out.
	patience time.Duration
	only     string // systems by name, separated by commas; all without
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare: error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 1 && args[0] == "child" {
		return child(ctx, args[1], args[2:])
	}
	var o options
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	usual := 50_000
	if n, err := strconv.Atoi(os.Getenv("TARN_BENCH_EVENTS")); err == nil {
		usual = n
	}
	flags.IntVar(&o.events, "events", usual, "events in the background (TARN_BENCH_EVENTS)")
	flags.IntVar(&o.ingests, "ingests", 3, "how often each system takes them in")
	flags.IntVar(&o.cold, "cold", 3, "how often a process is started for each question")
	flags.StringVar(&o.dir, "dir", "", "folder for what the systems store, removed at the end (without: one for temporary files)")
	flags.StringVar(&o.out, "o", "results", "folder for results.json, the tables and the pictures")
	flags.StringVar(&o.only, "only", "", "systems by name, separated by commas (without: all)")
	flags.DurationVar(&o.patience, "patience", 10*time.Minute, "how long an ingest or an answer may take before the system is left out")
	draw := flags.Bool("draw", false, "make tables and pictures of the results that are there, and measure nothing")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *draw {
		return write(o.out, nil)
	}
	if o.events < 1 || o.ingests < 1 || o.cold < 1 || flags.NArg() > 0 {
		return errors.New("-events, -ingests and -cold are 1 at least, and there are no other arguments")
	}
	if o.dir != "" {
		if err := os.MkdirAll(o.dir, 0o700); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp(o.dir, "compare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	res, err := measure(ctx, o, dir)
	if err != nil {
		return err
	}
	return errors.Join(write(o.out, res), res.differences())
}

// say tells a person how far it is.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
