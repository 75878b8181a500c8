package ingest

// brackets finds the end of a JSON object in a stream, whose bytes it looks at
// once. It does not check that the object is JSON, only what tells early that it
// is none: so that a line which was cut off does not take the next ones with it.
type brackets struct {
	depth   int
	text    bool // within a string
	escaped bool // behind a backslash
	last    byte // the last byte that was no space, outside of strings
	newline int  // the place behind the last newline outside of strings; 0 if there is none
}

// state is what brackets came to.
type state int

const (
	open   state = iota // the object goes on behind what is there
	closed              // it ends
	broken              // it is none
)

// scan goes on at b[i]. It returns the place behind the object, the place where
// it is seen to be none, or the end of b.
func (k *brackets) scan(b []byte, i int) (int, state) {
	for ; i < len(b); i++ {
		c := b[i]
		switch {
		case k.text:
			if !k.within(c) {
				return i, broken
			}
			continue
		case c == '\n':
			k.newline = i + 1
			continue
		case c == ' ', c == '\t', c == '\r':
			continue
		case c == '"', c == '{', c == '[':
			// A value or a name follows one of these, or is the first.
			if k.depth > 0 && k.last != '{' && k.last != '[' && k.last != ',' && k.last != ':' {
				return i, broken
			}
			if k.text = c == '"'; !k.text {
				k.depth++
			}
		case c == '}', c == ']':
			if k.depth--; k.depth == 0 {
				return i + 1, closed
			}
		}
		k.last = c
	}
	return i, open
}

// within takes a byte of a string. It is false if none can have it.
func (k *brackets) within(c byte) bool {
	switch {
	case c < 0x20:
		return false
	case k.escaped:
		k.escaped = false
	case c == '\\':
		k.escaped = true
	case c == '"':
		k.text = false
	}
	return true
}
