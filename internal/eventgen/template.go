package eventgen

import (
	"strconv"
	"strings"
)

// template is a piece of JSON with holes. The catalog writes it as text, the
// way it looks in a log, with <names> in the holes:
//
//	{"instanceId":"<instance>","launchTime":<ms>}
//
// Compiled once, it is filled by copying text and switching on the hole.
type template []piece

// piece is some text and the hole behind it.
type piece struct {
	text string
	hole hole
	arg  uint8 // how many letters, or which pool
	more bool  // <subnet+>: another one than <subnet>
}

type hole uint8

const (
	holeNone hole = iota

	// What the record already says.
	holeAccount
	holeRegion
	holeRequestID
	holeArn
	holeAction
	holeMe
	holeIP
	holeCipher

	// When it happened, in the formats responses use.
	holeMillis
	holeSeconds
	holeISO
	holeWhen
	holeLater
	holeDate
	holeDay
	holeHour

	// Made up once per record: mentioned again, they are the same.
	holeSerial
	holeUID
	holeRoleID
	holePrivateIP
	holeZone

	// Things that exist in the account: the same within one record, too.
	holePool
	holeKey

	// Made up on the spot, every time.
	holeUUID
	holeUpperUUID
	holeHex
	holeNumber
	holeSize
	holeToken
	holeHostID
	holeAccessKey
	holeMAC
	holeEnv
)

// holes names the holes that take no number; <hex16> and <n4> do, and every
// kind of thing in worldSpec is a hole by its own name.
var holes = [...]string{
	holeAccount: "account", holeRegion: "region", holeRequestID: "requestid", holeArn: "arn",
	holeAction: "action", holeMe: "me", holeIP: "ip", holeCipher: "cipher",
	holeMillis: "ms", holeSeconds: "sec", holeISO: "iso", holeWhen: "when", holeLater: "later",
	holeDate: "date", holeDay: "day", holeHour: "hh",
	holeSerial: "serial", holeUID: "uid", holeRoleID: "roleid", holePrivateIP: "ip10", holeZone: "az",
	holeKey: "key", holeUUID: "uuid", holeUpperUUID: "UUID", holeSize: "size", holeToken: "token",
	holeHostID: "hostid", holeAccessKey: "akid", holeMAC: "mac", holeEnv: "env",
}

// compile cuts a text at its holes. A name it does not know stays in the text;
// TestEveryHoleHasAName sees to it that there is none.
func compile(text string) template {
	var t template
	kept := ""
	for {
		before, rest, found := strings.Cut(text, "<")
		name, after, closed := strings.Cut(rest, ">")
		if !found || !closed {
			break
		}
		p, known := holeNamed(name)
		if !known {
			kept += before + "<"
			text = rest
			continue
		}
		p.text = kept + before
		t = append(t, p)
		kept, text = "", after
	}
	if kept+text != "" {
		t = append(t, piece{text: kept + text})
	}
	return t
}

func holeNamed(name string) (piece, bool) {
	name, more := strings.CutSuffix(name, "+")
	for h, known := range holes {
		if known != "" && known == name {
			return piece{hole: hole(h), more: more}, true
		}
	}
	for k, spec := range worldSpec {
		if spec.name == name {
			return piece{hole: holePool, arg: uint8(k), more: more}, true
		}
	}
	digits, h := strings.TrimPrefix(name, "n"), holeNumber
	if d, found := strings.CutPrefix(name, "hex"); found {
		digits, h = d, holeHex
	}
	n, err := strconv.ParseUint(digits, 10, 8)
	return piece{hole: h, arg: uint8(n)}, err == nil && digits != name
}

// expand adds the template with its holes filled for the record in hand.
func (m *maker) expand(b []byte, t template) []byte {
	for i := range t {
		p := &t[i]
		b = append(b, p.text...)
		switch {
		case p.hole == holeNone:
		case p.hole == holePool:
			b = append(b, m.pick(p.arg, p.more)...)
		case p.hole < holePool:
			b = m.fact(b, p.hole)
		default:
			b = m.invent(b, p)
		}
	}
	return b
}

