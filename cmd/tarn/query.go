package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tarn/lake"
	"tarn/query"
	"tarn/query/result"
)

type queryOptions struct {
	file, format, output string
	explain              bool
	expanded             string
	expand               result.Expand // as expanded says
	at                   int64
	sample               sampleFlags
}

func (a *app) queryCommand() *cobra.Command {
	var o queryOptions
	c := &cobra.Command{
		Use:   "query [SQL]",
		Short: "Ask the lake a question in SQL",
		Long: `Ask the lake a question in SQL: one SELECT over its event data stores, by name,
id or ARN. Columns are CloudTrail Lake's. Other statements, files and functions
that reach beyond the stores are refused.

Without SQL a terminal gets a shell: line editing, history, completion, \? for
help. Elsewhere, and with -f, the statements are read from standard input or a
file, each ended by a semicolon; they run over the same snapshot, until one
fails.

The answer is a table on a terminal, with a line for each column where rows are
too wide for it; what FILE's name ends in with -o FILE, and
JSON lines (ndjson) elsewhere, unless --format says otherwise. --expand on gives a
line to each column of every table, off to none.

--timeout ends a statement that has not given its last row by then. Rows that
were written stay; -o FILE leaves the file as it was.

--at asks the lake as it was when its log of record had so many entries (tarn
log shows them, reports and receipts name them): what came later is left out,
and of live events those that no entry had counted. What has expired since is
missing, and said so.

--sample runs one of the sample queries (docs/samples.md) by its name, or lists
those about some words, the most relevant first, or all; --show prints the SQL.

EXIT STATUS
  0 done, 1 failed, or took longer than --timeout, 2 the SQL cannot be run,
  10 no lake or store, 12 lake is corrupt`,
		Example: `  tarn query "SELECT eventName, count(*) FROM cloudtrail GROUP BY 1 ORDER BY 2 DESC"
  tarn query -f question.sql --format csv -o answer.csv
  tarn query --explain "SELECT eventName FROM cloudtrail WHERE eventTime > now() - interval '7' day"
  tarn query --sample root login
  tarn query --sample access-key-activity --param key=AKIAIOSFODNN7EXAMPLE --from 2026-01-01
  tarn query --sandbox --timeout 30s -f question.sql
  tarn query --expand on --format table "SELECT * FROM cloudtrail LIMIT 1"
  tarn query --at 3 "SELECT count(*) FROM cloudtrail"
  tarn query < questions.sql
  tarn query`,
		RunE: func(c *cobra.Command, args []string) error {
			if !o.sample.on && c.Flags().Changed("store") {
				return usage(errors.New("query: --store is for --sample"), "name the event data store in the SQL, behind FROM")
			}
			return a.query(c.Context(), args, o)
		},
		ValidArgsFunction: completeSample,
	}
	o.sample.add(c)
	c.Flags().StringVarP(&o.file, "file", "f", "", "read the SQL from this file, - for standard input")
	c.Flags().StringVar(&o.format, "format", "", "table, json, ndjson, csv, parquet or arrow")
	c.Flags().StringVarP(&o.output, "output", "o", "", "write the answer to this file, - for standard output")
	c.Flags().StringVar(&o.expanded, "expand", "auto", "a line for each column of a table: on, off, or auto where rows are too wide")
	c.Flags().BoolVar(&o.explain, "explain", false, "say what would be read, and why, instead of reading it")
	c.Flags().Int64Var(&o.at, "at", 0, "ask the lake as it was when its log had this many entries")
	c.Flags().BoolVar(&a.sandbox, "sandbox", false, "run the SQL in a process that can reach nothing but the stores it names")
	c.Flags().DurationVar(&a.timeout, "timeout", 0, "end a statement that takes longer, such as 30s or 5m (without: never; in a sandbox after 1h)")
	return c
}

func (a *app) query(ctx context.Context, args []string, o queryOptions) error {
	shell := a.wantsShell(len(args) > 0 || o.file != "" || o.sample.on)
	if err := a.checkQuery(args, &o, shell); err != nil {
		return err
	}
	switch {
	case o.sample.on:
		return a.sample(ctx, args, o)
	case shell:
		return a.shell(ctx, o)
	case len(args) == 0:
		return a.batch(ctx, o)
	}
	return a.one(ctx, args[0], o)
}

// wantsShell reports whether query opens a shell, which it does at a terminal where
// nothing says what to ask.
func (a *app) wantsShell(told bool) bool { return !told && isTerminal(a.in) }

// one answers one statement.
func (a *app) one(ctx context.Context, sql string, o queryOptions) error {
	engine, err := a.engine()
	if err != nil {
		return err
	}
	defer engine.Close()
	return a.readAt(ctx, o.at, func(snap *lake.Snapshot) error {
		return inStatement(sql, a.ask(ctx, engine, snap, sql, o))
	})
}

