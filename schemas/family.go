package schemas

import (
	"strings"
	"sync"
)

// Names of columns that the lake itself depends on, in every family.
const (
	// EventTime is the time of the event, the only column that is never NULL.
	EventTime = "eventtime"
	// EventID identifies an event within its store.
	EventID = "eventid"
	// Raw is the event's own bytes, unchanged.
	Raw = "eventjson"
	// Checksum is the base64 SHA-256 of Raw, computed when it is read.
	Checksum = "eventjsonchecksum"
	// Seq is the event's number in its store, in the order of acceptance. It
	// is stored in every segment and not seen by queries.
	Seq = "seq"
)

// Field ids of the columns that every family has beside its own.
const (
	rawID      = 9000
	seqID      = 9001
	promotedID = 9100
)

// Promoted is a value inside a map or a struct column that segments also keep as a
// flat column, because audits ask for it all the time: to read it in its column
// costs up to forty times as much. It is not seen by queries; the planner puts it
// in place of what it stands for.
type Promoted struct {
	// ID is the flat column's field id.
	ID int
	// Column is the map or struct column, Key the key in it, or the member's path.
	Column, Key string
	// Member says that the column is a struct. Segments have its members flat
	// since format 2.
	Member bool
}

// Name returns the flat column's name in segments, such as
// requestparameters_bucketname: no dot, no upper case, so that no engine needs
// quotes or takes it for a part of the column.
func (p Promoted) Name() string {
	return p.Column + "_" + strings.ReplaceAll(strings.ToLower(p.Key), ".", "_")
}

// SQL returns what the flat column stands for.
func (p Promoted) SQL() string {
	if p.Member {
		return p.Column + "." + p.Key
	}
	return "element_at(" + p.Column + ", '" + p.Key + "')"
}

// Family is one kind of event data store: what its events look like. A store
// holds events of one family for ever.
type Family struct {
	// Name is the family's name in commands and in the log.
	Name string
	// Categories are the values of eventCategory that belong to the family. A
	// record without one (event versions before 1.07) belongs to CloudTrail.
	Categories []string
	// Columns are what queries see, in published order.
	Columns []Field
	// Promoted are the flat copies kept beside them.
	Promoted []Promoted
}

// Families returns all families, the CloudTrail events first.
func Families() []*Family {
	return []*Family{CloudTrail(), Insights(), ConfigurationItems(), Evidence(), Activity()}
}

// families are all, made once for whoever only reads them.
var families = sync.OnceValue(Families)

// FamilyNamed returns the family of that name, or nil. It is the same each time: it is
// not to be changed.
func FamilyNamed(name string) *Family {
	for _, f := range families() {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Accepts reports whether a record of the given eventCategory belongs to the
// family. Case does not matter; the empty category is CloudTrail's.
func (f *Family) Accepts(category string) bool {
	if category == "" {
		category = f.Categories[0]
		return strings.EqualFold(category, "Management")
	}
	for _, c := range f.Categories {
		if strings.EqualFold(c, category) {
			return true
		}
	}
	return false
}

// Column returns the column of that name, without regard to case.
func (f *Family) Column(name string) (Field, bool) {
	for _, c := range f.Columns {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return Field{}, false
}

// Stored returns the fields of a segment in order: the columns without the
// checksum, which is computed, then the promoted values, then seq.
func (f *Family) Stored() []Field {
	var out []Field
	for _, c := range f.Columns {
		if c.Name != Checksum {
			out = append(out, c)
		}
	}
	for _, p := range f.Promoted {
		out = append(out, Field{ID: p.ID, Name: p.Name(), Kind: String})
	}
	return append(out, Field{ID: seqID, Name: Seq, Kind: Integer})
}

// promote numbers the promoted values. Append only, as for columns.
func promote(pairs ...[2]string) []Promoted {
	out := make([]Promoted, len(pairs))
	for i, p := range pairs {
		out[i] = Promoted{ID: promotedID + i, Column: p[0], Key: p[1], Member: p[0] == "useridentity"}
	}
	return out
}

// withRaw appends the raw event and its checksum to a family's columns.
func withRaw(columns []Field) []Field {
	return append(columns,
		Field{ID: rawID, Name: Raw, Kind: String},
		Field{ID: rawID + 50, Name: Checksum, Kind: String})
}