// fact adds what the record already says.
func (m *maker) fact(b []byte, h hole) []byte {
	r := &m.rec
	switch h {
	case holeAccount:
		return append(b, r.lane.account.id...)
	case holeRegion:
		return append(b, r.lane.region...)
	case holeRequestID:
		return m.appendRequestID(b)
	case holeArn:
		return append(b, m.caller.arn...)
	case holeAction:
		b = append(append(b, r.call.prefix...), ':')
		return append(b, r.call.name...)
	case holeMe:
		if m.caller.who == nil {
			return append(b, m.caller.agent...)
		}
		return append(b, m.caller.who.name...)
	case holeIP:
		return append(b, m.caller.address...)
	case holeCipher:
		return append(b, ciphers[r.tls]...)
	case holeMillis:
		return append(strconv.AppendInt(b, r.at, 10), "000"...)
	case holeSeconds:
		return strconv.AppendInt(b, r.at, 10)
	case holeISO:
		return appendTime(b, r.at)
	case holeWhen:
		return appendWhen(b, r.at)
	case holeLater:
		return appendWhen(b, r.at+hour)
	case holeDate:
		return appendDate(b, r.at, '/')
	case holeDay:
		return appendDate(b, r.at, '-')
	case holeHour:
		return append2(b, int(r.at%day)/hour)
	}
	return m.once(b, h)
}

// once adds something made up that the record may mention again.
func (m *maker) once(b []byte, h hole) []byte {
	seed := mix(m.rec.request[0], uint64(h))
	switch h {
	case holeSerial:
		return appendDecimal(b, 1_000_000_000+seed%9_000_000_000)
	case holeUID:
		return appendUUID(b, seed, mix(seed, m.rec.request[1]), lowerHex)
	case holeRoleID:
		return appendKeyID(b, "AROA", seed, 21)
	case holePrivateIP:
		return appendPrivate(b, seed)
	case holeZone:
		return append(append(b, m.rec.lane.region...), byte('a'+seed%3))
	}
	return b
}

// invent adds something that nothing else depends on.
func (m *maker) invent(b []byte, p *piece) []byte {
	s := &m.src
	switch p.hole {
	case holeKey:
		return append(b, m.objectKey()...)
	case holeUUID:
		return appendUUID(b, s.Uint64(), s.Uint64(), lowerHex)
	case holeUpperUUID:
		return appendUUID(b, s.Uint64(), s.Uint64(), upperHex)
	case holeHex:
		return appendFrom(b, s, lowerHex, int(p.arg))
	case holeNumber:
		return appendNumber(b, s, int(p.arg))
	case holeSize:
		return appendNumber(b, s, 2+s.n(6))
	case holeToken:
		return appendToken(b, s)
	case holeHostID:
		return append(appendFrom(b, s, base64, 75), '=')
	case holeAccessKey:
		return appendKeyID(b, "ASIA", s.Uint64(), 20)
	case holeMAC:
		b = append(b, "0a:"...)
		for range 4 {
			b = append(appendFrom(b, s, lowerHex, 2), ':')
		}
		return appendFrom(b, s, lowerHex, 2)
	case holeEnv:
		return append(b, m.rec.lane.account.env...)
	}
	return b
}

// appendToken adds a session token. Real ones are a few hundred letters long
// and no compressor can do anything about them.
func appendToken(b []byte, s *source) []byte {
	b = append(b, "IQoJb3JpZ2luX2VjE"...)
	b = appendFrom(b, s, base64, 240+s.n(120))
	return append(b, "=="...)
}

// appendPrivate adds an address inside the company's 10.20.0.0/16.
func appendPrivate(b []byte, u uint64) []byte {
	b = append(b, "10.20."...)
	b = strconv.AppendUint(b, u%64, 10)
	b = append(b, '.')
	return strconv.AppendUint(b, 4+u>>8%250, 10)
}
