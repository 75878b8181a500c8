package remote

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Path is where orders are sent, with POST.
const Path = "/v1/commands"

// MediaType is what both ways are called.
const MediaType = "application/vnd.tarn.command"

// Order is a command line that is to run in the server.
type Order struct {
	// Version is the client's, for the server's log.
	Version string `json:"version,omitempty"`
	// Args are its words without the program's name. Files are named as in Files, or, if
	// they are to be written, by names that IsLocal takes.
	Args []string `json:"args"`
	// Settings are what the client's configuration decides, by name.
	Settings map[string]string `json:"settings,omitempty"`
	// Files are the names of the files that follow, in that order.
	Files []string `json:"files,omitempty"`
	// Out and Err are how wide the terminals are that show what is printed; 0 is none.
	Out int `json:"out,omitempty"`
	Err int `json:"err,omitempty"`
}

// Bounds of an order.
const (
	mostFiles   = 100
	longestName = 512
	// MostBytes is how much all files of an order may have together. What is longer goes
	// through standard input.
	MostBytes = 256 << 20
	widest    = 10_000
)

// IsLocal reports whether a file of that name lies in the folder of a command.
func IsLocal(name string) bool {
	return len(name) <= longestName && filepath.IsLocal(name) && filepath.Clean(name) != "." && !strings.Contains(name, "\x00")
}

// check refuses an order that nobody could have meant.
func (o Order) check() error {
	if len(o.Files) > mostFiles {
		return fmt.Errorf("%d files, and %d are the most", len(o.Files), mostFiles)
	}
	for i, name := range o.Files {
		if !IsLocal(name) || slices.Contains(o.Files[:i], name) {
			return fmt.Errorf("the file name %q leads elsewhere, or is there twice", name)
		}
	}
	for _, width := range []int{o.Out, o.Err} {
		if width < 0 || width > widest {
			return fmt.Errorf("a terminal of %d columns", width)
		}
	}
	for _, arg := range o.Args {
		if strings.Contains(arg, "\x00") {
			return fmt.Errorf("a NUL in %q", arg)
		}
	}
	return nil
}
