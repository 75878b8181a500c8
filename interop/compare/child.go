package main

import (
	"context"
	"fmt"
)

// child is what this program does when it has started itself, so that what an engine
// takes is that of a process of its own.
func child(ctx context.Context, what string, args []string) error {
	switch {
	case what == "generate" && len(args) == 2:
		return generate(args[0], args[1])
	case what == "duckdb" && len(args) == 0:
		return duckDBChild(ctx)
	case what == "tarn" && len(args) == 1:
		return tarnChild(ctx, args[0])
	case what == "tailpipe" && len(args) == 2:
		return tailpipeChild(ctx, args[0], args[1])
	case what == "feed" && len(args) == 2:
		return feed(ctx, args[0], args[1])
	}
	return fmt.Errorf("no child %s with %d arguments", what, len(args))
}
