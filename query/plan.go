package query

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"tarn/lake"
	"tarn/query/internal/duck"
	"tarn/schemas"
)

// Plan is what a statement will read, and what was left out and why.
type Plan struct {
	// LogSize is the size of the log that the snapshot stands on.
	LogSize int64
	// Scans are the stores, once for each place in the statement.
	Scans []Scan
	// SQL is what the engine gets, with the names of scans where it will read
	// their segments.
	SQL string

	src     *source
	snap    snapshot
	files   duck.Files
	folders []string // of the stores: what the query may read
	newest  *newest  // what it asks for, if that tells more about what to read
}

// Scan is a reading of one store.
type Scan struct {
	// Name names the scan in the plan's SQL.
	Name string
	// Store is what is read; Conflicts if it is its conflicting records, Athena
	// if it is read as Athena's table.
	Store     lake.Store
	Conflicts bool
	Athena    bool
	// Kept are the segments that are read. ByTime and ByNeedle are those that
	// were left out, because of the time of their events, or because a filter
	// says that they do not have a value.
	Kept             []lake.Segment
	ByTime, ByNeedle []*lake.Segment
	// Counted are those of which no more is asked than the log says: how many events
	// they have, and the times of the first and the last.
	Counted []*lake.Segment
	// Beyond are those that are older, or newer, than the rows that are asked for. More
	// of them may be found when the statement begins to run.
	Beyond []*lake.Segment
	// Away are those of Kept that have to be fetched first, from where they lie.
	Away []lake.Segment
	// Why are the conditions that were used, in words.
	Why string
	// Filters are the conditions that needle filters were asked about, and how
	// many segments each left out: the first that says no ends the asking.
	Filters []Filter

	columns []viewColumn   // that are read
	counts  *counter       // what is asked of the log
	files   []string       // those of Kept
	without []lake.Numbers // of events that are not of the snapshot
}

// cutSuffix ends the name of the list of those segments that have events which are not of
// the snapshot.
const cutSuffix = "_cut"

// Filter is a condition on a needle, in words, and what it left out.
type Filter struct {
	Condition string `json:"condition"`
	LeftOut   int    `json:"left_out"`
}

// Source is the store's name with what stands behind it in FROM.
func (s Scan) Source() string {
	switch {
	case s.Conflicts:
		return s.Store.Name + lake.ConflictsSuffix
	case s.Athena:
		return s.Store.Name + athenaSuffix
	}
	return s.Store.Name
}

// segments is how many segments there are, read or not.
func (s Scan) segments() int {
	return len(s.Kept) + len(s.ByTime) + len(s.ByNeedle) + len(s.Counted) + len(s.Beyond)
}

// Bytes is the size of the files that are read.
func (s Scan) Bytes() int64 { return size(s.Kept) }

// Bytes is the size of the files that are read.
func (p *Plan) Bytes() int64 {
	var n int64
	for _, s := range p.Scans {
		n += s.Bytes()
	}
	return n
}

// Events is how many events the segments have that are read.
func (p *Plan) Events() int64 {
	var n int64
	for _, s := range p.Scans {
		for _, seg := range s.Kept {
			n += seg.Rows
		}
	}
	return n
}

// Stores are the ids of the stores that are read, each once.
func (p *Plan) Stores() []string {
	var ids []string
	for _, s := range p.Scans {
		if !slices.Contains(ids, s.Store.ID) {
			ids = append(ids, s.Store.ID)
		}
	}
	return ids
}

// Segments returns how many segments are read, of how many.
func (p *Plan) Segments() (kept, all int) {
	for _, s := range p.Scans {
		kept += len(s.Kept)
		all += s.segments()
	}
	return kept, all
}

func size(segments []lake.Segment) int64 {
	var n int64
	for _, s := range segments {
		n += s.Parquet.Bytes
	}
	return n
}

func sizeOf(segments []*lake.Segment) int64 {
	var n int64
	for _, s := range segments {
		n += s.Parquet.Bytes
	}
	return n
}

