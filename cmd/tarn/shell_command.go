package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"tarn/internal/nearest"
	"tarn/lake"
	"tarn/query"
	"tarn/query/result"
	"tarn/schemas"
)

// shellCommand is a command of the shell, which starts with a backslash.
type shellCommand struct {
	name, args, what string
	run              func(s *shell, ctx context.Context, args string) error
}

func shellCommands() []shellCommand {
	return []shellCommand{
		{`\d`, "[STORE [COLUMN]]", "the event data stores; the columns of one; the fields of a column", (*shell).describe},
		{`\x`, "[on|off|auto]", "a line for each column: always, never, or where rows are too wide", (*shell).setExpand},
		{`\format`, "[FORMAT]", "table, json, ndjson or csv; \\o FILE.parquet and \\o FILE.arrow go by the name", (*shell).setFormat},
		{`\o`, "[FILE]", "write the next answer to this file", (*shell).setOutput},
		{`\i`, "FILE", "run the statements in this file", (*shell).include},
		{`\explain`, "SQL", "say what would be read, and why", (*shell).explainCommand},
		{`\samples`, "[NAME|WORDS]", "list sample queries; run one, with PARAMETER=VALUE, from=DAY, to=DAY behind it", (*shell).samplesCommand},
		{`\timing`, "[on|off]", "show or hide rows, time and segments behind an answer", (*shell).toggleTiming},
		{`\r`, "", "forget the statement typed so far; ^C does too", (*shell).reset},
		{`\?`, "", `this help; also \h`, (*shell).help},
		{`\q`, "", "leave; ^D does too", func(*shell, context.Context, string) error { return errQuit }},
	}
}

// bareCommands are what people type who do not know the shell.
var bareCommands = map[string]string{
	"exit": `\q`, "quit": `\q`, "exit;": `\q`, "quit;": `\q`, "help": `\?`, "help;": `\?`, `\h`: `\?`, `\quit`: `\q`, `\help`: `\?`,
}

// command runs a command. Its only error is errQuit; all others are said.
func (s *shell) command(ctx context.Context, line string) error {
	if bare := bareCommands[strings.ToLower(line)]; bare != "" {
		line = bare
	}
	name, args, _ := strings.Cut(line, " ")
	args = strings.TrimSpace(args)
	var names []string
	for _, c := range shellCommands() {
		if c.name == name {
			if err := s.lines.Pause(); err != nil {
				return err
			}
			err := c.run(s, ctx, args)
			if errors.Is(err, errQuit) {
				return err
			}
			if !said(err) {
				s.complain(err)
			}
			return nil
		}
		names = append(names, c.name)
	}
	advice := `\? lists the commands`
	if near := nearest.Of(name, names); near != "" {
		advice = "did you mean " + near + "?"
	}
	s.complainOf(usage(fmt.Errorf("no command %s", name), advice))
	return nil
}

func (s *shell) help(context.Context, string) error {
	for _, c := range shellCommands() {
		fmt.Fprintf(s.out, "  %-24s %s\n", c.name+" "+c.args, c.what)
	}
	_, err := fmt.Fprint(s.out, `
SQL ends with a semicolon and may have several lines. TAB completes names, ^C
stops an answer. The arrows go through what was typed before, ^R searches it as
you type: ^R again for older, Enter runs what is found, ^G or Esc leaves.
Columns: docs/schemas.md. SQL: docs/sql.md.
`)
	return err
}

// setExpand says when rows are expanded; without a word, always or not always.
func (s *shell) setExpand(_ context.Context, to string) error {
	expand, known := result.ExpandNamed(strings.ToLower(to))
	switch {
	case known:
		s.expand = expand
	case to != "":
		return usage(fmt.Errorf(`\x: %q is neither on, off nor auto`, to), `\x on, \x off, \x auto for rows that are too wide, or \x for the other`)
	case s.expand == result.ExpandAlways:
		s.expand = result.ExpandWide
	default:
		s.expand = result.ExpandAlways
	}
	_, err := fmt.Fprintln(s.err, "expanded:", s.expand)
	return err
}

// toggleTiming turns timing on or off, or over if nobody says which.
func (s *shell) toggleTiming(_ context.Context, to string) error {
	switch strings.ToLower(to) {
	case "":
		s.timing = !s.timing
	case "on", "off":
		s.timing = strings.EqualFold(to, "on")
	default:
		return usage(fmt.Errorf(`\timing: %q is neither on nor off`, to), `\timing on, \timing off, or \timing for the other`)
	}
	_, err := fmt.Fprintln(s.err, "timing:", onOff(s.timing))
	return err
}

func (s *shell) setFormat(_ context.Context, format string) error {
	switch {
	case format == "":
		_, err := fmt.Fprintln(s.err, "format:", s.format)
		return err
	case result.Binary(format):
		return usage(fmt.Errorf("the terminal would be garbled by %s", format), fmt.Sprintf(`\o answer.%[1]s writes the next answer as %[1]s`, format))
	case !slices.Contains(result.Formats(), format):
		return usage(fmt.Errorf("no format %q", format), "formats: "+strings.Join(result.Formats(), ", "))
	}
	s.format = format
	return nil
}

