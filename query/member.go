package query

import (
	"slices"

	"tarn/lake"
)

// Members of structs that audits ask for all the time stand in segments as flat
// columns too: the engine reads a struct with all that it has, however little of
// it is asked for.

// membersFlat reports whether all segments of a store have its promoted members.
// Those of format 1 do not.
func membersFlat(snap snapshot, store lake.Store, conflicts bool) bool {
	return !slices.ContainsFunc(snap.Segments(store.ID, conflicts), func(s lake.Segment) bool { return !s.MembersFlat() })
}

// promotedMember puts the flat column in place of a reference to a struct's
// member. Where all columns show, a hidden one would too; and where rows are
// grouped by the struct, what is made of it must be seen to be.
func promotedMember(n node, m meaning) {
	rel, s := m.relation, m.scope
	if rel.table == nil || rel.athena || !rel.flat || s.star || s.natural || len(m.path) < 2 {
		return
	}
	for _, parent := range m.path[:len(m.path)-1] {
		if containsFold(s.grouped, parent.Name) {
			return
		}
	}
	path := m.dotted()
	for _, p := range rel.store.Schema().Promoted {
		if !p.Member || p.Column+"."+p.Key != path {
			continue
		}
		if !containsFold(rel.hidden, p.Name()) {
			rel.hidden = append(rel.hidden, p.Name())
		}
		become(n, columnRef(rel.alias, p.Name()))
	}
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