// String prints the plan for a person.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "snapshot: log size %d\n", p.LogSize)
	for _, s := range p.Scans {
		fmt.Fprintf(&b, "%s: %s, %d of %d segments, %d of %d bytes\n", s.Name, s.Source(),
			len(s.Kept), s.segments(), s.Bytes(), s.Bytes()+sizeOf(s.ByTime)+sizeOf(s.ByNeedle)+sizeOf(s.Counted)+sizeOf(s.Beyond))
		if s.Why != "" {
			fmt.Fprintf(&b, "  where %s\n", s.Why)
		}
		if n := len(s.Counted); n > 0 {
			fmt.Fprintf(&b, "  answered by the log: %d, %d bytes\n", n, sizeOf(s.Counted))
		}
		if n := len(s.Beyond); n > 0 {
			fmt.Fprintf(&b, "  left out by order: %d, %d bytes\n", n, sizeOf(s.Beyond))
		}
		if p.newest != nil && len(s.Kept) > fewSegments {
			fmt.Fprintf(&b, "  read in order until there are enough rows: %d\n", p.newest.rows)
		}
		if n := len(s.Away); n > 0 {
			fmt.Fprintf(&b, "  to be fetched: %d, %d bytes\n", n, size(s.Away))
		}
		if n := len(s.ByTime); n > 0 {
			fmt.Fprintf(&b, "  left out by time: %d, %d bytes\n", n, sizeOf(s.ByTime))
		}
		if n := len(s.ByNeedle); n > 0 {
			fmt.Fprintf(&b, "  left out by needle filters: %d, %d bytes\n", n, sizeOf(s.ByNeedle))
		}
		for _, f := range s.Filters {
			if f.LeftOut > 0 && len(s.Filters) > 1 {
				fmt.Fprintf(&b, "    %d by %s\n", f.LeftOut, f.Condition)
			}
		}
	}
	fmt.Fprintf(&b, "sql: %s\n", p.SQL)
	return b.String()
}

// makePlan decides which segments a statement reads and puts them in place of
// the stores in its tree. The statement is used up.
func makePlan(ctx context.Context, p duck.Engine, snap snapshot, stmt *Statement) (*Plan, error) {
	plan := &Plan{LogSize: snap.LogSize(), src: stmt.src, snap: snap, newest: newestOf(stmt)}
	counts := countable(stmt)
	for i, rel := range stmt.stores {
		scan, err := choose(ctx, snap, rel, counts != nil)
		if err != nil {
			return nil, err
		}
		if len(scan.Counted) > 0 {
			counts.change()
			scan.counts = counts
		}
		scan.Name = freeName(stmt.src.text, "scan", i+1)
		plan.folders = append(plan.folders, snap.Folders(rel.store.ID)...)
		place(rel, scan.Name)
		plan.Scans = append(plan.Scans, scan)
	}
	if err := plan.order(ctx, p, stmt); err != nil {
		return nil, err
	}
	plan.list()
	for i := range plan.Scans {
		scan := &plan.Scans[i]
		scan.Away = snap.Away(scan.Store.ID, scan.Kept)
	}
	var err error
	if plan.SQL, err = plan.print(ctx, p, stmt.tree); err != nil {
		return nil, err
	}
	named := namesIn(plan.SQL)
	for i, rel := range stmt.stores {
		plan.Scans[i].columns = scanColumns(rel, named)
	}
	return plan, nil
}

// print is the SQL of a tree.
func (p *Plan) print(ctx context.Context, engine duck.Engine, tree node) (string, error) {
	text, err := encodeTree(tree)
	if err != nil {
		return "", err
	}
	sql, err := engine.Print(ctx, text)
	if err != nil {
		return "", translate(ctx, p.src, nil, err)
	}
	return sql, nil
}

