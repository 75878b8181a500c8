package query

import (
	"fmt"
	"strconv"
	"strings"
)

// What Trino's grammar has and DuckDB's has not, or reads as something else, is
// changed in the text before it is parsed. It is a closed list: each rule looks
// at one place of the text and says what takes its place, so that errors can be
// told where the user wrote it.

// rewriter goes over the tokens of a statement.
type rewriter struct {
	tokens []token // without blanks
	match  []int   // of each bracket the one that belongs to it, else -1
	edits  []edit
	err    *placeFault // the first thing that cannot be rewritten
}

// placeFault is what is wrong at a place of the user's text.
type placeFault struct {
	pos    int
	msg    string
	advice string
}

// keywordRules are tried where their word stands. A rule looks at tokens from i
// on, and may look back.
var keywordRules = map[string]func(w *rewriter, i int){
	"ARRAY":             (*rewriter).arrayType,
	"AT":                (*rewriter).plainAt,
	"MAP":               (*rewriter).mapType,
	"WITHIN":            (*rewriter).withinGroup,
	"OVERFLOW":          (*rewriter).onOverflow,
	"IGNORE":            (*rewriter).nullTreatment,
	"RESPECT":           (*rewriter).nullTreatment,
	"VALUES":            (*rewriter).values,
	"IF":                (*rewriter).shortIf,
	"INTERVAL":          (*rewriter).interval,
	"DECIMAL":           (*rewriter).decimalText,
	"JSON":              (*rewriter).jsonLiteral,
	"TABLESAMPLE":       (*rewriter).sample,
	"GROUP":             (*rewriter).groupAll,
	"TIES":              (*rewriter).withTies,
	"TIMESTAMP":         (*rewriter).precision,
	"TIME":              (*rewriter).precision,
	"CURRENT_TIMESTAMP": (*rewriter).precision,
	"CURRENT_TIME":      (*rewriter).precision,
	"LOCALTIMESTAMP":    (*rewriter).precision,
	"LOCALTIME":         (*rewriter).precision,
	"JSON_VALUE":        (*rewriter).jsonValue,
	"JSON_QUERY":        (*rewriter).jsonQuery,
	"JSON_EXISTS":       (*rewriter).jsonExists,
	"JSON_OBJECT":       (*rewriter).jsonObject,
	"JSON_ARRAY":        (*rewriter).jsonArray,
	"X":                 (*rewriter).binaryText,
	"U":                 (*rewriter).unicodeText,
}

// rewrite returns the edits that the rules ask for, in the order of the text.
func rewrite(all []token) ([]edit, *placeFault) {
	w := &rewriter{tokens: all, match: brackets(all)}
	list := selectLists{}
	for i, t := range all {
		switch {
		case t.kind == wordToken && !w.is(i-1, "."):
			if rule := keywordRules[strings.ToUpper(t.text)]; rule != nil {
				rule(w, i)
			}
			if list.inside() && w.bareAlias(i) {
				w.replace(i, i, `"`+t.text+`"`)
			}
		case t.kind == numberToken:
			w.otherBase(i)
		}
		list.see(all, i)
	}
	return w.edits, w.err
}

// brackets finds the pairs of parentheses and square brackets.
func brackets(all []token) []int {
	match := make([]int, len(all))
	var open []int
	for i, t := range all {
		match[i] = -1
		switch {
		case t.is("(") || t.is("["):
			open = append(open, i)
		case (t.is(")") || t.is("]")) && len(open) > 0:
			last := open[len(open)-1]
			open = open[:len(open)-1]
			match[i], match[last] = last, i
		}
	}
	return match
}

// is reports whether there is a token i and it is this word or mark.
func (w *rewriter) is(i int, text string) bool {
	return i >= 0 && i < len(w.tokens) && w.tokens[i].is(text)
}

// are reports whether these words and marks follow each other from i on.
func (w *rewriter) are(i int, texts ...string) bool {
	for n, text := range texts {
		if !w.is(i+n, text) {
			return false
		}
	}
	return true
}

// kindOf returns the kind of token i; spaceToken where there is none.
func (w *rewriter) kindOf(i int) tokenKind {
	if i < 0 || i >= len(w.tokens) {
		return spaceToken
	}
	return w.tokens[i].kind
}

// adjacent reports whether nothing stands between token i and the next.
func (w *rewriter) adjacent(i int) bool {
	return i+1 < len(w.tokens) && w.tokens[i].end() == w.tokens[i+1].pos
}

