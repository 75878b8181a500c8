package query

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tarn/internal/hint"
	"tarn/internal/nearest"
	"tarn/lake"
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
func (e *Engine) parse(ctx context.Context, snap snapshot, sql string) (*Statement, error) {
	src, err := newSource(sql, storeRefs(snap))
	if err != nil {
		return nil, err
	}
	text, err := e.duck.Parse(ctx, src.text)
	if err != nil {
		return nil, translate(ctx, src, nil, err)
	}
	tree, err := decodeTree(text)
	if err != nil {
		return nil, src.fault(-1, "a number in the statement is too large")
	}
	query, err := onlySelect(src, tree)
	if err != nil {
		return nil, err
	}
	nameColumns(query)
	c := &checker{src: src}
	if err := c.walk(query); err != nil {
		return nil, err
	}
	r := &resolver{src: src, snap: snap, eval: e.evaluator(ctx)}
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
	if strings.HasPrefix(msg, "Max expression depth") {
		return misfit(src, msg)
	}
	pos, numErr := strconv.Atoi(str(tree, "position"))
	if numErr != nil {
		pos = -1
	}
	if strings.HasPrefix(msg, "syntax error at or near") && pos >= 0 { // in the user's words
		near := nextToken(src.user, src.userPos(pos))
		for near.blank() && near.end() < len(src.user) {
			near = nextToken(src.user, near.end())
		}
		msg = "syntax error at or near \"" + near.text + "\""
	}
	err := src.faultAt(pos, msg)
	if near := keywordMeant(src.text, pos); near != "" {
		return hint.Add(err, "did you mean "+near+"?")
	}
	return err
}

// keywordMeant returns the keyword that the word where the parser stopped, or
// the one before it, which it took for an alias, was meant to be.
func keywordMeant(sql string, pos int) string {
	all := slices.DeleteFunc(tokens(sql), token.blank)
	stop := slices.IndexFunc(all, func(t token) bool { return t.pos >= pos })
	if stop < 0 {
		stop = len(all)
	}
	for _, i := range []int{stop - 1, stop} {
		if i < 0 || i >= len(all) || all[i].kind != wordToken || len(all[i].text) < 4 {
			continue
		}
		word := strings.ToUpper(all[i].text)
		if near := nearest.Of(word, clauses); near != "" && near != word && !slices.Contains(keywords, word) {
			return near
		}
	}
	return ""
}

// clauses are keywords that are often misspelt.
var clauses = []string{"SELECT", "DISTINCT", "FROM", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "JOIN", "LEFT", "INNER",
	"CROSS", "UNION", "UNNEST", "BETWEEN", "WITH"}