// choose sorts the store's segments into those to read and those to leave out. If no
// more is asked than counts, those that lie within the bounds need not be read.
func choose(ctx context.Context, snap snapshot, rel *relation, counts bool) (Scan, error) {
	scan := Scan{Store: rel.store, Conflicts: rel.conflicts, Athena: rel.athena, Why: rel.why()}
	for _, n := range rel.needles {
		scan.Filters = append(scan.Filters, Filter{Condition: n.String()})
	}
	var asked []*lake.Segment
	all := snap.Segments(rel.store.ID, rel.conflicts)
	for i := range all {
		switch seg := &all[i]; {
		case rel.bounds.excludes(seg):
			scan.ByTime = append(scan.ByTime, seg)
		case counts && rel.bounds.includes(seg) && len(seg.Without()) == 0:
			scan.Counted = append(scan.Counted, seg)
		default:
			asked = append(asked, seg)
		}
	}
	if len(rel.needles) > 0 {
		if err := snap.FetchNeedles(ctx, rel.store.ID, asked); err != nil {
			return Scan{}, corruptAdvice(fmt.Errorf("plan the query of %s: %w", rel.store.Name, err))
		}
	}
	for _, seg := range asked {
		if err := ctx.Err(); err != nil {
			return Scan{}, err
		}
		no, err := firstNo(snap, rel, seg)
		if err != nil {
			return Scan{}, corruptAdvice(fmt.Errorf("plan the query of %s: %w", rel.store.Name, err))
		}
		if no < 0 {
			scan.Kept = append(scan.Kept, *seg)
		} else {
			scan.ByNeedle = append(scan.ByNeedle, seg)
			scan.Filters[no].LeftOut++
		}
	}
	return scan, nil
}

// firstNo asks the segment's filters: for each needle one of its values must be
// possible. It returns the first needle for which none is, or -1.
func firstNo(snap snapshot, rel *relation, seg *lake.Segment) (int, error) {
	for i, n := range rel.needles {
		possible := false
		for _, v := range n.values {
			ok, err := snap.MayHold(rel.store.ID, seg, n.kind, v)
			if err != nil {
				return -1, err
			}
			if possible = ok; ok {
				break
			}
		}
		if !possible {
			return i, nil
		}
	}
	return -1, nil
}

// freeName returns a name for the n-th thing of a kind that the statement does
// not use.
func freeName(sql, kind string, n int) string {
	name := fmt.Sprintf("%s_%d", kind, n)
	for strings.Contains(strings.ToLower(sql), name) {
		name = "tarn_" + name
	}
	return name
}

// place names the scan in the tree, as a table that does not exist.
func place(rel *relation, name string) {
	t := rel.table
	t["table_name"], t["schema_name"], t["catalog_name"], t["alias"] = name, "", "", rel.alias
}

// statement is the plan's SQL with every scan in place of its name. It is put
// in as text: a second parse of what we wrote ourselves would cost more than
// all the rest of planning.
func (p *Plan) statement() string {
	var b strings.Builder
	for _, t := range tokens(p.SQL) {
		if i := slices.IndexFunc(p.Scans, func(s Scan) bool { return t.kind == wordToken && t.text == s.Name }); i >= 0 {
			b.WriteString("(" + p.Scans[i].sql() + ")")
			continue
		}
		b.WriteString(t.text)
	}
	return b.String()
}

// namesIn are the names that stand in a statement, in lower case: all that may be one of
// a column.
func namesIn(sql string) map[string]bool {
	names := map[string]bool{}
	for _, t := range tokens(sql) {
		switch t.kind {
		case wordToken:
			names[strings.ToLower(t.text)] = true
		case nameToken:
			names[strings.ToLower(strings.ReplaceAll(strings.Trim(t.text, `"`), `""`, `"`))] = true
		}
	}
	return names
}

