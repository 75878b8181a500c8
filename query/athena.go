package query

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/lake"
	"tarn/query/internal/duck"
	"tarn/schemas"
)

// FROM store.athena reads a store as the table that AWS recommends for
// CloudTrail in Athena: times and truth as text, free-form objects as JSON text,
// and the columns by which people partition it. All are functions of the
// segments' own columns, so nothing is computed that a statement does not read.

// athenaSuffix behind a store's name means its events as Athena's table has them.
const athenaSuffix = ".athena"

// hasAthena reports whether the store's events have a table in Athena.
func hasAthena(st lake.Store) bool { return st.Family == "cloudtrail" }

// athenaTime is how that table prints eventtime: as the raw event does.
const athenaTime = "2006-01-02T15:04:05Z"

// viewColumn is a column and what it is made of, in the engine's SQL.
type viewColumn struct {
	field schemas.Field
	sql   string
}

// athenaView returns the columns of the table: those of the family that it has
// too, in its order, and the partitions.
func athenaView(family *schemas.Family) []viewColumn {
	var columns []viewColumn
	same := func(names ...string) {
		for _, name := range names {
			f, _ := fieldNamed(family.Columns, name)
			columns = append(columns, viewColumn{f, duck.Name(name)})
		}
	}
	text := func(name, sql string) {
		f, _ := fieldNamed(family.Columns, name)
		columns = append(columns, viewColumn{schemas.Field{Name: name, From: f.From}, sql})
	}
	object := func(names ...string) { // from the raw event, where numbers and nested values are as they were
		for _, name := range names {
			f, _ := fieldNamed(family.Columns, name)
			text(name, schemas.Raw+" ->> "+duck.Quote("$."+f.From))
		}
	}
	same("eventversion", "useridentity")
	text("eventtime", "strftime(eventtime, '%Y-%m-%dT%H:%M:%SZ')")
	same("eventsource", "eventname", "awsregion", "sourceipaddress", "useragent", "errorcode", "errormessage")
	object("requestparameters", "responseelements", "additionaleventdata")
	same("requestid", "eventid")
	text("readonly", "CAST(readonly AS VARCHAR)")
	columns = append(columns, athenaResources(family))
	same("eventtype", "apiversion", "recipientaccountid")
	object("serviceeventdetails")
	same("sharedeventid", "vpcendpointid", "vpcendpointaccountid", "eventcategory")
	columns = append(columns, athenaAddendum())
	same("sessioncredentialfromconsole")
	object("edgedevicedetails")
	same("tlsdetails")
	text("account", "coalesce(recipientaccountid, useridentity.accountid)")
	text("region", "awsregion")
	text("year", "strftime(eventtime, '%Y')")
	text("month", "strftime(eventtime, '%m')")
	text("day", "strftime(eventtime, '%d')")
	text("timestamp", "strftime(eventtime, '%Y/%m/%d')")
	return columns
}

// athenaResources has the fields in the order of that table, which UNNEST shows.
func athenaResources(family *schemas.Family) viewColumn {
	list, _ := fieldNamed(family.Columns, "resources")
	f, parts := schemas.Field{Name: list.Name, Kind: schemas.List, From: list.From}, []string(nil)
	for _, name := range []string{"arn", "accountid", "type"} {
		part, _ := fieldNamed(list.Fields, name)
		f.Fields = append(f.Fields, part)
		parts = append(parts, duck.Name(name)+" := r."+duck.Name(name))
	}
	return viewColumn{f, "list_transform(resources, lambda r: struct_pack(" + strings.Join(parts, ", ") + "))"}
}

// athenaAddendum is a struct there, and a map here.
func athenaAddendum() viewColumn {
	f, parts := schemas.Field{Name: "addendum", Kind: schemas.Struct, From: "addendum"}, []string(nil)
	for _, key := range []string{"reason", "updatedFields", "originalRequestID", "originalEventID"} {
		name := strings.ToLower(key)
		f.Fields = append(f.Fields, schemas.Field{Name: name, From: key})
		parts = append(parts, duck.Name(name)+" := addendum["+duck.Quote(key)+"]")
	}
	return viewColumn{f, "CASE WHEN addendum IS NOT NULL THEN struct_pack(" + strings.Join(parts, ", ") + ") END"}
}

// athenaFields are the columns as names find them.
func athenaFields(family *schemas.Family) []schemas.Field {
	var fields []schemas.Field
	for _, c := range athenaView(family) {
		fields = append(fields, c.field)
	}
	return fields
}

// athenaSynonyms are other names of partitions, as the tables of AWS Security
// Analytics Bootstrap have them. They work where they are written; * has not got
// them.
var athenaSynonyms = map[string]string{
	"date_partition": "timestamp", "region_partition": "region", "account_partition": "account",
}

// athenaObjects are the columns that are JSON text there and maps in the store.
var athenaObjects = setOf("requestparameters", "responseelements", "additionaleventdata", "serviceeventdetails", "edgedevicedetails")

func isObject(name string) bool { return athenaObjects[strings.ToLower(name)] }

// isPartition reports whether a name is that of a column by which people
// partition the table in Athena.
func isPartition(name string) bool {
	name = strings.ToLower(name)
	return athenaSynonyms[name] != "" || slices.Contains([]string{"account", "region", "year", "month", "day", "timestamp", "date", "dt"}, name)
}

