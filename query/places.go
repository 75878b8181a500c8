package query

import "strings"

// tablePlaces follows the tokens of a statement and knows when the name of a
// table may come next: behind FROM and JOIN, and behind the commas of a FROM.
type tablePlaces struct {
	frames []tableFrame // one for each open parenthesis, behind the outermost
	last   string       // the last token that was not blank, in upper case
	dotted bool         // the one before it was a dot: a part of a name, no keyword
}

// tableFrame is what is known within one pair of parentheses.
type tableFrame struct {
	inFrom bool // within a FROM clause
	next   bool // a table's name may come next
	call   bool // the parentheses of a function whose arguments are told apart by FROM
}

// fromCalls are the functions that use FROM between their arguments.
var fromCalls = map[string]bool{"EXTRACT": true, "SUBSTRING": true, "TRIM": true, "OVERLAY": true, "POSITION": true}

// afterFrom are the keywords that end a FROM clause.
var afterFrom = map[string]bool{
	"SELECT": true, "WHERE": true, "GROUP": true, "HAVING": true, "WINDOW": true, "QUALIFY": true,
	"ORDER": true, "LIMIT": true, "OFFSET": true, "FETCH": true, "UNION": true, "EXCEPT": true, "INTERSECT": true,
}

// expected reports whether the name of a table may come next.
func (p *tablePlaces) expected() bool { return p.frame().next }

func (p *tablePlaces) frame() *tableFrame {
	if len(p.frames) == 0 {
		p.frames = []tableFrame{{}}
	}
	return &p.frames[len(p.frames)-1]
}

// see takes the next token of the statement.
func (p *tablePlaces) see(t token) {
	if t.blank() {
		return
	}
	f := p.frame()
	word := ""
	switch {
	case t.kind == wordToken && !p.dotted:
		word = strings.ToUpper(t.text)
		f.word(word, p.last)
	case t.is("("):
		p.frames = append(p.frames, tableFrame{inFrom: f.next, next: f.next, call: fromCalls[p.last]})
		f.next = false
	case t.is(")"):
		if len(p.frames) > 1 {
			p.frames = p.frames[:len(p.frames)-1]
		}
		p.frame().next = false
	case t.is(","):
		f.next = f.inFrom
	default:
		f.next = false
	}
	p.last, p.dotted = word, t.is(".")
}

func (f *tableFrame) word(word, last string) {
	switch {
	case word == "FROM" && !f.call && last != "DISTINCT": // not x IS DISTINCT FROM y
		f.inFrom, f.next = true, true
	case word == "JOIN":
		f.inFrom, f.next = true, true
	case word == "LATERAL" && f.next:
	case afterFrom[word]:
		f.inFrom, f.next = false, false
	default:
		f.next = false
	}
}
