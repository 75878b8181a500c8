// Package uuid makes and recognises the identifiers of RFC 9562 in the one
// form Tarn writes: 36 characters, lower case, no braces.
//
// Random bits come from crypto/rand, so an identifier that is not of a name cannot
// be guessed. All functions may be called from several goroutines.
package uuid

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"
)

// New returns a random identifier (version 4).
func New() string {
	var u [16]byte
	_, _ = rand.Read(u[:]) // never fails: without random bits the program ends
	return format(u, 4)
}

// NewV7 returns an identifier that begins with t (version 7): as text,
// identifiers sort by their time, to about a quarter of a microsecond. Within
// that the order is random. A time before 1970 counts as 1970.
func NewV7(t time.Time) string {
	var u [16]byte
	_, _ = rand.Read(u[8:]) // never fails, see New

	ms := t.UnixMilli()
	below := int64(t.Nanosecond() % int(time.Millisecond))
	if ms < 0 {
		ms, below = 0, 0
	}
	for i := range 6 {
		u[i] = byte(ms >> (40 - 8*i))
	}
	// The twelve bits after the version hold the fraction of the millisecond,
	// so that identifiers made one after the other keep their order.
	frac := below << 12 / int64(time.Millisecond)
	u[6], u[7] = byte(frac>>8), byte(frac)
	return format(u, 7)
}

// Time returns the time that an identifier of NewV7 begins with, to the
// millisecond; false for any other.
func Time(s string) (time.Time, bool) {
	if !Valid(s) || s[14] != '7' {
		return time.Time{}, false
	}
	ms, err := strconv.ParseUint(s[:8]+s[9:13], 16, 48)
	return time.UnixMilli(int64(ms)), err == nil
}

// OfName returns the identifier that belongs to a name of several parts (version
// 8): the same parts always have the same, and others cannot be found that share
// it. It is made of the SHA-256 of the parts, each behind its length.
func OfName(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	return format([16]byte(h.Sum(nil)), 8)
}

// Valid says whether s has the form of an identifier: groups of 8, 4, 4, 4 and
// 12 hexadecimal digits joined by hyphens. Version and variant may be any, and
// upper case is accepted, because others write it.
func Valid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		if isHyphenAt(i) {
			if s[i] != '-' {
				return false
			}
		} else if !isHex(s[i]) {
			return false
		}
	}
	return true
}

// format writes u with its version and the RFC's variant set.
func format(u [16]byte, version byte) string {
	u[6] = u[6]&0x0f | version<<4
	u[8] = u[8]&0x3f | 0x80

	digits := hex.AppendEncode(make([]byte, 0, 32), u[:])
	out := make([]byte, 0, 36)
	for _, d := range digits {
		if isHyphenAt(len(out)) {
			out = append(out, '-')
		}
		out = append(out, d)
	}
	return string(out)
}

func isHyphenAt(i int) bool { return i == 8 || i == 13 || i == 18 || i == 23 }

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
