package archive

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// differs says where a document differs from the one that was made.
func differs(made, shown []byte) string {
	at := 0
	for at < len(made) && at < len(shown) && made[at] == shown[at] {
		at++
	}
	if !utf8.Valid(made) {
		return fmt.Sprintf("it differs from byte %d on, of %d (it has %d)", at, len(made), len(shown))
	}
	line := 1 + bytes.Count(made[:at], []byte("\n"))
	return fmt.Sprintf("line %d was made as %q, and is %q", line, around(made, at), around(shown, at))
}

// around is what stands at a place of a text, and a little before, within its line.
func around(text []byte, at int) string {
	const before, after = 40, 80
	from, to := max(0, at-before), min(len(text), at+after)
	if i := bytes.LastIndexByte(text[from:at], '\n'); i >= 0 {
		from += i + 1
	}
	if i := bytes.IndexByte(text[at:to], '\n'); i >= 0 {
		to = at + i
	}
	return string(bytes.ToValidUTF8(text[from:to], []byte("?")))
}
