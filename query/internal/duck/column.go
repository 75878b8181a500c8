package duck

import bindings "github.com/duckdb/duckdb-go-bindings"

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

func describe(p bindings.PreparedStatement, i bindings.IdxT) Column {
	logical := bindings.PreparedStatementColumnLogicalType(p, i)
	defer bindings.DestroyLogicalType(&logical)
	t := bindings.GetTypeId(logical)
	c := Column{Name: bindings.PreparedStatementColumnName(p, i), Type: typeName(t), Kind: kindOf(t)}
	if bindings.LogicalTypeGetAlias(logical) == "JSON" {
		c.Type, c.Kind = "JSON", Nested
	}
	return c
}

func kindOf(t bindings.Type) Kind {
	switch t {
	case bindings.TypeTinyInt, bindings.TypeSmallInt, bindings.TypeInteger, bindings.TypeBigInt,
		bindings.TypeUTinyInt, bindings.TypeUSmallInt, bindings.TypeUInteger, bindings.TypeUBigInt,
		bindings.TypeHugeInt, bindings.TypeUHugeInt, bindings.TypeBigNum,
		bindings.TypeFloat, bindings.TypeDouble, bindings.TypeDecimal:
		return Number
	case bindings.TypeBoolean:
		return Boolean
	case bindings.TypeTimestamp, bindings.TypeTimestampS, bindings.TypeTimestampMS, bindings.TypeTimestampNS:
		return Time
	case bindings.TypeTimestampTZ:
		return Zoned
	case bindings.TypeStruct, bindings.TypeList, bindings.TypeMap, bindings.TypeArray, bindings.TypeUnion:
		return Nested
	}
	return Text
}

// typeNames are the types whose SQL name is not that of the driver's constant.
var typeNames = map[bindings.Type]string{
	bindings.TypeVarchar: "VARCHAR", bindings.TypeBoolean: "BOOLEAN", bindings.TypeTinyInt: "TINYINT",
	bindings.TypeSmallInt: "SMALLINT", bindings.TypeInteger: "INTEGER", bindings.TypeBigInt: "BIGINT",
	bindings.TypeUTinyInt: "UTINYINT", bindings.TypeUSmallInt: "USMALLINT", bindings.TypeUInteger: "UINTEGER",
	bindings.TypeUBigInt: "UBIGINT", bindings.TypeHugeInt: "HUGEINT", bindings.TypeUHugeInt: "UHUGEINT",
	bindings.TypeBigNum: "BIGNUM", bindings.TypeFloat: "FLOAT", bindings.TypeDouble: "DOUBLE",
	bindings.TypeDecimal: "DECIMAL", bindings.TypeTimestamp: "TIMESTAMP", bindings.TypeTimestampS: "TIMESTAMP_S",
	bindings.TypeTimestampMS: "TIMESTAMP_MS", bindings.TypeTimestampNS: "TIMESTAMP_NS",
	bindings.TypeTimestampTZ: "TIMESTAMP WITH TIME ZONE", bindings.TypeDate: "DATE", bindings.TypeTime: "TIME",
	bindings.TypeInterval: "INTERVAL", bindings.TypeBlob: "BLOB", bindings.TypeUUID: "UUID",
	bindings.TypeStruct: "STRUCT", bindings.TypeList: "LIST", bindings.TypeMap: "MAP", bindings.TypeArray: "ARRAY",
	bindings.TypeSQLNull: "NULL", bindings.TypeEnum: "ENUM",
}

func typeName(t bindings.Type) string {
	if name, ok := typeNames[t]; ok {
		return name
	}
	return "OTHER"
}