// scanColumns are the published columns in their order, and the promoted ones that the
// statement uses. Columns that it does not name are left out, unless it could mean them
// all: the engine binds what it is given before it sees what it needs.
func scanColumns(rel *relation, named map[string]bool) []viewColumn {
	columns := storeView(rel.store.Schema(), rel.hidden)
	if rel.athena {
		columns = athenaView(rel.store.Schema())
	}
	if !rel.whole {
		used := slices.DeleteFunc(slices.Clone(columns), func(c viewColumn) bool { return !named[c.field.Name] })
		if len(used) == 0 { // rows are counted
			used = columns[:1]
		}
		columns = used
	}
	return columns
}

// sql is what stands for the scan in a statement.
func (s Scan) sql() string {
	if s.counts != nil {
		return s.countedSQL()
	}
	return s.from(s.columns)
}

// from selects columns from the segments, without the events that are not of the
// snapshot.
func (s Scan) from(columns []viewColumn) string {
	var parts []string
	cut := slices.ContainsFunc(s.Kept, func(seg lake.Segment) bool { return len(seg.Without()) > 0 })
	if slices.ContainsFunc(s.Kept, func(seg lake.Segment) bool { return len(seg.Without()) == 0 }) {
		parts = append(parts, selectFrom("getvariable("+duck.Quote(s.Name)+")", columns))
	}
	if cut {
		var left []string
		for _, n := range sortedNumbers(s.without) {
			left = append(left, fmt.Sprintf("NOT (%s BETWEEN %d AND %d)", schemas.Seq, n.First, n.Last))
		}
		parts = append(parts, selectFrom("getvariable("+duck.Quote(s.Name+cutSuffix)+")", columns)+" WHERE "+strings.Join(left, " AND "))
	}
	if len(parts) == 0 {
		return selectFrom("", columns)
	}
	return strings.Join(parts, " UNION ALL ")
}

// sortedNumbers are the numbers, each once.
func sortedNumbers(all []lake.Numbers) []lake.Numbers {
	slices.SortFunc(all, func(a, b lake.Numbers) int { return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last)) })
	return slices.Compact(all)
}

// storeView are a family's columns, and some that are hidden.
func storeView(family *schemas.Family, hidden []string) []viewColumn {
	var columns []viewColumn
	for _, f := range family.Columns {
		sql := duck.Name(f.Name)
		if f.Name == schemas.Checksum {
			sql = "to_base64(unhex(sha256(" + schemas.Raw + ")))"
		}
		columns = append(columns, viewColumn{f, sql})
	}
	for _, name := range hidden {
		columns = append(columns, viewColumn{schemas.Field{Name: name}, duck.Name(name)})
	}
	return columns
}

// selectFrom selects columns from the files of an expression; without one, no
// rows.
func selectFrom(files string, columns []viewColumn) string {
	items := make([]string, len(columns))
	for i, c := range columns {
		if files == "" {
			c.sql = "CAST(NULL AS " + duckType(c.field) + ")"
		}
		items[i] = c.sql + " AS " + duck.Name(c.field.Name)
	}
	list := "SELECT " + strings.Join(items, ", ")
	if files == "" {
		return list + " WHERE false"
	}
	return list + " FROM read_parquet(" + files + ")"
}

// duckType is the field's type as DuckDB reads it from a segment.
func duckType(f schemas.Field) string {
	switch f.Kind {
	case schemas.Boolean:
		return "BOOLEAN"
	case schemas.Timestamp:
		return "TIMESTAMP"
	case schemas.Double:
		return "DOUBLE"
	case schemas.Integer:
		return "BIGINT"
	case schemas.Map:
		return "MAP(VARCHAR, VARCHAR)"
	case schemas.Struct, schemas.List:
		parts := make([]string, len(f.Fields))
		for i, part := range f.Fields {
			parts[i] = duck.Name(part.Name) + " " + duckType(part)
		}
		suffix := map[bool]string{true: "[]"}[f.Kind == schemas.List]
		return "STRUCT(" + strings.Join(parts, ", ") + ")" + suffix
	}
	return "VARCHAR"
}
