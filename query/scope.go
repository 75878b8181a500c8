package query

import (
	"context"
	"slices"
	"strings"

	"tarn/lake"
	"tarn/schemas"
)

// snapshot is what a query needs of a lake: *lake.Snapshot, or a test's.
type snapshot interface {
	LogSize() int64
	Stores() []lake.Store
	Store(ref string) (lake.Store, error)
	Segments(storeID string, conflicts bool) []lake.Segment
	Path(store string, seg lake.Segment) string
	Folders(store string) []string
	MayHold(store string, seg *lake.Segment, kind, value string) (bool, error)
	Away(store string, segments []lake.Segment) []lake.Segment
	Fetch(ctx context.Context, store string, segments []lake.Segment) error
	FetchNeedles(ctx context.Context, store string, segments []*lake.Segment) error
}

// relation is one thing in a FROM: a store, or something else whose columns
// may be known or not.
type relation struct {
	alias   string
	columns []schemas.Field // nil if they are not known

	// Of a store:
	table     node // where it stands in the tree; nil if this is not a store
	store     lake.Store
	conflicts bool
	athena    bool              // read as Athena's table
	parts     map[string]string // year, month and day that its rows have
	flat      bool              // its segments have promoted members of structs
	hidden    []string          // promoted columns that the statement reads
	whole     bool              // columns that nobody names count too
	nullable  bool              // on the side of an outer join that may be missing
	sampled   bool              // TABLESAMPLE: which rows it takes depends on all segments
	bounds    bounds
	needles   []needle

	// Of UNNEST(store.list) AS t: where its rows come from, and that it has
	// one column, named like itself.
	from     *relation
	fromList string
	implicit bool
}

// scope is what the names in one SELECT may mean.
type scope struct {
	outer     *scope
	tables    []string // common table expressions
	relations []*relation
	names     []string // result columns and parameters of lambdas, in lower case
	open      bool     // some names may mean what cannot be told here
	star      bool     // the select list has a *: hidden columns would show
	natural   bool     // a NATURAL JOIN: hidden columns would join
	using     []string // columns of USING: one stands for those of both sides
	grouped   []string // columns of the GROUP BY: what is made of them must be seen to be
}

// hasTable reports whether a common table expression of that name is in scope,
// as the engine sees it: only A to Z are the same as a to z. What it did not find
// there it would look for among its own tables.
func (s *scope) hasTable(name string) bool {
	for ; s != nil; s = s.outer {
		if slices.ContainsFunc(s.tables, func(t string) bool { return lowerASCII(t) == lowerASCII(name) }) {
			return true
		}
	}
	return false
}

func lowerASCII(s string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, s)
}

// meaning is what a reference to a column was found to be.
type meaning struct {
	relation *relation
	path     []schemas.Field // the column, and the struct fields below it
	local    bool            // of this very SELECT, not of one around it
	scope    *scope          // of the SELECT that it is of
	element  bool            // a field of an UNNESTed row, named without the row
}

// last is the field that the reference yields.
func (m meaning) last() schemas.Field { return m.path[len(m.path)-1] }

// dotted is the path as needles name it.
func (m meaning) dotted() string {
	var names []string
	path := m.path
	if m.relation.from != nil {
		names = append(names, m.relation.fromList)
		path = path[1:]
	}
	for _, f := range path {
		names = append(names, f.Name)
	}
	return strings.Join(names, ".")
}

// lookup finds what a reference means. Known is false if that cannot be told
// here; a meaning without relation is then no error.
func (s *scope) lookup(names []string) (m meaning, known bool, problem *columnProblem) {
	for local := true; s != nil; s, local = s.outer, false {
		if m, problem, ok := s.own(names); ok {
			m.local, m.scope = local, s
			return m, m.relation != nil, problem
		}
		if containsFold(s.names, names[0]) || s.open {
			return meaning{}, false, nil
		}
	}
	if len(names) == 1 && isClock(names[0]) {
		return meaning{}, false, nil
	}
	return meaning{}, true, &columnProblem{name: names[0]}
}

// own looks among the relations of this SELECT alone.
func (s *scope) own(names []string) (meaning, *columnProblem, bool) {
	if len(names) > 1 {
		for _, r := range s.relations {
			if !strings.EqualFold(r.alias, names[0]) {
				continue
			}
			if r.columns == nil {
				return meaning{}, nil, true
			}
			if m, problem, ok := r.find(names[1:]); ok {
				return m, problem, true
			}
			if r.implicit {
				m, problem, ok := r.find(append([]string{r.alias}, names[1:]...))
				return m, problem, ok
			}
			return meaning{}, &columnProblem{name: names[1], relation: r}, true
		}
	}
	for _, r := range s.relations {
		if m, problem, ok := r.find(names); ok {
			return m, problem, true
		}
	}
	for _, r := range s.relations { // Trino spreads an UNNESTed row over columns
		if r.implicit {
			if m, problem, ok := r.find(append([]string{r.alias}, names...)); ok && problem == nil {
				m.element = true
				return m, nil, true
			}
		}
	}
	return meaning{}, nil, false
}

// find looks for a column of the relation and follows the struct fields.
func (r *relation) find(names []string) (meaning, *columnProblem, bool) {
	name := names[0]
	if synonym := athenaSynonyms[strings.ToLower(name)]; r.athena && synonym != "" {
		name = synonym
	}
	f, ok := fieldNamed(r.columns, name)
	if !ok {
		return meaning{}, nil, false
	}
	m := meaning{relation: r, path: []schemas.Field{f}}
	for _, name := range names[1:] {
		parent := m.last()
		f, ok := fieldNamed(parent.Fields, name)
		if !ok || parent.Kind != schemas.Struct {
			return m, &columnProblem{name: name, relation: r, parent: m.path}, true
		}
		m.path = append(m.path, f)
	}
	return m, nil, true
}

func fieldNamed(fields []schemas.Field, name string) (schemas.Field, bool) {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return schemas.Field{}, false
}

// isClock reports whether a name without parentheses is a function.
func isClock(name string) bool {
	switch strings.ToLower(name) {
	case "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp":
		return true
	}
	return false
}

func containsFold(list []string, s string) bool {
	for _, e := range list {
		if strings.EqualFold(e, s) {
			return true
		}
	}
	return false
}