// readAt is read for a lake as it was at a size of its log; as it is for 0.
func (a *app) readAt(ctx context.Context, size int64, fn func(*lake.Snapshot) error) error {
	return a.read(func(snap *lake.Snapshot) error {
		if size == 0 {
			return fn(snap)
		}
		past, err := snap.At(ctx, size)
		if err != nil {
			return err
		}
		for id, all := range past.Gone {
			a.warn(fmt.Sprintf("of event data store %s, %s expired since then: what they had is missing", id, counted(int64(len(all)), "segment")))
		}
		return fn(past.Snapshot)
	})
}

// checkQuery refuses early what cannot work, and fills in the format.
func (a *app) checkQuery(args []string, o *queryOptions, shell bool) error {
	if err := errors.Join(checkSample(*o), a.checkTimeout()); err != nil {
		return err
	}
	var known bool
	if o.expand, known = result.ExpandNamed(o.expanded); !known {
		return usage(fmt.Errorf("query: --expand %q", o.expanded), "on, off or auto")
	}
	if o.at != 0 && (shell || o.at < 0) {
		return usage(errors.New("query: --at takes a size of the log, and SQL"), "tarn log shows the log's entries")
	}
	if len(args) > 1 && !o.sample.on {
		return usage(fmt.Errorf("query: %d arguments; the SQL is one", len(args)), "put the SQL in quotes")
	}
	if len(args) == 1 && o.file != "" {
		return usage(errors.New("query: SQL as an argument and in a file"), "give one of them")
	}
	if o.output == screen {
		o.output = ""
	}
	_, live := terminal(a.out)
	if shell && (!live || o.explain || o.output != "") {
		return usage(errors.New("query: give the SQL as an argument or as a file with -f"),
			`tarn query "SELECT count(*) FROM cloudtrail"`, "without SQL, and without options that need some, a terminal gets a shell")
	}
	if o.format == "" {
		o.format = usualFormat(live && o.output == "")
	}
	if !a.config.given("format") { // a file's name says more than a habit does
		o.format = formatOf(o.output, o.format)
	}
	if o.explain && !a.config.given("format") {
		o.format = "table"
	}
	if o.explain && o.format != "table" && o.format != "json" {
		return usage(fmt.Errorf("query: --explain has no format %q", o.format), "formats: table, json")
	}
	if o.explain && o.output != "" {
		return usage(errors.New("query: --explain prints a plan and takes no -o"))
	}
	if !slices.Contains(result.Formats(), o.format) {
		return usage(fmt.Errorf("query: --format %q", o.format), "formats: "+strings.Join(result.Formats(), ", "))
	}
	if result.Binary(o.format) && o.output == "" && live {
		return usage(fmt.Errorf("query: %s would garble the terminal", o.format), "write it to a file with -o FILE")
	}
	return nil
}

// checkSample refuses flags that do not go together with --sample, or without.
func checkSample(o queryOptions) error {
	switch flag := o.sample.given(); {
	case !o.sample.on && flag != "":
		return usage(fmt.Errorf("query: %s is for --sample", flag), "tarn query --sample lists the sample queries")
	case o.sample.on && o.file != "":
		return usage(errors.New("query: a sample query and SQL in a file"), "give one of them")
	case o.sample.show && o.output != "":
		return usage(errors.New("query: --show prints SQL and takes no -o"))
	case o.sample.show && o.explain:
		return usage(errors.New("query: --show and --explain"), "--show prints SQL, --explain what would be read")
	}
	return nil
}

// formatOf is the format of an answer: what the file's name says, else the one
// given.
func formatOf(output, format string) string {
	if ext := strings.TrimPrefix(filepath.Ext(output), "."); slices.Contains(result.Formats(), ext) {
		return ext
	}
	return format
}

// usualFormat is the format where nobody asks for one.
func usualFormat(live bool) string {
	if live {
		return "table"
	}
	return "ndjson"
}

// ask runs the statement over the snapshot.
func (a *app) ask(ctx context.Context, engine *query.Engine, snap *lake.Snapshot, sql string, o queryOptions) error {
	return a.inTime(ctx, func(ctx context.Context) error {
		if o.explain {
			return a.explain(ctx, engine, snap, sql, o.format)
		}
		res, err := engine.Run(ctx, snap, sql)
		if err != nil {
			return err
		}
		defer res.Close()
		return a.answer(ctx, res, o)
	})
}

// answer writes the rows where they are wanted.
func (a *app) answer(ctx context.Context, res *query.Result, o queryOptions) error {
	width, live := terminal(a.out)
	rows := a.watch(res, o.output == "" && live)
	defer rows.end()
	if o.output == "" {
		_, err := result.Write(ctx, a.out, o.format, rows, result.Options{Width: width, Message: a.err, Expand: o.expand})
		return err
	}
	var n int64
	err := intoFile(a.inDir(o.output), func(w io.Writer) (err error) {
		n, err = result.Write(ctx, w, o.format, rows, result.Options{Expand: o.expand})
		return err
	})
	rows.end()
	if err == nil && o.format == "table" {
		fmt.Fprintln(a.err, counted(n, "row"))
	}
	return err
}
