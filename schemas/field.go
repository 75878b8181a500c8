package schemas

import "strings"

// Kind is the type of a column or of a part of one.
type Kind uint8

// The kinds. Their SQL names are what [Field.Type] prints.
const (
	String    Kind = iota // UTF-8 text
	Boolean               // true or false
	Timestamp             // microseconds since 1970 in UTC, without zone
	Double                // 64-bit floating point
	Integer               // 64-bit integer
	Map                   // text to text; nested values as compact JSON text
	Struct                // named fields
	List                  // a list of structs
)

// Field is a column, or a field of a struct.
type Field struct {
	// ID identifies the field in sealed files, where names are only labels. It
	// is never changed and never reused. A top-level column has a multiple of
	// 100; its parts have the numbers that follow it, in order.
	ID int
	// Name is the published name, in lower case.
	Name string
	// Kind is the type; Fields are the parts of a Struct or of a List's element.
	Kind   Kind
	Fields []Field
	// From is where the value stands in the raw event, relative to the parent
	// field: member names joined by dots. Empty means that the field is not
	// fed from the JSON (the raw event itself, its checksum, its number).
	From string
}

// Type returns the field's SQL type as CloudTrail Lake's documentation writes
// it, such as map<string,string>.
func (f Field) Type() string {
	switch f.Kind {
	case Boolean:
		return "boolean"
	case Timestamp:
		return "timestamp"
	case Double:
		return "double"
	case Integer:
		return "integer"
	case Map:
		return "map<string,string>"
	case Struct:
		return structType(f.Fields)
	case List:
		return "array<" + structType(f.Fields) + ">"
	}
	return "string"
}

func structType(fields []Field) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = f.Name + ":" + f.Type()
	}
	return "struct<" + strings.Join(parts, ",") + ">"
}

// number gives the columns of a family their ids: column i has (i+1)×100, its
// parts follow. A map takes two further ids for key and value, a list one for
// its element. Order in the tables is therefore part of the format. A column is
// appended; a part that a struct gets later is given an ID in the table itself,
// 60 or more above its column's, and leaves the others alone.
func number(columns []Field) []Field {
	for i := range columns {
		next := (i + 1) * 100
		assign(&columns[i], &next)
	}
	return columns
}

func assign(f *Field, next *int) {
	if f.ID == 0 {
		f.ID = *next
		*next++
	}
	switch f.Kind {
	case Map:
		*next += 2
	case List:
		*next++
	}
	for i := range f.Fields {
		assign(&f.Fields[i], next)
	}
}

// The constructors below keep the tables readable. from is a member name of
// the raw event; the column's name is its lower-case form unless given.

func text(from string) Field            { return field(String, from) }
func boolean(from string) Field         { return field(Boolean, from) }
func timestamp(from string) Field       { return field(Timestamp, from) }
func double(from string) Field          { return field(Double, from) }
func integer(from string) Field         { return field(Integer, from) }
func object(from string) Field          { return field(Map, from) }
func (f Field) named(name string) Field { f.Name = name; return f }

func record(from string, fields ...Field) Field {
	f := field(Struct, from)
	f.Fields = fields
	return f
}

func list(from string, fields ...Field) Field {
	f := field(List, from)
	f.Fields = fields
	return f
}

func field(k Kind, from string) Field {
	name := from[strings.LastIndexByte(from, '.')+1:]
	return Field{Name: strings.ToLower(name), Kind: k, From: from}
}

func texts(from ...string) []Field {
	fields := make([]Field, len(from))
	for i, s := range from {
		fields[i] = text(s)
	}
	return fields
}
