package activity

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"tarn/internal/jscan"
	"tarn/schemas"
)

// rule says where a field's value comes from. One of the forms is set.
type rule struct {
	from  path     // what the path leads to
	text  []byte   // a constant, as a JSON text
	first []rule   // the first that gives something
	join  []rule   // the first and all others that give something, in one text
	with  string   // what stands between them
	parts []part   // an object of others
	not   []string // texts that are no value: x, x*, *x, *x*
	unit  unit     // of a time that is a number
}

// part is a member of an object that a rule makes.
type part struct {
	name string
	rule rule
}

// taker decides whether a value that a path led to is one for the field, and
// returns what is written for it; nil if it is none.
type taker func(r *rule, v []byte) []byte

// give returns the rule's value for the event; nil if there is none.
func (r *rule) give(event object, take taker) []byte {
	switch {
	case r.text != nil:
		return take(r, r.text)
	case r.first != nil:
		for i := range r.first {
			if v := r.first[i].give(event, take); v != nil {
				return v
			}
		}
		return nil
	case r.join != nil:
		return r.joined(event, take)
	case r.parts != nil:
		return take(r, r.assembled(event))
	}
	v := event.find(r.from)
	if v == nil || r.excluded(v) {
		return nil
	}
	return take(r, v)
}

// joined is what the rules give in one text; nil if the first of them gives
// nothing, for the others only add to it.
func (r *rule) joined(event object, take taker) []byte {
	var texts []string
	for i := range r.join {
		v := r.join[i].give(event, takeText)
		switch {
		case v != nil:
			texts = append(texts, plain(v))
		case i == 0:
			return nil
		}
	}
	return take(r, quote(strings.Join(texts, r.with)))
}

// assembled is an object of what the parts give; nil if they give nothing.
func (r *rule) assembled(event object) []byte {
	var b []byte
	for i := range r.parts {
		v := r.parts[i].rule.give(event, takeAny)
		if v == nil {
			continue
		}
		lead := byte(',')
		if b == nil {
			lead = '{'
		}
		b = append(append(append(append(b, lead), quote(r.parts[i].name)...), ':'), v...)
	}
	if b == nil {
		return nil
	}
	return append(b, '}')
}

// excluded reports whether the value is one of those that stand for none, in any
// case.
func (r *rule) excluded(v []byte) bool {
	if r.not == nil {
		return false
	}
	text := strings.ToLower(plain(v))
	for _, pattern := range r.not {
		head, any := strings.CutSuffix(pattern, "*")
		tail, anyBefore := strings.CutPrefix(head, "*")
		switch {
		case any && anyBefore && strings.Contains(text, tail),
			any && !anyBefore && strings.HasPrefix(text, head),
			!any && anyBefore && strings.HasSuffix(text, tail),
			!any && !anyBefore && text == pattern:
			return true
		}
	}
	return false
}

// takeText takes texts as they are written, and numbers and booleans as texts. An
// empty text is no value.
func takeText(_ *rule, v []byte) []byte {
	switch {
	case v == nil:
		return nil
	case v[0] == '"':
		if len(v) == 2 {
			return nil
		}
		return v
	case plain(v) != "":
		return append(append([]byte{'"'}, v...), '"')
	}
	return nil
}

// takeObject takes objects, and texts that hold one.
func takeObject(_ *rule, v []byte) []byte { return holds(v) }

// takeAny takes everything but an empty text.
func takeAny(_ *rule, v []byte) []byte {
	if len(v) == 2 && v[0] == '"' {
		return nil
	}
	return v
}

// takeTime takes what is a time, and writes it as all times are.
func takeTime(r *rule, v []byte) []byte {
	text := plain(v)
	if micros, ok := schemas.ParseTime([]byte(text)); ok {
		return instant(micros)
	}
	if micros, ok := r.unit.micros(text); ok {
		return instant(micros)
	}
	return nil
}

// unit is in what a source counts time: so many microseconds, or parts of one.
type unit struct{ times, parts int64 }

// units are those that a map can name.
func units() map[string]unit {
	return map[string]unit{"s": {1_000_000, 1}, "ms": {1_000, 1}, "us": {1, 1}, "ns": {1, 1_000}}
}

// micros reads a count of units since 1970, with a fraction if it has one. The
// zero unit reads nothing.
func (u unit) micros(text string) (int64, bool) {
	if u.times == 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	micros := n * u.times
	if fits := micros/u.times == n; err != nil || !fits {
		f, err := strconv.ParseFloat(text, 64)
		f = f * float64(u.times) / float64(u.parts)
		if err != nil || !(math.Abs(f) < 1e18) {
			return 0, false
		}
		micros = int64(f)
	} else {
		micros /= u.parts
	}
	year := time.UnixMicro(micros).UTC().Year()
	return micros, year >= 1 && year <= 9999
}

// String says where a value was looked for, for somebody who reads why a record
// was rejected.
func (r *rule) String() string {
	var names []string
	for _, all := range [][]rule{r.first, r.join} {
		for i := range all {
			names = append(names, all[i].String())
		}
	}
	if r.from != nil {
		return r.from.String()
	}
	return strings.Join(names, ", ")
}

// String is the path as it is written.
func (p path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.place >= 0 || strings.ContainsAny(s.name, ".["):
			fmt.Fprintf(&b, "[%s]", s.name)
		case i > 0:
			b.WriteString("." + s.name)
		default:
			b.WriteString(s.name)
		}
	}
	return b.String()
}

// found is the first value that a rule's paths lead to, whatever it is.
func (r *rule) found(event object) []byte {
	return r.give(event, func(_ *rule, v []byte) []byte { return v })
}

// isNumber reports whether a value would be a time if its unit were known.
func isNumber(v []byte) bool { return len(v) > 0 && jscan.KindOf(v) == jscan.Number }
