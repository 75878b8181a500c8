package jscan

import (
	"encoding/binary"
	"math/bits"
)

// Kind is the kind of a JSON value, told from its first byte.
type Kind byte

// The kinds of JSON values.
const (
	Null Kind = iota
	Bool
	Number
	Text
	Array
	Object
)

// KindOf returns the kind of the value v, which must not be empty.
func KindOf(v []byte) Kind {
	switch v[0] {
	case '"':
		return Text
	case '{':
		return Object
	case '[':
		return Array
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	}
	return Number
}

// Iter walks the members of an object or the elements of an array in text that
// [Value] has accepted. The zero Iter is at the end. It copies nothing: keys
// and values are slices of the text.
type Iter struct {
	b []byte
	i int // at the next member; len(b) at the end
}

// Members returns an Iter over the object or array v. For any other value the
// Iter is at its end.
func Members(v []byte) Iter {
	if len(v) == 0 || v[0] != '{' && v[0] != '[' {
		return Iter{}
	}
	return Iter{b: v, i: Space(v, 1)}
}

// Next returns the next member of an object: its key as it stands between the
// quotes (still escaped), and its value. ok is false at the end.
func (it *Iter) Next() (key, val []byte, ok bool) {
	if key, ok = it.Key(); ok {
		val = it.Value()
	}
	return key, val, ok
}

// Key returns the key of the next member and goes to its value, which [Iter.Value]
// takes, or [Iter.Enter] and [Iter.Leave]. ok is false at the end.
func (it *Iter) Key() (key []byte, ok bool) {
	b, i := it.b, it.i
	if i >= len(b) || b[i] == '}' {
		return nil, false
	}
	end := skipString(b, i)
	key = b[i+1 : end-1]
	i = Space(b, end)
	it.i = Space(b, i+1) // past the colon
	return key, true
}

// Value returns the value behind a key and goes to the next member.
func (it *Iter) Value() []byte {
	start := it.i
	end := skip(it.b, start)
	it.i = after(it.b, end)
	return it.b[start:end]
}

// AtObject reports whether the value behind a key is an object.
func (it *Iter) AtObject() bool { return it.b[it.i] == '{' }

// Enter returns an Iter over the object behind a key. So its text is read once,
// where a Value of it would be read again for its members. Walk to its end, and
// [Iter.Leave].
func (it *Iter) Enter() Iter { return Iter{b: it.b, i: Space(it.b, it.i+1)} }

// Leave goes to the member behind an object that was entered.
func (it *Iter) Leave(inner Iter) { it.i = after(it.b, inner.i+1) }

// Elem returns the next element of an array; ok is false at the end.
func (it *Iter) Elem() (val []byte, ok bool) {
	b, i := it.b, it.i
	if i >= len(b) || b[i] == ']' {
		return nil, false
	}
	end := skip(b, i)
	it.i = after(b, end)
	return b[i:end], true
}

// after returns the start of what follows the comma behind a member, or the
// index of the closing bracket.
func after(b []byte, i int) int {
	i = Space(b, i)
	if i < len(b) && b[i] == ',' {
		i = Space(b, i+1)
	}
	return i
}

// skip returns the end of the valid value at b[i].
func skip(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		end, _ := SkipDeep(b, i)
		return end
	}
	for i < len(b) {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			return i
		}
		i++
	}
	return i
}

// skipString returns the end of the valid string at b[i].
func skipString(b []byte, i int) int {
	for i++; ; {
		// As in String, but only what ends a string or an escape stops it.
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			quote := w ^ (ones * '"')
			slash := w ^ (ones * '\\')
			stop := (((quote - ones) &^ quote) | ((slash - ones) &^ slash)) & highs
			if stop != 0 {
				i += bits.TrailingZeros64(stop) / 8
				break
			}
			i += 8
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' {
			i++
		}
		if i >= len(b) {
			return len(b)
		}
		if b[i] == '"' {
			return i + 1
		}
		i += 2 // an escape: what follows the backslash ends nothing
	}
}

// SkipDeep returns the end of the object or array at b[i], and whether the end
// was found. It counts brackets, so it needs no stack and gets past a value
// that [Value] refused for its depth; the value itself is not checked.
func SkipDeep(b []byte, i int) (end int, found bool) {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i + 1, true
			}
		}
		i++
	}
	return i, false
}

// IsCompact reports whether the valid value v has no white space between its tokens.
func IsCompact(v []byte) bool {
	for i := 0; i < len(v); {
		switch v[i] {
		case ' ', '\n', '\r', '\t':
			return false
		case '"':
			i = skipString(v, i)
		default:
			i++
		}
	}
	return true
}

// AppendCompact appends the valid value v to dst without the white space
// between its tokens. Everything else keeps its bytes.
func AppendCompact(dst, v []byte) []byte {
	for i := 0; i < len(v); {
		switch v[i] {
		case ' ', '\n', '\r', '\t':
			i++
		case '"':
			end := skipString(v, i)
			dst = append(dst, v[i:end]...)
			i = end
		default:
			dst = append(dst, v[i])
			i++
		}
	}
	return dst
}
