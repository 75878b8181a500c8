// Package jscan finds its way through JSON text without building anything: it
// tells where a value ends, walks the members of an object or the elements of
// an array, and hands out slices of the caller's bytes.
//
// [Value] validates as it goes (RFC 8259 grammar, escapes, numbers, no control
// characters in strings) and refuses nesting deeper than [MaxDepth], so that no
// input can exhaust the stack. It does not look at UTF-8; callers that need
// valid text check the whole value once with utf8.Valid. The iterators in
// iter.go are for text that Value has accepted: they do not check again.
package jscan

import "errors"

// MaxDepth is the deepest nesting that Value accepts. Real CloudTrail records
// reach 10; a limit keeps recursion and every later reader of the text safe.
const MaxDepth = 100

// Errors of [Value]. They are sentinels without position; the returned index
// is where the text went wrong.
var (
	// ErrShort means that the text ended inside a value: more may follow.
	ErrShort = errors.New("ends inside a value")
	// ErrDepth means that the value is nested deeper than MaxDepth.
	ErrDepth = errors.New("nested deeper than 100 levels")
	// ErrSyntax means that the text is not JSON.
	ErrSyntax = errors.New("not JSON")
)

// Space returns the index of the first byte at or after i that is not JSON
// white space; len(b) if there is none.
func Space(b []byte, i int) int {
	for i < len(b) {
		switch b[i] {
		case ' ', '\n', '\r', '\t':
			i++
		default:
			return i
		}
	}
	return i
}

// Value checks the JSON value that starts at b[i] and returns the index just
// past it. White space before the value is not skipped. A number at the very
// end of b is accepted as complete. On error the index is where it was found.
func Value(b []byte, i int) (int, error) { return value(b, i, MaxDepth) }

// Member says where a member of an object is: its key as it stands between the
// quotes is b[Key:KeyEnd], its value b[Val:End].
type Member struct{ Key, KeyEnd, Val, End int }

// Record is Value for an object whose members somebody wants to know: it appends
// them to members in order. For another value it appends nothing, and on an error
// those that it has read to their end.
func Record(b []byte, i int, members []Member) ([]Member, int, error) {
	if i >= len(b) || b[i] != '{' {
		end, err := Value(b, i)
		return members, end, err
	}
	end, err := object(b, i, MaxDepth, &members)
	return members, end, err
}

func value(b []byte, i, depth int) (int, error) {
	if i >= len(b) {
		return i, ErrShort
	}
	switch c := b[i]; c {
	case '"':
		return String(b, i)
	case '{':
		return object(b, i, depth, nil)
	case '[':
		return array(b, i, depth)
	case 't':
		return literal(b, i, "true")
	case 'f':
		return literal(b, i, "false")
	case 'n':
		return literal(b, i, "null")
	default:
		if c == '-' || c-'0' <= 9 {
			return number(b, i)
		}
		return i, ErrSyntax
	}
}

// object checks the object at b[i], and notes its members if anybody asks.
func object(b []byte, i, depth int, members *[]Member) (int, error) {
	if depth == 0 {
		return i, ErrDepth
	}
	i = Space(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		i = Space(b, i)
		if i >= len(b) {
			return i, ErrShort
		}
		if b[i] != '"' {
			return i, ErrSyntax
		}
		var err error
		m := Member{Key: i + 1}
		if i, err = String(b, i); err != nil {
			return i, err
		}
		m.KeyEnd = i - 1
		if i, err = expect(b, Space(b, i), ':'); err != nil {
			return i, err
		}
		m.Val = Space(b, i)
		if i, err = value(b, m.Val, depth-1); err != nil {
			return i, err
		}
		m.End = i
		if members != nil {
			*members = append(*members, m)
		}
		var done bool
		if i, done, err = separator(b, i, '}'); err != nil || done {
			return i, err
		}
	}
}

func array(b []byte, i, depth int) (int, error) {
	if depth == 0 {
		return i, ErrDepth
	}
	i = Space(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = value(b, Space(b, i), depth-1); err != nil {
			return i, err
		}
		var done bool
		if i, done, err = separator(b, i, ']'); err != nil || done {
			return i, err
		}
	}
}

// separator reads what follows a member: a comma, or the closing byte.
func separator(b []byte, i int, closing byte) (next int, done bool, err error) {
	i = Space(b, i)
	if i >= len(b) {
		return i, false, ErrShort
	}
	switch b[i] {
	case ',':
		return i + 1, false, nil
	case closing:
		return i + 1, true, nil
	}
	return i, false, ErrSyntax
}

// Key checks the key at b[i] of a member, up to its value. It returns the key as it
// stands between the quotes, and where the value starts.
func Key(b []byte, i int) (key []byte, val int, err error) {
	end, err := expect(b, i, '"')
	if err != nil {
		return nil, end, err
	}
	if end, err = String(b, i); err != nil {
		return nil, end, err
	}
	key = b[i+1 : end-1]
	if val, err = expect(b, Space(b, end), ':'); err != nil {
		return nil, val, err
	}
	return key, Space(b, val), nil
}

func expect(b []byte, i int, c byte) (int, error) {
	if i >= len(b) {
		return i, ErrShort
	}
	if b[i] != c {
		return i, ErrSyntax
	}
	return i + 1, nil
}

func literal(b []byte, i int, word string) (int, error) {
	for k := range len(word) {
		if i+k >= len(b) {
			return i + k, ErrShort
		}
		if b[i+k] != word[k] {
			return i + k, ErrSyntax
		}
	}
	return i + len(word), nil
}

func number(b []byte, i int) (int, error) {
	if b[i] == '-' {
		i++
	}
	if i >= len(b) {
		return i, ErrShort
	}
	var err error
	if b[i] == '0' {
		i++
	} else if i, err = digits(b, i); err != nil {
		return i, err
	}
	if i < len(b) && b[i] == '.' {
		if i, err = digits(b, i+1); err != nil {
			return i, err
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		return digits(b, i)
	}
	return i, nil
}

// digits reads one or more digits.
func digits(b []byte, i int) (int, error) {
	if i >= len(b) {
		return i, ErrShort
	}
	if b[i]-'0' > 9 {
		return i, ErrSyntax
	}
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i, nil
}
