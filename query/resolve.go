package query

import (
	"fmt"
	"slices"
	"strings"

	"tarn/internal/hint"
	"tarn/internal/nearest"
	"tarn/lake"
)

// resolver gives every name in the tree its meaning: which tables are stores,
// which columns are theirs, and what that allows the planner to do.
type resolver struct {
	src    *source
	snap   snapshot
	tables int         // BASE_TABLE nodes met
	stores []*relation // in the order of the text
	names  int         // names made up so far
	plain  int         // how many expressions around want rows without names
	err    error       // the first problem

	// eval works out a constant expression; it returns its type and its text.
	eval func(expression node) (kind, value string)
}

// query resolves a query node. What it may refer to beside its own relations
// is in outer.
func (r *resolver) query(n node, outer *scope) {
	s := &scope{outer: outer}
	for _, entry := range children(child(n, "cte_map"), "map") {
		r.query(child(child(child(entry, "value"), "query"), "node"), s) // each sees those before it
		s.tables = append(s.tables, str(entry, "key"))
	}
	switch kind(n) {
	case "SELECT_NODE":
		r.selects(n, s)
	case "SET_OPERATION_NODE":
		r.query(child(n, "left"), s)
		r.query(child(n, "right"), s)
		r.expressions(n["modifiers"], &scope{outer: s, open: true})
	case "RECURSIVE_CTE_NODE": // only the second half sees itself
		r.query(child(n, "left"), s)
		r.query(child(n, "right"), &scope{outer: s, tables: []string{str(n, "cte_name")}})
		r.expressions(n["modifiers"], &scope{outer: s, open: true})
		r.expressions(n["modifiers"], &scope{outer: s, open: true})
	}
}

// selects resolves one SELECT.
func (r *resolver) selects(n node, s *scope) {
	from := child(n, "from_table")
	s.joins(from)
	s.star = showsAll(n) || showsRow(n, tableAliases(from))
	s.grouped = groupedColumns(n)
	r.from(from, s, false)
	for _, item := range children(n, "select_list") {
		// A column that is only called by its name says nothing about whether
		// there is such a column.
		if alias := str(item, "alias"); alias != "" && !slices.Equal(texts(item, "column_names"), []string{alias}) {
			s.names = append(s.names, alias)
		}
	}
	for _, rel := range s.relations { // USING SAMPLE comes before WHERE
		rel.sampled = rel.sampled || n["sample"] != nil
	}
	r.conditions(child(n, "where_clause"), s)
	for _, rel := range s.relations {
		rel.dateBound()
	}
	r.joinConditions(from, s)
	named := calledByName(n)
	for _, key := range sortedKeys(n) {
		if key != "from_table" && key != "cte_map" {
			r.expressions(n[key], s)
		}
	}
	keepNames(n, named)
}

// from adds the relations of a FROM to the scope. Nullable is set on the side
// of an outer join that may be missing.
func (r *resolver) from(n node, s *scope, nullable bool) {
	switch kind(n) {
	case "JOIN":
		join := str(n, "join_type")
		r.from(child(n, "left"), s, nullable || join == "RIGHT" || join == "FULL")
		// The right side of a semi or anti join is no part of the result, and
		// of an anti join what is left out would come back as rows.
		r.from(child(n, "right"), s, nullable || join != "INNER" && join != "RIGHT")
	case "BASE_TABLE":
		r.table(n, s, nullable)
	case "SUBQUERY":
		r.query(child(child(n, "subquery"), "node"), s)
		s.open = true
	case "TABLE_FUNCTION":
		r.unnest(n, s, nullable)
	case "EXPRESSION_LIST":
		r.expressions(n["values"], s)
		s.open = true
	}
}