// readsObject refuses a call that reads a map of a store as JSON text, which is
// right in Athena.
func (r *resolver) readsObject(n node, s *scope) {
	args := children(n, "children")
	if len(args) == 0 || !strings.HasPrefix(strings.ToLower(str(n, "function_name")), "json_extract") {
		return
	}
	m, ok := columnMeant(args[0], s)
	if !ok || m.relation.table == nil || m.last().Kind != schemas.Map {
		return
	}
	err := r.src.faultAt(at(args[0]), display(m.path)+" is a map, not JSON text")
	key := "bucketName"
	if len(args) > 1 {
		if path, ok := literal(args[1]); ok && len(path) > 2 {
			key = strings.Trim(strings.TrimPrefix(path, "$."), `"`)
		}
	}
	r.fail(hint.Add(err, fmt.Sprintf("write element_at(%s, '%s'), or FROM %s%s, where it is JSON text", display(m.path), key, m.relation.store.Name, athenaSuffix)))
}

// athenaName puts a column's own name in place of a synonym.
func athenaName(names []string, m meaning) {
	for i, name := range names[:min(2, len(names))] { // the first may be the table's
		if athenaSynonyms[strings.ToLower(name)] == m.path[0].Name {
			names[i] = m.path[0].Name
		}
	}
}

// athenaLayouts are how columns print the time, so that texts are in the order
// of times.
var athenaLayouts = map[string]string{schemas.EventTime: athenaTime, "timestamp": "2006/01/02", "year": "2006"}

// athenaColumn returns the store and the name of its column, if an expression is
// a column of store.athena whose conditions may leave out segments.
func athenaColumn(s *scope, n node) (*relation, string, bool) {
	m, ok := storeColumn(s, n)
	if !ok || !m.relation.athena {
		return nil, "", false
	}
	return m.relation, m.dotted(), true
}

// textBound notes what a column that prints the time is compared with.
func (r *resolver) textBound(s *scope, column node, comparison string, value node) {
	rel, name, ok := athenaColumn(s, column)
	if !ok {
		return
	}
	layout, month := athenaLayouts[name], name == "month" || name == "day"
	if layout == "" && !month || comparison == "" {
		return
	}
	text, ok := r.constantText(value, s)
	if !ok {
		return
	}
	if comparison == "COMPARE_EQUAL" && (month || name == "year") {
		if rel.parts == nil {
			rel.parts = map[string]string{}
		}
		rel.parts[name] = text
	}
	if layout != "" {
		rel.bounds.addText(layout, comparison, text)
	}
}

// prefixBound notes how a column that prints the time begins, as LIKE says.
func (r *resolver) prefixBound(s *scope, operands []node) {
	if len(operands) != 2 {
		return
	}
	pattern, ok := literal(operands[1])
	rel, name, known := athenaColumn(s, operands[0])
	layout := athenaLayouts[name]
	if !ok || !known || layout == "" {
		return
	}
	if i := strings.IndexAny(pattern, "%_"); i > 0 {
		rel.bounds.addText(layout, "COMPARE_GREATERTHANOREQUALTO", pattern[:i])
		rel.bounds.addText(layout, "COMPARE_LESSTHAN", pattern[:i]+"\xff")
	}
}

// dateBound notes the day or month that year = '…' AND month = '…' name.
func (r *relation) dateBound() {
	year, month, day := r.parts["year"], r.parts["month"], r.parts["day"]
	if len(year) != 4 || len(month) != 2 {
		return
	}
	if len(day) == 2 {
		r.bounds.addText("2006/01/02", "COMPARE_EQUAL", year+"/"+month+"/"+day)
		return
	}
	r.bounds.addText("2006/01", "COMPARE_EQUAL", year+"/"+month)
}

// constantText works out a text that is made of constants.
func (r *resolver) constantText(n node, s *scope) (string, bool) {
	if text, ok := literal(n); ok || r.eval == nil || !isFoldable(n, s) {
		return text, ok
	}
	expression := clone(n).(node)
	r.expression(expression, s)
	typ, value := r.eval(expression)
	if typ != "VARCHAR" {
		return "", false
	}
	become(n, textValue(value))
	return value, true
}

// addText notes what a time that is printed in a layout is compared with, as
// text. Later times print later texts, so the times whose text is not less than
// the given one, or is greater, are those from some second on: it is searched.
func (b *bounds) addText(layout, comparison, text string) {
	least := firstSecond(layout, func(printed string) bool { return printed >= text })
	above := firstSecond(layout, func(printed string) bool { return printed > text })
	switch comparison {
	case "COMPARE_GREATERTHANOREQUALTO":
		b.add(comparison, least)
	case "COMPARE_GREATERTHAN":
		b.add("COMPARE_GREATERTHANOREQUALTO", above)
	case "COMPARE_LESSTHAN":
		b.add(comparison, least)
	case "COMPARE_LESSTHANOREQUALTO":
		b.add("COMPARE_LESSTHAN", above)
	case "COMPARE_EQUAL":
		b.add("COMPARE_GREATERTHANOREQUALTO", least)
		b.add("COMPARE_LESSTHAN", above)
	}
}

// firstSecond returns the first second whose print is ok, the start of the year
// 10000 if there is none: up to there prints have one length.
func firstSecond(layout string, ok func(printed string) bool) time.Time {
	start, end := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	n := sort.Search(int(end.Unix()-start.Unix()), func(n int) bool {
		return ok(time.Unix(start.Unix()+int64(n), 0).UTC().Format(layout))
	})
	return time.Unix(start.Unix()+int64(n), 0).UTC()
}
