package eventgen

import "strconv"

// The alphabets AWS writes its identifiers in.
const (
	lowerHex  = "0123456789abcdef"
	upperHex  = "0123456789ABCDEF"
	base32    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	base36    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	base62    = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	base64    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	monthName = "JanFebMarAprMayJunJulAugSepOctNovDec"
)

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// appendFrom adds n letters drawn from the alphabet.
func appendFrom(b []byte, s *source, alphabet string, n int) []byte {
	// One draw of 64 bits is good for ten letters of up to 6 bits each;
	// multiplying instead of masking keeps odd alphabets (36, 62) even enough.
	for n > 0 {
		u := s.Uint64()
		for k := min(n, 10); k > 0; k-- {
			b = append(b, alphabet[(u&63)*uint64(len(alphabet))>>6])
			u >>= 6
			n--
		}
	}
	return b
}

func appendUUID(b []byte, hi, lo uint64, digits string) []byte {
	hi = hi&^0xf000 | 0x4000         // version 4: random
	lo = lo&^(3<<62) | uint64(2)<<62 // the RFC's variant
	for i := 60; i >= 0; i -= 4 {
		b = append(b, digits[hi>>i&15])
		if i == 32 || i == 16 || i == 0 {
			b = append(b, '-')
		}
	}
	for i := 60; i >= 0; i -= 4 {
		b = append(b, digits[lo>>i&15])
		if i == 48 {
			b = append(b, '-')
		}
	}
	return b
}

// appendKeyID adds an identifier such as an access key: the prefix says what
// it names (AKIA, ASIA, AROA, AIDA), and the word EXAMPLE inside keeps every
// one of them from being anyone's.
func appendKeyID(b []byte, prefix string, seed uint64, size int) []byte {
	b = append(b, prefix...)
	for i := len(prefix); i < size-len("EXAMPLE")-7; i++ {
		b = append(b, base32[seed&31])
		seed >>= 5
	}
	b = append(b, "EXAMPLE"...)
	for range 7 {
		b = append(b, base32[seed&31])
		seed >>= 5
	}
	return b
}

func keyID(prefix string, seed uint64, size int) string {
	return string(appendKeyID(nil, prefix, seed, size))
}

// appendNumber adds a decimal number of n digits without a leading zero.
func appendNumber(b []byte, s *source, n int) []byte {
	low := 1
	for range n - 1 {
		low *= 10
	}
	return strconv.AppendInt(b, int64(low+s.n(9*low)), 10)
}

func append2(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// civil turns a day number since 1970 into year, month and day. It is spelled
// out because it runs several times for every record, and time.Time is slower
// by a multiple.
func civil(days int64) (y, m, d int) {
	z := days + 719468 // days since 0000-03-01
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = int(doy - (153*mp+2)/5 + 1)
	m = int(mp + 3)
	y = int(yoe + era*400)
	if m > 12 {
		m -= 12
		y++
	}
	return y, m, d
}

// appendDate adds a day as 2026-10-12, 2026/10/12 or 20261012; sep 0 is none.
func appendDate(b []byte, at int64, sep byte) []byte {
	y, m, d := civil(at / day)
	b = append2(append2(b, y/100), y%100)
	if sep != 0 {
		b = append(b, sep)
	}
	b = append2(b, m)
	if sep != 0 {
		b = append(b, sep)
	}
	return append2(b, d)
}

// appendTime adds the one time format of eventTime: 2026-10-12T02:07:31Z.
func appendTime(b []byte, at int64) []byte {
	b = append(appendDate(b, at, '-'), 'T')
	s := int(at % day)
	b = append(append2(b, s/hour), ':')
	b = append(append2(b, s%hour/minute), ':')
	return append(append2(b, s%minute), 'Z')
}

// appendWhen adds the other format, the one inside responses:
// Oct 12, 2026, 2:07:31 AM.
func appendWhen(b []byte, at int64) []byte {
	y, m, d := civil(at / day)
	b = append(b, monthName[3*m-3:3*m]...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(d), 10)
	b = append(b, ", "...)
	b = strconv.AppendInt(b, int64(y), 10)
	b = append(b, ", "...)
	s := int(at % day)
	b = strconv.AppendInt(b, int64((s/hour+11)%12+1), 10)
	b = append(append2(append(b, ':'), s%hour/minute), ':')
	b = append2(b, s%minute)
	if s < day/2 {
		return append(b, " AM"...)
	}
	return append(b, " PM"...)
}

func appendDecimal(b []byte, u uint64) []byte { return strconv.AppendUint(b, u, 10) }
