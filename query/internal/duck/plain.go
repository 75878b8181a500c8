package duck

import (
	"math/big"
	"slices"
	"strconv"
	"time"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// Plain are the types that Rows takes beside text: what is written here as the engine's
// cast writes it. A statement that has no others runs as it was described, which
// saves the engine to bind it once more.
func (c Column) Plain() bool { return slices.Contains(plainTypes, c.Type) }

var plainTypes = []string{"VARCHAR", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
	"HUGEINT", "TIMESTAMP", "DATE"}

// write writes the values of a plain type; nil if it is none.
func (v vector) write(t bindings.Type, data unsafe.Pointer, size int) [][]byte {
	switch t {
	case bindings.TypeBoolean:
		return writeAll(v, unsafe.Slice((*uint8)(data), size), func(b []byte, x uint8) []byte { return strconv.AppendBool(b, x != 0) })
	case bindings.TypeTinyInt:
		return writeAll(v, unsafe.Slice((*int8)(data), size), signed)
	case bindings.TypeSmallInt:
		return writeAll(v, unsafe.Slice((*int16)(data), size), signed)
	case bindings.TypeInteger:
		return writeAll(v, unsafe.Slice((*int32)(data), size), signed)
	case bindings.TypeBigInt:
		return writeAll(v, unsafe.Slice((*int64)(data), size), signed)
	case bindings.TypeUTinyInt:
		return writeAll(v, unsafe.Slice((*uint8)(data), size), unsigned)
	case bindings.TypeUSmallInt:
		return writeAll(v, unsafe.Slice((*uint16)(data), size), unsigned)
	case bindings.TypeUInteger:
		return writeAll(v, unsafe.Slice((*uint32)(data), size), unsigned)
	case bindings.TypeUBigInt:
		return writeAll(v, unsafe.Slice((*uint64)(data), size), unsigned)
	case bindings.TypeHugeInt:
		return writeAll(v, unsafe.Slice((*huge)(data), size), whole)
	case bindings.TypeTimestamp:
		return writeAll(v, unsafe.Slice((*int64)(data), size), timestamp)
	case bindings.TypeDate:
		return writeAll(v, unsafe.Slice((*int32)(data), size), date)
	}
	return nil
}

func signed[T int8 | int16 | int32 | int64](b []byte, x T) []byte {
	return strconv.AppendInt(b, int64(x), 10)
}

func unsigned[T uint8 | uint16 | uint32 | uint64](b []byte, x T) []byte {
	return strconv.AppendUint(b, uint64(x), 10)
}

// writeAll writes each value that is not NULL.
func writeAll[T any](v vector, values []T, one func([]byte, T) []byte) [][]byte {
	all, ends := make([]byte, 0, 8*len(values)), make([]int, len(values))
	for i, x := range values {
		if !v.null(i) {
			all = one(all, x)
		}
		ends[i] = len(all)
	}
	written, from := make([][]byte, len(values)), 0
	for i, end := range ends {
		written[i], from = all[from:end], end
	}
	return written
}

// endless is the engine's timestamp of infinity, in microseconds; -endless is before all
// others.
const endless = 1<<63 - 1

// timestamp writes microseconds since 1970.
func timestamp(b []byte, micros int64) []byte {
	switch micros {
	case endless:
		return append(b, "infinity"...)
	case -endless:
		return append(b, "-infinity"...)
	}
	t := time.UnixMicro(micros).UTC()
	b = dayOf(b, t)
	b = padded(append(b, ' '), t.Hour(), 2)
	b = padded(append(b, ':'), t.Minute(), 2)
	b = padded(append(b, ':'), t.Second(), 2)
	if part := t.Nanosecond() / 1000; part != 0 {
		b = padded(append(b, '.'), part, 6)
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return b
}

// endlessDays is the engine's date of infinity, in days.
const endlessDays = 1<<31 - 1

// date writes days since 1970.
func date(b []byte, days int32) []byte {
	switch days {
	case endlessDays:
		return append(b, "infinity"...)
	case -endlessDays:
		return append(b, "-infinity"...)
	}
	return dayOf(b, time.Unix(int64(days)*86400, 0).UTC())
}

// dayOf writes the day of a time.
func dayOf(b []byte, t time.Time) []byte {
	year, month, day := t.Date()
	era := ""
	if year <= 0 {
		year, era = 1-year, " (BC)"
	}
	b = padded(b, year, 4)
	b = padded(append(b, '-'), int(month), 2)
	b = padded(append(b, '-'), day, 2)
	return append(b, era...)
}

// huge is the engine's whole number of 128 bits.
type huge struct {
	lower uint64
	upper int64
}

func whole(b []byte, h huge) []byte {
	if h.upper == int64(h.lower)>>63 { // it has 64 bits, as a rule
		return strconv.AppendInt(b, int64(h.lower), 10)
	}
	n := new(big.Int).Lsh(big.NewInt(h.upper), 64)
	return n.Add(n, new(big.Int).SetUint64(h.lower)).Append(b, 10)
}

// padded appends a number with zeros before it.
func padded(b []byte, n, width int) []byte {
	digits := strconv.Itoa(n)
	for range width - len(digits) {
		b = append(b, '0')
	}
	return append(b, digits...)
}
