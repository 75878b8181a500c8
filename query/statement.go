package query

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tarn/internal/hint"
	"tarn/lake"
	"tarn/query/internal/duck"
)

// Statement is one SELECT that was checked against a snapshot: it reads stores
// of the snapshot and nothing else, and calls harmless functions only.
type Statement struct {
	src    *source
	tree   node        // what the parser printed, with names and rules applied
	stores []*relation // each place where it reads a store
}

// Stores returns the event data stores that the statement reads, each once.
func (s *Statement) Stores() []lake.Store {
	var all []lake.Store
	seen := map[string]bool{}
	for _, r := range s.stores {
		if !seen[r.store.ID] {
			seen[r.store.ID] = true
			all = append(all, r.store)
		}
	}
	return all
}

// parse checks a statement and applies the dialect's rules to its tree.
func parse(ctx context.Context, p *duck.Parser, snap snapshot, sql string) (*Statement, error) {
	src, err := newSource(sql, storeRefs(snap))
	if err != nil {
		return nil, err
	}
	text, err := p.Parse(ctx, src.text)
	if err != nil {
		return nil, translate(src, nil, err)
	}
	tree, err := decodeTree(text)
	if err != nil {
		return nil, src.fault(-1, "a number in the statement is too large")
	}
	query, err := onlySelect(src, tree)
	if err != nil {
		return nil, err
	}
	nameColumns(src, query)
	c := &checker{src: src}
	if err := c.walk(query); err != nil {
		return nil, err
	}
	r := &resolver{src: src, snap: snap}
	r.query(query, nil)
	if r.err == nil && r.tables != c.tables {
		r.err = src.fault(-1, "a table stands where none is expected")
	}
	if r.err != nil {
		return nil, r.err
	}
	return &Statement{src: src, tree: tree, stores: r.stores}, nil
}

// storeRefs returns the names and ids of the stores.
func storeRefs(snap snapshot) []string {
	var refs []string
	for _, s := range snap.Stores() {
		refs = append(refs, s.Name, s.ID)
	}
	return refs
}

// onlySelect returns the query node of the only statement.
func onlySelect(src *source, tree node) (node, error) {
	if failed, _ := tree["error"].(bool); failed {
		return nil, parserFault(src, tree)
	}
	statements := children(tree, "statements")
	if len(statements) != 1 {
		return nil, src.fault(-1, fmt.Sprintf("one SELECT statement is wanted, not %d", len(statements)))
	}
	query := child(statements[0], "node")
	if query == nil {
		return nil, src.fault(-1, "this is not a SELECT statement")
	}
	return query, nil
}

// parserFault makes an error of what the parser says.
func parserFault(src *source, tree node) error {
	msg := str(tree, "error_message")
	if strings.HasPrefix(msg, "Only SELECT") {
		return hint.Add(src.fault(0, "only SELECT statements are allowed"),
			"events come in with tarn import, and leave by retention only")
	}
	msg, _, _ = strings.Cut(msg, "\n")
	pos, err := strconv.Atoi(str(tree, "position"))
	if err != nil {
		pos = -1
	}
	return src.faultAt(pos, msg)
}

// translate makes an error of DuckDB's one that speaks of the user's text. Src
// may be nil where it is too late for errors of syntax.
func translate(src *source, files duck.Files, err error) error {
	var from *duck.Error
	if !errors.As(err, &from) {
		return err
	}
	msg := withoutPaths(firstSentence(from.Msg), files)
	switch {
	case from.Kind == duck.Statement || from.Kind == duck.Value && src != nil:
		return misfit(src, msg)
	case from.Kind == duck.Value:
		return hint.Add(fmt.Errorf("run the query: %s", msg), adviceFor(msg)...)
	case from.Kind == duck.Memory:
		return hint.Add(errors.New("run the query: it needs more memory than it may have"),
			"ask for fewer columns or a shorter time, or give it more memory")
	}
	return fmt.Errorf("run the query: %s", msg)
}

// adviceFor says what helps against a value that does not fit.
func adviceFor(msg string) []string {
	switch {
	case strings.Contains(msg, "timestamp field") || strings.Contains(msg, "date field"):
		return []string{"times are written like '2026-10-12 00:00:00', days like '2026-10-12'"}
	case strings.HasPrefix(msg, "Could not convert"):
		return []string{"TRY_CAST gives NULL for what does not fit"}
	}
	return nil
}

// plainer are DuckDB's ways to say what has a shorter name.
var plainer = []struct{ prefix, suffix, msg string }{
	{`Referenced column "`, `" not found in FROM clause!`, "no column %q"},
	{`Column "`, `" referenced that exists in the SELECT clause`, "no column %q"},
	{`Referenced table "`, `" not found!`, "no table or alias %q in FROM"},
	{`Scalar Function with name `, ` does not exist!`, "no function %q"},
	{`Could not find key "`, `" in struct`, "no field %q"},
}

// misfit is an error of names or types. Its place is that of the name it is
// about, if the text has it only once.
func misfit(src *source, msg string) error {
	for _, p := range plainer {
		if rest, ok := strings.CutPrefix(msg, p.prefix); ok {
			if name, _, ok := strings.Cut(rest, p.suffix); ok {
				return placed(src, name, fmt.Sprintf(p.msg, name))
			}
		}
	}
	if parts := strings.SplitN(msg, `"`, 3); len(parts) == 3 {
		return placed(src, parts[1], msg)
	}
	return placed(src, "", msg)
}

func placed(src *source, name, msg string) error {
	if src == nil {
		return &SyntaxError{Msg: msg}
	}
	pos := -1
	for _, t := range tokens(src.user) {
		if name == "" || !strings.EqualFold(strings.Trim(t.text, `"`), name) {
			continue
		}
		if pos >= 0 {
			return src.fault(-1, msg)
		}
		pos = t.pos
	}
	return src.fault(pos, msg)
}

// firstSentence leaves out DuckDB's lists of candidates.
func firstSentence(msg string) string {
	msg, _, _ = strings.Cut(msg, "\n")
	msg, _, _ = strings.Cut(msg, " You might need to")
	return strings.TrimSpace(msg)
}

// withoutPaths leaves out where the segments lie.
func withoutPaths(msg string, files duck.Files) string {
	for _, list := range files {
		for _, f := range list {
			msg = strings.ReplaceAll(msg, f, "a segment")
		}
	}
	return msg
}
