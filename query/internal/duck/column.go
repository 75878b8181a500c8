package duck

import "github.com/duckdb/duckdb-go/v2"

// Column is a column of a result.
type Column struct {
	// Name is DuckDB's name; it need not be unique.
	Name string
	// Type is the SQL type, without the parts of nested types.
	Type string
	// Kind is how its values are written.
	Kind Kind
}

// Kind is how the values of a column are written as text.
type Kind uint8

// The kinds.
const (
	Text    Kind = iota // as they are
	Number              // exact decimal digits; "inf" and "nan" are possible
	Boolean             // true or false
	Time                // a timestamp, to the microsecond
	Zoned               // a timestamp with time zone, in UTC
	Nested              // JSON
)

func describe(stmt *duckdb.Stmt, i int) (Column, error) {
	name, err := stmt.ColumnName(i)
	if err != nil {
		return Column{}, err
	}
	info, err := stmt.ColumnTypeInfo(i)
	if err != nil {
		return Column{}, err
	}
	t := info.InternalType()
	c := Column{Name: name, Type: typeName(t), Kind: kindOf(t)}
	if a, ok := info.(interface{ Alias() string }); ok && a.Alias() == "JSON" {
		c.Type, c.Kind = "JSON", Nested
	}
	return c, nil
}

func kindOf(t duckdb.Type) Kind {
	switch t {
	case duckdb.TYPE_TINYINT, duckdb.TYPE_SMALLINT, duckdb.TYPE_INTEGER, duckdb.TYPE_BIGINT,
		duckdb.TYPE_UTINYINT, duckdb.TYPE_USMALLINT, duckdb.TYPE_UINTEGER, duckdb.TYPE_UBIGINT,
		duckdb.TYPE_HUGEINT, duckdb.TYPE_UHUGEINT, duckdb.TYPE_BIGNUM,
		duckdb.TYPE_FLOAT, duckdb.TYPE_DOUBLE, duckdb.TYPE_DECIMAL:
		return Number
	case duckdb.TYPE_BOOLEAN:
		return Boolean
	case duckdb.TYPE_TIMESTAMP, duckdb.TYPE_TIMESTAMP_S, duckdb.TYPE_TIMESTAMP_MS, duckdb.TYPE_TIMESTAMP_NS:
		return Time
	case duckdb.TYPE_TIMESTAMP_TZ:
		return Zoned
	case duckdb.TYPE_STRUCT, duckdb.TYPE_LIST, duckdb.TYPE_MAP, duckdb.TYPE_ARRAY, duckdb.TYPE_UNION:
		return Nested
	}
	return Text
}

// typeNames are the types whose SQL name is not that of the driver's constant.
var typeNames = map[duckdb.Type]string{
	duckdb.TYPE_VARCHAR: "VARCHAR", duckdb.TYPE_BOOLEAN: "BOOLEAN", duckdb.TYPE_TINYINT: "TINYINT",
	duckdb.TYPE_SMALLINT: "SMALLINT", duckdb.TYPE_INTEGER: "INTEGER", duckdb.TYPE_BIGINT: "BIGINT",
	duckdb.TYPE_UTINYINT: "UTINYINT", duckdb.TYPE_USMALLINT: "USMALLINT", duckdb.TYPE_UINTEGER: "UINTEGER",
	duckdb.TYPE_UBIGINT: "UBIGINT", duckdb.TYPE_HUGEINT: "HUGEINT", duckdb.TYPE_UHUGEINT: "UHUGEINT",
	duckdb.TYPE_BIGNUM: "BIGNUM", duckdb.TYPE_FLOAT: "FLOAT", duckdb.TYPE_DOUBLE: "DOUBLE",
	duckdb.TYPE_DECIMAL: "DECIMAL", duckdb.TYPE_TIMESTAMP: "TIMESTAMP", duckdb.TYPE_TIMESTAMP_S: "TIMESTAMP_S",
	duckdb.TYPE_TIMESTAMP_MS: "TIMESTAMP_MS", duckdb.TYPE_TIMESTAMP_NS: "TIMESTAMP_NS",
	duckdb.TYPE_TIMESTAMP_TZ: "TIMESTAMP WITH TIME ZONE", duckdb.TYPE_DATE: "DATE", duckdb.TYPE_TIME: "TIME",
	duckdb.TYPE_INTERVAL: "INTERVAL", duckdb.TYPE_BLOB: "BLOB", duckdb.TYPE_UUID: "UUID",
	duckdb.TYPE_STRUCT: "STRUCT", duckdb.TYPE_LIST: "LIST", duckdb.TYPE_MAP: "MAP", duckdb.TYPE_ARRAY: "ARRAY",
	duckdb.TYPE_SQLNULL: "NULL", duckdb.TYPE_ENUM: "ENUM",
}

func typeName(t duckdb.Type) string {
	if name, ok := typeNames[t]; ok {
		return name
	}
	return "OTHER"
}