// table adds a store, or a common table expression.
func (r *resolver) table(n node, s *scope, nullable bool) {
	r.tables++
	name, schema := str(n, "table_name"), str(n, "schema_name")
	plain := schema == "" && str(n, "catalog_name") == ""
	if plain && s.hasTable(name) {
		s.open = true
		return
	}
	store, suffix, err := r.store(n, name, schema, plain)
	if err != nil {
		r.fail(err)
		s.open = true
		return
	}
	rel := &relation{
		alias: str(n, "alias"), table: n, store: store, conflicts: suffix == lake.ConflictsSuffix, athena: suffix == athenaSuffix,
		columns: store.Schema().Columns, nullable: nullable, sampled: n["sample"] != nil, whole: s.star || s.natural,
	}
	rel.flat = membersFlat(r.snap, store, rel.conflicts)
	if rel.athena {
		rel.columns = athenaFields(store.Schema())
	}
	if rel.alias == "" {
		rel.alias = name
	}
	if len(texts(n, "column_name_alias")) > 0 {
		rel.columns, rel.whole, s.open = nil, true, true // FROM store t(a, b, …): the names are the user's
	}
	s.relations = append(s.relations, rel)
	r.stores = append(r.stores, rel)
}

// suffixes are what may stand behind a store's name.
var suffixes = []string{lake.ConflictsSuffix, athenaSuffix}

// store finds the store that a FROM names, and the suffix behind its name.
func (r *resolver) store(n node, name, schema string, plain bool) (store lake.Store, suffix string, err error) {
	if !plain && str(n, "catalog_name") == "" && containsFold(suffixes, "."+name) {
		name, plain = schema+"."+name, true
	}
	if !plain {
		name = strings.Trim(str(n, "catalog_name")+"."+schema+"."+name, ".")
	}
	if s, ok := r.known(name); ok && plain {
		return s, "", r.usable(n, s)
	}
	for _, suffix := range suffixes {
		base := len(name) - len(suffix)
		if !plain || base <= 0 || !strings.EqualFold(name[base:], suffix) {
			continue
		}
		if s, ok := r.known(name[:base]); ok {
			if suffix == athenaSuffix && !hasAthena(s) {
				return s, "", r.src.faultAt(at(n), fmt.Sprintf("%s has %s: only CloudTrail's have a table in Athena", s.Name, s.Family))
			}
			return s, suffix, r.usable(n, s)
		}
	}
	return lake.Store{}, "", r.noStore(n, name)
}

// noStore is the error for a name that is no store's.
func (r *resolver) noStore(n node, name string) error {
	if looksLikeFile(name) {
		err := r.src.faultAt(at(n), "files cannot be read: FROM takes the name of an event data store")
		return hint.Add(err, "bring the events of a file in with: tarn import")
	}
	_, err := r.snap.Store(name)
	if err == nil { // the lake knows names that we do not: ours must be found
		err = fmt.Errorf("no event data store %q", name)
	}
	var names []string
	for _, st := range r.snap.Stores() {
		names = append(names, st.Name)
	}
	if near := nearest.Of(name, names); near != "" {
		err = hint.Add(err, "did you mean "+near+"?")
	}
	return r.src.wrapAt(at(n), err)
}

// usable refuses a store that is pending deletion.
func (r *resolver) usable(n node, s lake.Store) error {
	if err := s.Usable(); err != nil {
		return r.src.wrapAt(at(n), err)
	}
	return nil
}

// known finds a store by its name in any case, its id or its ARN.
func (r *resolver) known(ref string) (lake.Store, bool) {
	stores := r.snap.Stores()
	for _, s := range stores {
		if s.Name == ref || strings.EqualFold(s.ID, ref) || strings.EqualFold(s.ARN(), ref) {
			return s, true
		}
	}
	for _, s := range stores {
		if strings.EqualFold(s.Name, ref) {
			return s, true
		}
	}
	if strings.HasPrefix(ref, "arn:") { // of another region or account: the id decides
		if s, err := r.snap.Store(ref); err == nil {
			return s, true
		}
	}
	return lake.Store{}, false
}

func looksLikeFile(name string) bool {
	lower := strings.ToLower(name)
	for _, suffix := range []string{".parquet", ".csv", ".json", ".json.gz", ".ndjson", ".db", ".duckdb", ".txt"} {
		if strings.HasSuffix(lower, suffix) {
			return true
		}
	}
	return strings.ContainsAny(name, `/\*`) && !strings.HasPrefix(lower, "arn:")
}

// joinConditions resolves what stands behind ON.
func (r *resolver) joinConditions(n node, s *scope) {
	if kind(n) != "JOIN" {
		return
	}
	r.joinConditions(child(n, "left"), s)
	r.joinConditions(child(n, "right"), s)
	r.expressions(n["condition"], s)
}

func (r *resolver) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}
