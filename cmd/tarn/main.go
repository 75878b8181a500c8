// Tarn is an embedded analytical event lake: CloudTrail Lake on your own
// machine. It keeps audit events unchanged and provable for seven years and
// more, and answers SQL over them in seconds. README.md is where to start.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"tarn/query"
)

func main() {
	serveChildren()
	os.Exit(runProcess())
}

// runProcess runs this process's command line until it is done or interrupted.
func runProcess() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second one ends the program at once.
	context.AfterFunc(ctx, stop)
	defer stop()
	a := &app{process: process{os.Stdin, os.Stdout, os.Stderr, os.Getenv}, args: os.Args[1:], alone: true}
	return a.run(ctx)
}

// serveChildren makes this process what another one of this program started it for, and
// then does not return.
func serveChildren() {
	query.ServeWorker()
	servePurger()
}