// replace puts a text in place of the tokens from first to last.
func (w *rewriter) replace(first, last int, now string) {
	at := w.tokens[first].pos
	w.edits = append(w.edits, edit{at, w.tokens[last].end() - at, now})
}

// insert puts a text before token i; behind all if there is no such token.
func (w *rewriter) insert(i int, now string) {
	at := w.tokens[len(w.tokens)-1].end()
	if i < len(w.tokens) {
		at = w.tokens[i].pos
	}
	w.edits = append(w.edits, edit{at, 0, now})
}

func (w *rewriter) fail(i int, msg, advice string) {
	if w.err == nil {
		w.err = &placeFault{w.tokens[i].pos, msg, advice}
	}
}

// closing returns the bracket that closes the one at i, of a type's angle
// brackets too; -1 if there is none.
func (w *rewriter) closing(i int) int {
	if !w.is(i, "<") {
		if i < len(w.match) {
			return w.match[i]
		}
		return -1
	}
	depth := 0
	for ; i < len(w.tokens); i++ {
		switch {
		case w.is(i, "<"):
			depth++
		case w.is(i, ">"):
			if depth--; depth == 0 {
				return i
			}
		case w.is(i, "AND"), w.is(i, "OR"): // a comparison
			return -1
		case w.kindOf(i) != wordToken && w.kindOf(i) != numberToken && !w.is(i, ",") && !w.is(i, "(") && !w.is(i, ")"):
			return -1
		}
	}
	return -1
}

// arrayType makes type[] of the types array(type) and array<type>.
func (w *rewriter) arrayType(i int) {
	end := -1
	if w.is(i+1, "(") && !w.is(i+2, "SELECT") && !w.is(i+2, "WITH") || w.is(i+1, "<") {
		end = w.closing(i + 1)
	}
	if end > 0 {
		w.replace(i, i+1, "")
		w.replace(end, end, "[]")
	}
}

// plainAt puts a column called at in quotes: at is a keyword of DuckDB's alone.
func (w *rewriter) plainAt(i int) {
	if !w.are(i, "AT", "TIME", "ZONE") && !w.is(i+1, "(") {
		w.replace(i, i, `"`+w.tokens[i].text+`"`)
	}
}

// mapType makes map(key, value) of map<key, value>.
func (w *rewriter) mapType(i int) {
	if end := w.closing(i + 1); w.is(i+1, "<") && end > 0 {
		w.replace(i+1, i+1, "(")
		w.replace(end, end, ")")
	}
}

// withinGroup takes the order of listagg(x, ',') WITHIN GROUP (ORDER BY y) into
// the call.
func (w *rewriter) withinGroup(i int) {
	if w.is(i-1, ")") && w.are(i, "WITHIN", "GROUP", "(", "ORDER") && w.callee(i-1) == "LISTAGG" {
		w.replace(i-1, i+2, " ")
	}
}

// callee is the name, in upper case, before the parentheses that close at i.
func (w *rewriter) callee(i int) string {
	if open := w.match[i]; open > 0 && w.kindOf(open-1) == wordToken {
		return strings.ToUpper(w.tokens[open-1].text)
	}
	return ""
}

// onOverflow drops ON OVERFLOW … from listagg: no text is too long here.
func (w *rewriter) onOverflow(i int) {
	for end := i; w.is(i-1, "ON") && end < len(w.tokens); end++ {
		if w.is(end, ")") {
			w.replace(i-1, end-1, "")
			return
		}
	}
}

// nullTreatment takes IGNORE NULLS behind a call into its parentheses.
func (w *rewriter) nullTreatment(i int) {
	if w.is(i-1, ")") && w.is(i+1, "NULLS") {
		w.replace(i-1, i+1, " "+w.tokens[i].text+" NULLS)")
	}
}

// afterValues end the rows of VALUES.
var afterValues = setOf("ORDER", "LIMIT", "OFFSET", "FETCH", "UNION", "EXCEPT", "INTERSECT")

// values puts rows of one value into parentheses, and takes ROW from others.
func (w *rewriter) values(i int) {
	first := i + 1
	for at := first; ; at++ {
		if close := w.closing(at); close > at && (w.is(at, "(") || w.is(at, "[")) {
			at = close
			continue
		}
		ends := at >= len(w.tokens) || w.is(at, ")") || w.kindOf(at) == wordToken && afterValues[strings.ToUpper(w.tokens[at].text)]
		if !ends && !w.is(at, ",") {
			continue
		}
		w.valuesRow(first, at)
		if ends {
			return
		}
		first = at + 1
	}
}

