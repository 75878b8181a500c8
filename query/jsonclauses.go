package query

import "strings"

// SQL's functions of JSON have clauses within their parentheses, which are
// rewritten or dropped. What is dropped is what happens anyway.

// jsonCall returns where the clauses behind the path of a call begin, and where
// its parentheses close; ok is false if there are none.
func (w *rewriter) jsonCall(i int) (from, end int, ok bool) {
	if !w.is(i+1, "(") || w.match[i+1] < 0 {
		return 0, 0, false
	}
	end = w.match[i+1]
	for at := i + 2; at < end; at++ {
		if w.is(at, ",") {
			return at + 2, end, at+2 < end && w.kindOf(at+1) == stringToken
		}
		at = w.skip(at)
	}
	return 0, 0, false
}

// skip returns the bracket that closes the one at i, or i.
func (w *rewriter) skip(i int) int { return max(i, w.match[i]) }

// text is the text of the tokens from first to before end.
func (w *rewriter) text(first, end int) string {
	var words []string
	for _, t := range w.tokens[first:end] {
		words = append(words, t.text)
	}
	return strings.Join(words, " ")
}

// until returns the first place from i on, before end and outside of brackets,
// where one of the words stands.
func (w *rewriter) until(i, end int, words ...string) int {
	for ; i < end; i++ {
		for _, word := range words {
			if w.is(i, word) {
				return i
			}
		}
		i = w.skip(i)
	}
	return end
}

// jsonValue casts what json_value gives to the type behind RETURNING, and puts
// the DEFAULT in place of NULL.
func (w *rewriter) jsonValue(i int) {
	from, end, ok := w.jsonCall(i)
	if !ok {
		return
	}
	before, behind := "", ""
	for at := from; at < end; {
		switch {
		case w.is(at, "RETURNING"):
			stop := w.until(at, end, "NULL", "ERROR", "DEFAULT")
			before, behind = before+"TRY_CAST(", behind+") AS "+w.text(at+1, stop)
			at = stop
		case w.is(at, "DEFAULT"):
			stop := w.until(at, end, "ON")
			before, behind = "coalesce("+before, behind+"), "+w.text(at+1, stop)
			at = stop + 2
		case w.are(at, "NULL", "ON"):
			at += 3
		default:
			w.fail(at, "json_value knows RETURNING, NULL ON … and DEFAULT … ON … alone", "without a clause it is NULL where there is nothing")
			return
		}
	}
	w.insert(i, before)
	w.replace(from, end-1, behind)
}

// jsonQuery drops what json_query does anyway. The parser's main before the name
// says that a list is made of what is found.
func (w *rewriter) jsonQuery(i int) {
	from, end, ok := w.jsonCall(i)
	for _, clause := range [][]string{{"WITH", "ARRAY", "WRAPPER"}, {"WITH", "WRAPPER"}, {"WITH", "UNCONDITIONAL", "ARRAY", "WRAPPER"}, {"WITH", "UNCONDITIONAL", "WRAPPER"}} {
		if ok && w.are(from, clause...) && from+len(clause) == end {
			w.insert(i, "main.")
			w.replace(from, end-1, "")
			return
		}
	}
	w.dropClauses(i, "json_query knows WITH ARRAY WRAPPER, and WITHOUT WRAPPER, KEEP QUOTES and NULL ON … alone",
		[]string{"RETURNING", "VARCHAR"}, []string{"WITHOUT", "ARRAY", "WRAPPER"}, []string{"WITHOUT", "WRAPPER"}, []string{"KEEP", "QUOTES"},
		[]string{"NULL", "ON", "EMPTY"}, []string{"NULL", "ON", "ERROR"})
}

// jsonExists drops what json_exists does anyway.
func (w *rewriter) jsonExists(i int) {
	w.dropClauses(i, "json_exists knows FALSE ON ERROR alone", []string{"FALSE", "ON", "ERROR"})
}

// dropClauses drops some clauses and refuses others.
func (w *rewriter) dropClauses(i int, msg string, known ...[]string) {
	from, end, ok := w.jsonCall(i)
	for at := from; ok && at < end; {
		next := at
		for _, clause := range known {
			if w.are(at, clause...) {
				next = at + len(clause)
				break
			}
		}
		if next == at {
			w.fail(at, msg, "")
			return
		}
		at = next
	}
	if ok {
		w.replace(from, end-1, "")
	}
}

// jsonObject puts commas between keys and values. The parser's main before the
// name says that members without value are left out.
func (w *rewriter) jsonObject(i int) {
	if !w.is(i+1, "(") || w.match[i+1] < 0 {
		return
	}
	end := w.jsonTail(i, "ABSENT")
	for at := i + 2; at < end; at++ {
		switch {
		case w.are(at, ":", ":"): // a cast
			at++
		case w.is(at, ":"), w.is(at, "VALUE"):
			w.replace(at, at, ", ")
		case w.is(at, "KEY") && (w.is(at-1, "(") || w.is(at-1, ",")):
			w.replace(at, at, "")
		}
		at = w.skip(at)
	}
}

// jsonArray is for NULL ON NULL, of which the parser's main before the name
// speaks.
func (w *rewriter) jsonArray(i int) {
	if w.is(i+1, "(") && w.match[i+1] > 0 {
		w.jsonTail(i, "NULL")
	}
}

// jsonTail takes the clauses from the end of json_object and json_array, and
// returns where they began. The special one is what NULLs do if it is not what
// they do anyway.
func (w *rewriter) jsonTail(i int, special string) int {
	end := w.match[i+1]
	from := end
	for at := i + 2; at < end; at++ {
		begins := w.are(at, "NULL", "ON", "NULL") || w.are(at, "ABSENT", "ON", "NULL") || w.is(at, "RETURNING") || w.is(at, "WITHOUT") && w.is(at+1, "UNIQUE")
		if begins {
			from = at
			break
		}
		if w.is(at, "FORMAT") || w.is(at, "WITH") && w.is(at+1, "UNIQUE") {
			w.fail(at, strings.ToLower(w.tokens[i].text)+" does not know "+strings.ToUpper(w.tokens[at].text), "")
			return end
		}
		at = w.skip(at)
	}
	if from == end {
		return end
	}
	if w.are(from, special, "ON", "NULL") {
		w.insert(i, "main.")
	}
	w.replace(from, end-1, "")
	return from
}
