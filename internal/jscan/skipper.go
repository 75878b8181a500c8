package jscan

// Skipper finds the end of a value in text that comes in pieces, reading each byte
// once. It counts brackets, so it needs no stack and gets past a value that [Value]
// refused for its depth; the value itself is not checked. The zero Skipper is at
// the start of one.
type Skipper struct {
	at, depth int
	text      bool // within a string
}

// Skip goes on in b, which starts with the value and is at least as long as the
// last time. It returns the end of the value, and whether that was found. Of a
// value that is neither object nor array nor string the end is never found.
func (k *Skipper) Skip(b []byte) (end int, found bool) {
	for k.at < len(b) {
		c := b[k.at]
		k.at++
		switch {
		case k.text && c == '\\':
			k.at++ // what follows ends nothing
			continue
		case c == '"':
			k.text = !k.text
		case k.text:
			continue
		case c == '{', c == '[':
			k.depth++
			continue
		case c == '}', c == ']':
			k.depth--
		default:
			continue
		}
		if k.depth <= 0 && !k.text {
			return k.at, true
		}
	}
	return k.at, false
}