// valuesRow looks at a row of VALUES, the tokens before end.
func (w *rewriter) valuesRow(first, end int) {
	switch {
	case first >= end:
	case w.is(first, "(") && w.match[first] == end-1:
	case w.is(first, "ROW") && w.is(first+1, "(") && w.match[first+1] == end-1:
		w.replace(first, first, "")
	default:
		w.insert(first, "(")
		w.insert(end, ")")
	}
}

// shortIf gives IF(c, a) its third argument.
func (w *rewriter) shortIf(i int) {
	if !w.is(i+1, "(") || w.match[i+1] < 0 {
		return
	}
	commas := 0
	for at := i + 2; at < w.match[i+1]; at++ {
		if w.is(at, ",") {
			commas++
		}
		if close := w.match[at]; close > at {
			at = close
		}
	}
	if commas == 1 {
		w.insert(w.match[i+1], ", NULL")
	}
}

// sample says that the number of BERNOULLI(n) and SYSTEM(n) is one of percents.
func (w *rewriter) sample(i int) {
	if (w.is(i+1, "BERNOULLI") || w.is(i+1, "SYSTEM")) && w.is(i+2, "(") && w.match[i+2] == i+4 {
		w.insert(i+4, " PERCENT")
	}
}

// groupAll drops ALL from GROUP BY ALL a, b: alone it means all columns.
func (w *rewriter) groupAll(i int) {
	switch {
	case w.are(i, "GROUP", "BY", "DISTINCT"):
		w.fail(i+2, "GROUP BY DISTINCT is not supported", "name each set of columns once")
	case w.are(i, "GROUP", "BY", "ALL") && i+3 < len(w.tokens) && !w.is(i+3, ")") && !afterSelect[strings.ToUpper(w.tokens[i+3].text)]:
		w.replace(i+2, i+2, "")
	}
}

func (w *rewriter) withTies(i int) {
	if w.is(i-1, "WITH") && (w.is(i-2, "ROWS") || w.is(i-2, "ROW")) {
		w.fail(i-1, "WITH TIES is not supported", "number the rows with rank() OVER (ORDER BY …) in a subquery, and compare that")
	}
}

// precision drops the digits of timestamp(3) and current_timestamp(3): times
// have microseconds.
func (w *rewriter) precision(i int) {
	if w.is(i+1, "(") && w.kindOf(i+2) == numberToken && w.is(i+3, ")") {
		w.replace(i+1, i+3, "")
	}
}

// decimalText makes the number of DECIMAL '1.5', which has as many digits, and
// says how many the decimal of a CAST's type has.
func (w *rewriter) decimalText(i int) {
	if w.kindOf(i+1) != stringToken {
		if (w.is(i+1, ")") || w.is(i+1, ",") || w.is(i+1, ">")) && w.castType(i) {
			w.replace(i, i, w.tokens[i].text+"(38, 0)")
		}
		return
	}
	digits := strings.TrimSpace(strings.Trim(w.tokens[i+1].text, "'"))
	unsigned := strings.TrimLeft(digits, "+-")
	if len(digits)-len(unsigned) > 1 || strings.Trim(unsigned, "0123456789.") != "" || strings.Count(unsigned, ".") > 1 || strings.Trim(unsigned, ".") == "" {
		w.fail(i, fmt.Sprintf("%s is not a decimal number", w.tokens[i+1].text), "")
		return
	}
	w.replace(i, i+1, "("+digits+")")
}

// castType reports whether token i is within the type of a CAST.
func (w *rewriter) castType(i int) bool {
	for ; i >= 0 && !w.is(i, "AS"); i-- {
		switch {
		case w.is(i, ")") && w.match[i] >= 0:
			i = w.match[i]
		case w.kindOf(i) != wordToken && w.kindOf(i) != numberToken && !w.is(i, ",") && !w.is(i, "(") && !w.is(i, "<") && !w.is(i, ">"):
			return false
		}
	}
	for i--; i > 0 && !w.is(i, "("); i-- {
		if w.match[i] >= 0 {
			i = w.match[i]
		}
	}
	return i > 0 && w.kindOf(i-1) == wordToken && strings.HasSuffix(strings.ToUpper(w.tokens[i-1].text), "CAST")
}

// otherBase makes decimal digits of 0x1F, 0o17 and 0b101.
func (w *rewriter) otherBase(i int) {
	if w.tokens[i].text != "0" || !w.adjacent(i) || w.kindOf(i+1) != wordToken {
		return
	}
	if n, err := strconv.ParseInt("0"+strings.ToLower(w.tokens[i+1].text), 0, 64); err == nil {
		w.replace(i, i+1, strconv.FormatInt(n, 10))
	}
}
