package query

import (
	"slices"
	"strings"

	"tarn/lake"
	"tarn/schemas"
)

// Members of structs that audits ask for all the time stand in segments as flat
// columns too: the engine reads a struct with all that it has, however little of
// it is asked for.

// membersFlat reports whether all segments of a store have its promoted members.
// Those of format 1 do not.
func membersFlat(snap snapshot, store lake.Store, conflicts bool) bool {
	all := snap.Segments(store.ID, conflicts)
	for i := range all {
		if !all[i].MembersFlat() {
			return false
		}
	}
	return true
}

// promotedMember puts the flat column in place of a reference to a struct's
// member.
func (r *resolver) promotedMember(n node, m meaning) {
	rel := m.relation
	if rel.table == nil || rel.athena || !rel.flat || len(m.path) < 2 {
		return
	}
	path := m.dotted()
	for _, p := range rel.store.Schema().Promoted {
		if p.Member && p.Column+"."+p.Key == path {
			r.hide(n, m, texts(n, "column_names"), p)
			return
		}
	}
}

// hide puts the flat column in place of n, if nobody can tell: names are those by
// which n refers to the column. It reports whether it did.
func (r *resolver) hide(n node, m meaning, names []string, p schemas.Promoted) bool {
	rel, s := m.relation, m.scope
	above := m.path
	if p.Member { // by the member itself rows may be grouped
		above = m.path[:len(m.path)-1]
	}
	switch {
	case s.star || s.natural: // all columns show, or join: a hidden one would too
		return false
	case slices.ContainsFunc(above, func(f schemas.Field) bool { return containsFold(s.grouped, f.Name) }):
		return false // what is made of a column of the GROUP BY must be seen to be
	case strings.Contains(strings.ToLower(r.src.text), p.Name()): // it is a name of the user's
		return false
	case !s.sure(rel, names):
		return false
	}
	if !containsFold(rel.hidden, p.Name()) {
		rel.hidden = append(rel.hidden, p.Name())
	}
	become(n, columnRef(rel.alias, p.Name()))
	return true
}

// sure reports whether names that were found to be of a relation cannot be of
// another one: the engine says so if they are, and knows what USING makes of both.
func (s *scope) sure(rel *relation, names []string) bool {
	bare := len(names) == 1 || !strings.EqualFold(names[0], rel.alias)
	if bare && (containsFold(s.using, names[0]) || containsFold(s.names, names[0])) {
		return false
	}
	return !slices.ContainsFunc(s.relations, func(other *relation) bool {
		_, _, has := other.find(names[:1])
		return other != rel && (strings.EqualFold(other.alias, rel.alias) || bare && has)
	})
}

// calledByName returns the last part of each column that a SELECT gives without
// an alias; the engine would call it so.
func calledByName(n node) []string {
	items := children(n, "select_list")
	names := make([]string, len(items))
	for i, item := range items {
		if parts := texts(item, "column_names"); kind(item) == "COLUMN_REF" && len(parts) > 1 && str(item, "alias") == "" {
			names[i] = parts[len(parts)-1]
		}
	}
	return names
}

// keepNames gives a column its name where a flat one took its place.
func keepNames(n node, names []string) {
	for i, item := range children(n, "select_list") {
		if parts := texts(item, "column_names"); names[i] != "" && len(parts) > 0 && parts[len(parts)-1] != names[i] {
			item["alias"] = names[i]
		}
	}
}
