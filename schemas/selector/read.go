package selector

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"tarn/internal/jscan"
)

// Problems is everything that is wrong with selectors, a sentence each: where it
// is, what it is, and what to do.
type Problems []string

// Error is the sentences, a line each.
func (p Problems) Error() string {
	if len(p) == 1 {
		return p[0]
	}
	return fmt.Sprintf("%d problems:\n  %s", len(p), strings.Join(p, "\n  "))
}

// reader takes JSON text apart and notes what is wrong with it.
type reader struct {
	text     []byte
	problems Problems
}

func (r *reader) problem(where, format string, args ...any) {
	r.problems = append(r.problems, where+": "+fmt.Sprintf(format, args...))
}

// list reads the text, an array of selectors.
func (r *reader) list() (all []Selector) {
	start := jscan.Space(r.text, 0)
	end, err := jscan.Value(r.text, start)
	switch {
	case start == len(r.text):
		r.problem("selectors", `the text is empty; write an array, [{"FieldSelectors":[…]}]`)
		return nil
	case err == nil && jscan.Space(r.text, end) < len(r.text):
		end, err = jscan.Space(r.text, end), fmt.Errorf("more text behind the end")
	case err == nil && !utf8.Valid(r.text):
		r.problem("selectors", "the text is not valid UTF-8; save it as such")
		return nil
	}
	if err != nil {
		line := r.text[bytes.LastIndexByte(r.text[:end], '\n')+1 : end]
		r.problem("selectors", "this is not JSON at line %d, column %d (%v); mend it there",
			bytes.Count(r.text[:end], []byte("\n"))+1, utf8.RuneCount(line)+1, err)
		return nil
	}
	v := r.text[start:end]
	if jscan.KindOf(v) != jscan.Array {
		r.noList(v)
		return nil
	}
	for it, n := jscan.Members(v), 1; ; n++ {
		e, ok := it.Elem()
		if !ok {
			return all
		}
		all = append(all, r.selector(e, n))
	}
}

// noList says what to do with text that is one thing and not a list.
func (r *reader) noList(v []byte) {
	for it := jscan.Members(v); ; {
		key, _, ok := it.Next()
		switch {
		case !ok:
			r.problem("selectors", `this is no array of selectors; write [{"FieldSelectors":[…]}]`)
			return
		case string(key) == "FieldSelectors":
			r.problem("selectors", "this is one selector; write it into an array: […]")
			return
		case string(key) == "AdvancedEventSelectors":
			r.problem("selectors", "this is an answer about a store or trail; take the array out of its AdvancedEventSelectors")
			return
		}
	}
}

// whereSelector names a selector, from 1, by its name too if it has one.
func whereSelector(n int, name string) string {
	if name == "" {
		return fmt.Sprintf("selector %d", n)
	}
	return fmt.Sprintf("selector %d (%s)", n, short(name))
}

// short is a text that others wrote, for a sentence.
func short(text string) string {
	if len(text) > 60 {
		text = strings.ToValidUTF8(text[:60], "") + "…"
	}
	return fmt.Sprintf("%q", text)
}

// selector reads a selector and checks it. What it lacks is not told if something
// of it could not be read.
func (r *reader) selector(v []byte, n int) (s Selector) {
	before := len(r.problems)
	where := whereSelector(n, "")
	if jscan.KindOf(v) != jscan.Object {
		r.problem(where, `a selector is an object: {"Name":"…","FieldSelectors":[…]}`)
		return s
	}
	var list []byte
	r.members(v, where, "a selector has Name and FieldSelectors", func(key string, val []byte) bool {
		switch key {
		case "Name":
			s.Name = r.string(val, where, "Name")
		case "FieldSelectors":
			list = val
		default:
			return false
		}
		return true
	})
	where = whereSelector(n, s.Name)
	if len(list) == 0 || jscan.KindOf(list) != jscan.Array {
		r.problem(where, `there is no array FieldSelectors; write [{"Field":"eventCategory","Equals":["Management"]}]`)
		return s
	}
	for it, k := jscan.Members(list), 1; ; k++ {
		e, ok := it.Elem()
		if !ok {
			break
		}
		if f := r.field(e, where, k); f.Field != "" {
			s.FieldSelectors = append(s.FieldSelectors, f)
		}
	}
	r.check(where, s, len(r.problems) == before)
	return s
}

// field reads a field selector; one without a Field is of no use.
func (r *reader) field(v []byte, where string, n int) (f FieldSelector) {
	at := fmt.Sprintf("%s, field selector %d", where, n)
	if jscan.KindOf(v) != jscan.Object {
		r.problem(at, `a field selector is an object: {"Field":"eventName","Equals":["…"]}`)
		return f
	}
	named, compared := false, false
	r.members(v, at, "a field selector has Field and "+listed(allOperators(), "or", operator.String), func(key string, val []byte) bool {
		if key == "Field" {
			f.Field, named = r.string(val, at, "Field"), true
			return true
		}
		for _, o := range allOperators() {
			if key == o.String() {
				*f.values(o), compared = r.strings(val, at, key), true
				return true
			}
		}
		return false
	})
	if !named || f.Field == "" {
		r.problem(at, `there is no Field; name one, such as "Field":"eventName"`)
	} else if !compared {
		r.problem(at, "%s is compared with nothing; write %s", short(f.Field), listed(allOperators(), "or", operator.String))
	}
	return f
}

// members calls fn with each member of an object; fn returns false for one that it
// does not know.
func (r *reader) members(v []byte, where, known string, fn func(key string, val []byte) bool) {
	seen := map[string]bool{}
	for it := jscan.Members(v); ; {
		raw, val, ok := it.Next()
		if !ok {
			return
		}
		key := string(jscan.Unescape(nil, raw))
		switch {
		case seen[key]:
			r.problem(where, "%s stands there twice; write it once", short(key))
		case !fn(key, val):
			r.problem(where, "there is no %s; %s", short(key), known)
		}
		seen[key] = true
	}
}

func (r *reader) string(v []byte, where, what string) string {
	if jscan.KindOf(v) != jscan.Text {
		r.problem(where, `%s is no text; write it in quotes: "…"`, what)
		return ""
	}
	return string(jscan.Unescape(nil, v[1:len(v)-1]))
}

func (r *reader) strings(v []byte, where, what string) (all []string) {
	if jscan.KindOf(v) != jscan.Array {
		r.problem(where, `%s is no array; write its values as texts in one: ["…"]`, what)
		return nil
	}
	n := 0
	for it := jscan.Members(v); ; n++ {
		e, ok := it.Elem()
		if !ok {
			break
		}
		if jscan.KindOf(e) != jscan.Text {
			e = jscan.AppendCompact(nil, e)
			r.problem(where, `%s has the value %.60s; write it as a text: "%.60s"`, what, e, e)
			continue
		}
		all = append(all, r.string(e, where, what))
	}
	if n == 0 {
		r.problem(where, "%s is empty; give it a value or leave it out", what)
	}
	return all
}
