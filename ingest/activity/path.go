package activity

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"tarn/internal/jscan"
)

// path leads from a JSON value to one inside it: actor.id, sourceIPs[0],
// annotations[authorization.k8s.io/decision].
type path []step

// step is a member's name, or in brackets also an element's place.
type step struct {
	name  string
	place int // of an element; -1 if the step can be a member only
}

// parsePath reads a path. Names are joined by dots; in brackets stands an
// element's number, from 0, or a name that may contain dots.
func parsePath(text string) (path, error) {
	var p path
	for rest := text; ; {
		if inside, ok := strings.CutPrefix(rest, "["); ok {
			name, behind, closed := strings.Cut(inside, "]")
			if !closed || name == "" {
				return nil, fmt.Errorf("path %q: a bracket needs a name or a number and its closing bracket, as in a[0] or a[b.c]", text)
			}
			place, err := strconv.Atoi(name)
			if err != nil || place < 0 {
				place = -1
			}
			p, rest = append(p, step{name, place}), behind
		} else {
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			if end == 0 {
				return nil, fmt.Errorf("path %q: a name is missing; write member.member or member[0]", text)
			}
			p, rest = append(p, step{rest[:end], -1}), rest[end:]
		}
		switch {
		case rest == "":
			return p, nil
		case rest[0] == '.':
			rest = rest[1:]
			if rest == "" || rest[0] == '[' {
				return nil, fmt.Errorf("path %q: a name is missing behind a dot", text)
			}
		case rest[0] != '[':
			return nil, fmt.Errorf("path %q: behind a bracket stands a dot or a bracket", text)
		}
	}
}

// find returns the value that the path leads to; nil if there is none, or null.
func (p path) find(v []byte) []byte {
	for _, s := range p {
		switch {
		case len(v) == 0:
			return nil
		case v[0] == '{':
			v = member(v, s.name)
		case v[0] == '[' && s.place >= 0:
			v = element(v, s.place)
		default:
			return nil
		}
	}
	if len(v) == 0 || jscan.KindOf(v) == jscan.Null {
		return nil
	}
	return v
}

// member returns a member of an object. As in columns, case does not matter, and
// of repeated members the first counts.
func member(v []byte, name string) []byte {
	if len(v) == 0 || v[0] != '{' {
		return nil
	}
	for it := jscan.Members(v); ; {
		key, val, ok := it.Next()
		if !ok {
			return nil
		}
		if is(key, name) {
			return val
		}
	}
}

// is reports whether a key, as it stands in a text, is of that name.
func is(key []byte, name string) bool {
	if string(key) == name {
		return true
	}
	if bytes.IndexByte(key, '\\') >= 0 {
		key = jscan.Unescape(nil, key)
	}
	return len(key) == len(name) && strings.EqualFold(string(key), name)
}

// object is a JSON object whose members are known, so that not each field has to
// look for its own.
type object struct {
	text    []byte
	members []jscan.Member
}

// membersOf is the object that a valid value is; for any other, one without members.
func membersOf(v []byte) object {
	members, _, _ := jscan.Record(v, 0, make([]jscan.Member, 0, 16))
	return object{v, members}
}

// member returns a member, as the function member does.
func (o object) member(name string) []byte {
	for _, m := range o.members {
		if is(o.text[m.Key:m.KeyEnd], name) {
			return o.text[m.Val:m.End]
		}
	}
	return nil
}

// find returns the value that a path leads to, as path.find does.
func (o object) find(p path) []byte { return p[1:].find(o.member(p[0].name)) }

func element(v []byte, place int) []byte {
	it := jscan.Members(v)
	for i := 0; ; i++ {
		val, ok := it.Elem()
		if !ok {
			return nil
		}
		if i == place {
			return val
		}
	}
}

// plain is the text of a JSON text, number or boolean; empty for anything else.
func plain(v []byte) string {
	if len(v) == 0 {
		return ""
	}
	switch jscan.KindOf(v) {
	case jscan.Text:
		return string(jscan.Unescape(nil, v[1:len(v)-1]))
	case jscan.Number, jscan.Bool:
		return string(v)
	}
	return ""
}

// holds returns the object that a value is, or that its text holds from the first
// brace on: an event in the line of a log, a document in a member. It is nil if
// there is none.
func holds(v []byte) []byte {
	if len(v) == 0 || v[0] == '{' {
		return v
	}
	if v[0] != '"' {
		return nil
	}
	text := jscan.Unescape(nil, v[1:len(v)-1])
	start := bytes.IndexByte(text, '{')
	if start < 0 {
		return nil
	}
	inner, err := parseObject(text[start:])
	if err != nil {
		return nil
	}
	return inner.text
}
