package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"tarn/lake"
	"tarn/query"
	"tarn/query/result"
)

// pieces are the statements of a text; the last need not end with a semicolon.
func pieces(text string) []query.Piece {
	all, rest, _ := query.Split(text)
	if rest.Text != "" {
		all = append(all, rest)
	}
	return all
}

// batch runs the statements of a file or of the standard input, one after the
// other over one snapshot, until one fails. Places in errors are those of the
// whole text.
func (a *app) batch(ctx context.Context, o queryOptions) error {
	text, err := a.sqlFrom(o.file)
	if err != nil {
		return usage(err)
	}
	all := pieces(text)
	switch {
	case len(all) == 0:
		return usage(errors.New("query: there is no SQL in it"), "give the SQL as an argument, in a file with -f, or on standard input",
			`tarn query "SELECT count(*) FROM cloudtrail"`)
	case len(all) > 1 && o.output != "":
		return usage(errors.New("query: several statements, and -o names one file"), "leave out -o, or ask one question at a time")
	case len(all) > 1 && result.Binary(o.format):
		return usage(fmt.Errorf("query: several statements do not make one %s file", o.format), "use another --format, or ask one question at a time")
	}
	engine, err := a.engine()
	if err != nil {
		return err
	}
	defer engine.Close()
	return a.readAt(ctx, o.at, func(snap *lake.Snapshot) error {
		for _, p := range all {
			if err := a.ask(ctx, engine, snap, p.Text, o); err != nil {
				return query.Move(inStatement(p.Text, err), p)
			}
		}
		return nil
	})
}

// sqlFrom reads a file; without a name, or with -, the standard input.
func (a *app) sqlFrom(file string) (string, error) {
	var b []byte
	var err error
	if file == "" || file == "-" {
		b, err = io.ReadAll(a.in)
	} else {
		b, err = os.ReadFile(a.inDir(file))
	}
	return string(b), err
}