func (s *shell) setOutput(_ context.Context, file string) error {
	if s.output = file; file == "" || file == screen {
		s.output = ""
		return nil
	}
	_, err := fmt.Fprintf(s.err, "the next answer goes to %s, as %s\n", file, formatOf(file, s.format))
	return err
}

func (s *shell) reset(context.Context, string) error {
	s.buffer = ""
	return nil
}

// include runs the statements of a file, until ^C. Errors tell lines of the file.
func (s *shell) include(ctx context.Context, file string) error {
	if file == "" {
		return usage(errors.New(`\i: no file named`), `\i questions.sql`)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return usage(err)
	}
	for _, p := range pieces(string(text)) {
		err := s.try(ctx, p.Text, s.asked.answer)
		if errors.Is(err, errCancelled) || ctx.Err() != nil {
			break
		}
		if err != nil {
			s.complain(inFile(file, p, err))
		}
	}
	return nil
}

// inFile is the error of a statement in a file: with its place in the file, or
// with that of the statement if it has none.
func inFile(file string, p query.Piece, err error) error {
	if _, _, ok := query.Place(err); !ok {
		return fmt.Errorf("%s:%d: %w", file, p.Line, err)
	}
	return fmt.Errorf("%s:%w", file, query.Move(inStatement(p.Text, err), p))
}

func (s *shell) explainCommand(ctx context.Context, sql string) error {
	if sql = strings.TrimSpace(sql); sql == "" {
		return usage(errors.New(`\explain: no SQL given`), `\explain SELECT count(*) FROM cloudtrail`)
	}
	return inStatement(sql, s.try(ctx, sql, s.asked.explain))
}

// describe lists stores, columns or fields.
func (s *shell) describe(ctx context.Context, args string) error {
	all, err := s.holds(ctx)
	if err != nil {
		return err
	}
	var r *rows
	if names := strings.Fields(args); len(names) > 0 {
		st, err := storeAmong(all, strings.Trim(names[0], `";`))
		if err != nil {
			return err
		}
		if r, err = columnsOf(st, names[1:]); err != nil {
			return err
		}
	} else {
		r = newRows("store", "family", "events#", "first", "last")
		for _, st := range all {
			r.add(st.Name, st.Family, st.events, timeOf(st.first), timeOf(st.last))
		}
	}
	page := s.page()
	width, _ := terminal(s.out)
	return page.end(r.write(ctx, page, s.format, result.Options{Width: width}))
}

func columnsOf(st lake.Store, column []string) (*rows, error) {
	schema := st.Schema()
	if schema == nil {
		return nil, fmt.Errorf("the family %s of %s is not known to this version", st.Family, st.Name)
	}
	if len(column) > 0 {
		c, ok := schema.Column(column[0])
		if !ok {
			return nil, usage(fmt.Errorf("no column %q in event data store %q", column[0], st.Name), `\d `+st.Name+" lists them")
		}
		r := newRows("field", "type")
		addFields(r, query.Label(c), c)
		return r, nil
	}
	r := newRows("column", "type", "what~")
	for _, c := range schema.Columns {
		r.add(query.Label(c), shortType(c), schemas.Describe(c.Name))
	}
	return r, nil
}

// addFields adds a field and all below it, with their paths.
func addFields(r *rows, path string, f schemas.Field) {
	r.add(path, shortType(f))
	if f.Kind == schemas.List {
		path += "[n]"
	}
	for _, part := range f.Fields {
		addFields(r, path+"."+query.Label(part), part)
	}
}

// shortType is a type without its fields.
func shortType(f schemas.Field) string {
	switch f.Kind {
	case schemas.Struct:
		return fmt.Sprintf("struct of %d", len(f.Fields))
	case schemas.List:
		return fmt.Sprintf("array of struct of %d", len(f.Fields))
	}
	return f.Type()
}

// completeCommand completes commands, and what they are about.
func (s *shell) completeCommand(typed string) (start int, candidates []string) {
	name, arg, ok := strings.Cut(strings.TrimLeft(typed, " "), " ")
	if !ok {
		for _, c := range shellCommands() {
			if strings.HasPrefix(c.name, name) {
				candidates = append(candidates, c.name)
			}
		}
		return len(typed) - len(name), candidates
	}
	last := arg[strings.LastIndexByte(arg, ' ')+1:]
	var all []string
	switch {
	case name == `\explain`:
		start, candidates := query.Complete(arg, len(arg), s.stores)
		return start + len(typed) - len(arg), candidates
	case name == `\x`:
		all = result.Expansions()
	case name == `\timing`:
		all = []string{"on", "off"}
	case name == `\format`:
		all = inspectFormats()
	case name == `\samples` && last == arg:
		all = sampleNames()
	case name == `\d` && last == arg:
		for _, st := range s.stores {
			all = append(all, st.Name)
		}
	case name == `\d`:
		for _, st := range s.stores {
			if first, _, _ := strings.Cut(arg, " "); strings.EqualFold(st.Name, first) && st.Schema() != nil {
				for _, c := range st.Schema().Columns {
					all = append(all, query.Label(c))
				}
			}
		}
	}
	for _, c := range all {
		if len(c) >= len(last) && strings.EqualFold(c[:len(last)], last) {
			candidates = append(candidates, c)
		}
	}
	return len(typed) - len(last), candidates
}
