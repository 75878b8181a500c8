package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"strings"
	"time"

	"tarn/internal/progress"
	"tarn/lake"
	"tarn/server/remote"
)

// askedThere is the lake at an endpoint: a statement is the command query in its server,
// and the event data stores are those that the command store list tells of.
type askedThere struct {
	*shell
	client *remote.Client
	at     string
}

// String is fmt.Stringer's.
func (l askedThere) String() string { return "at " + l.at }

func (l askedThere) holds(ctx context.Context) ([]holds, error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	var out bytes.Buffer
	o := l.newOrder("store list")
	o.Args = append(o.Args, "--format=json")
	if err := l.runThere(ctx, l.client, o, remote.Streams{In: strings.NewReader(""), Out: &out, Err: l.err}); err != nil {
		return nil, err
	}
	var told struct{ EventDataStores []storeJSON }
	if err := json.Unmarshal(out.Bytes(), &told); err != nil {
		return nil, fmt.Errorf("%s: its event data stores: %w", l.at, err)
	}
	var all []holds
	for _, st := range told.EventDataStores {
		all = append(all, holds{
			Store:  lake.Store{ID: path.Base(st.EventDataStoreArn), Name: st.Name, Family: st.Family},
			events: st.EventCount, first: st.FirstEventTime, last: st.LastEventTime,
		})
	}
	return all, nil
}

func (l askedThere) explain(ctx context.Context, sql string) error {
	o := l.statement(sql, "--explain", "--format=table")
	return l.runThere(ctx, l.client, o, remote.Streams{In: strings.NewReader(""), Out: l.out, Err: l.err})
}

// statement is the order to answer a statement.
func (l askedThere) statement(sql string, flags ...string) *order {
	o := l.newOrder("query")
	if l.timeout > 0 {
		flags = append(flags, "--timeout="+l.timeout.String())
	}
	o.Args = append(append(o.Args, flags...), "--", sql)
	return o
}

func (l askedThere) answer(ctx context.Context, sql string) (err error) {
	flags := []string{"--expand=" + l.expand.String()}
	start := time.Now()
	if file := l.output; file != "" {
		l.output = ""
		err = l.intoFileHere(ctx, sql, file, flags)
	} else {
		page, words := l.page(), &wordsBehind{w: l.err}
		o := l.statement(sql, append(flags, "--format="+l.format)...)
		err = l.runThere(ctx, l.client, o, remote.Streams{In: strings.NewReader(""), Out: page, Err: words})
		l.written = time.Now()
		err = errors.Join(page.end(err), words.end())
	}
	if err == nil && l.timing {
		_, err = fmt.Fprintf(l.err, "(%s)\n", progress.Duration(l.written.Sub(start)))
	}
	return err
}

// intoFileHere has an answer written to a file here.
func (l askedThere) intoFileHere(ctx context.Context, sql, file string, flags []string) error {
	o := l.newOrder("query")
	name, err := o.name(file, false)
	if err != nil {
		return err
	}
	named := l.statement(sql, append(flags, "--format="+formatOf(file, l.format), "--output="+name)...)
	named.paths = o.paths
	err = l.runThere(ctx, l.client, named, remote.Streams{In: strings.NewReader(""), Out: l.out, Err: l.err})
	if l.written = time.Now(); err == nil {
		fmt.Fprintln(l.err, "written to", file)
	}
	return err
}

// wordsBehind keeps what a command says until its rows are on the screen, which a page
// may hold back. Progress, which begins its line anew, is shown at once.
type wordsBehind struct {
	w    io.Writer
	held bytes.Buffer
}

// Write is io.Writer's.
func (b *wordsBehind) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("\r")) {
		return b.w.Write(p)
	}
	return b.held.Write(p)
}

func (b *wordsBehind) end() error {
	_, err := b.held.WriteTo(b.w)
	return err
}
