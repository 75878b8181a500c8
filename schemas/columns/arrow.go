package columns

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"tarn/schemas"
)

// fieldIDKey is where arrow-go's Parquet writer looks for a field's id.
const fieldIDKey = "PARQUET:field_id"

// Schema returns the Arrow schema of the family's segments: the stored columns
// in order, each part with its field id.
func Schema(f *schemas.Family) *arrow.Schema {
	stored := f.Stored()
	fields := make([]arrow.Field, len(stored))
	for i, c := range stored {
		fields[i] = arrowField(c)
		fields[i].Nullable = c.Name != schemas.EventTime && c.Name != schemas.Raw && c.Name != schemas.Seq
	}
	return arrow.NewSchema(fields, nil)
}

func arrowField(f schemas.Field) arrow.Field {
	return arrow.Field{Name: f.Name, Type: arrowType(f), Nullable: true, Metadata: fieldID(f.ID)}
}

func arrowType(f schemas.Field) arrow.DataType {
	switch f.Kind {
	case schemas.Boolean:
		return arrow.FixedWidthTypes.Boolean
	case schemas.Timestamp:
		// Without zone: what CloudTrail Lake has, and what DuckDB calls TIMESTAMP.
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case schemas.Double:
		return arrow.PrimitiveTypes.Float64
	case schemas.Integer:
		return arrow.PrimitiveTypes.Int64
	case schemas.Map:
		key := arrow.Field{Name: "key", Type: arrow.BinaryTypes.String, Metadata: fieldID(f.ID + 1)}
		value := arrow.Field{Name: "value", Type: arrow.BinaryTypes.String, Nullable: true, Metadata: fieldID(f.ID + 2)}
		return arrow.MapOfFields(key, value)
	case schemas.Struct:
		return structType(f.Fields)
	case schemas.List:
		return arrow.ListOfField(arrow.Field{
			Name: "element", Type: structType(f.Fields), Nullable: true, Metadata: fieldID(f.ID + 1),
		})
	}
	return arrow.BinaryTypes.String
}

func structType(parts []schemas.Field) arrow.DataType {
	fields := make([]arrow.Field, len(parts))
	for i, p := range parts {
		fields[i] = arrowField(p)
	}
	return arrow.StructOf(fields...)
}

func fieldID(id int) arrow.Metadata {
	return arrow.NewMetadata([]string{fieldIDKey}, []string{strconv.Itoa(id)})
}
