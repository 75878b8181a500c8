package jscan

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// String checks the JSON string whose opening quote is b[i] and returns the
// index just past its closing quote.
func String(b []byte, i int) (int, error) {
	i++
	for {
		// Eight bytes at a time while none of them is a quote, a backslash or a
		// control character: most of a CloudTrail record is plain text.
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			quote := w ^ (ones * '"')
			slash := w ^ (ones * '\\')
			stop := ((quote - ones) &^ quote) | ((slash - ones) &^ slash) | ((w - ones*0x20) &^ w)
			if stop &= highs; stop != 0 {
				i += bits.TrailingZeros64(stop) / 8
				break
			}
			i += 8
		}
		for {
			if i >= len(b) {
				return i, ErrShort
			}
			c := b[i]
			if c == '"' {
				return i + 1, nil
			}
			if c == '\\' {
				break
			}
			if c < 0x20 {
				return i, ErrSyntax
			}
			i++
			if i&7 == 0 && i+8 <= len(b) {
				break
			}
		}
		if b[i] == '\\' {
			next, err := escape(b, i)
			if err != nil {
				return next, err
			}
			i = next
		}
	}
}

// escape checks the escape sequence that starts at the backslash b[i].
func escape(b []byte, i int) (int, error) {
	if i+1 >= len(b) {
		return len(b), ErrShort
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, nil
	case 'u':
		for k := i + 2; k < i+6; k++ {
			if k >= len(b) {
				return k, ErrShort
			}
			if hex(b[k]) < 0 {
				return k, ErrSyntax
			}
		}
		return i + 6, nil
	}
	return i + 1, ErrSyntax
}

func hex(c byte) rune {
	switch {
	case c-'0' <= 9:
		return rune(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}

// Unescape appends the text of the string body s (what stands between the
// quotes, accepted by [String]) to dst. A lone surrogate becomes U+FFFD, so
// that the result is valid UTF-8 whenever s is.
func Unescape(dst, s []byte) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c != '\\' {
			k := bytes.IndexByte(s[i:], '\\')
			if k < 0 {
				return append(dst, s[i:]...)
			}
			dst = append(dst, s[i:i+k]...)
			i += k
			continue
		}
		switch s[i+1] {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			var r rune
			r, i = unicodeEscape(s, i)
			dst = utf8.AppendRune(dst, r)
			continue
		default:
			dst = append(dst, s[i+1])
		}
		i += 2
	}
	return dst
}

// unicodeEscape reads \uXXXX, or a surrogate pair of two, at s[i].
func unicodeEscape(s []byte, i int) (rune, int) {
	r := hex4(s[i+2:])
	i += 6
	if !utf16.IsSurrogate(r) {
		return r, i
	}
	if i+6 <= len(s) && s[i] == '\\' && s[i+1] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(s[i+2:])); pair != utf8.RuneError {
			return pair, i + 6
		}
	}
	return utf8.RuneError, i
}

func hex4(s []byte) rune {
	return hex(s[0])<<12 | hex(s[1])<<8 | hex(s[2])<<4 | hex(s[3])
}
