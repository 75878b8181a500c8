package query

import "strings"

// reservedWords are Trino's: a bare one is no alias. DuckDB has more of them,
// so that other aliases need quotes there.
var reservedWords = setOf(strings.Fields(`ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG
	CURRENT_DATE CURRENT_PATH CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE
	DESCRIBE DISTINCT DROP ELSE END ESCAPE EXCEPT EXECUTE EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN INNER
	INSERT INTERSECT INTO IS JOIN LEFT LIKE LISTAGG LOCALTIME LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER
	PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE THEN TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH`)...)

// operands are reserved words with which an expression may end.
var operands = setOf("END", "NULL", "TRUE", "FALSE", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP")

// afterSelect are the keywords that end a select list.
var afterSelect = setOf("FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "QUALIFY", "ORDER",
	"LIMIT", "OFFSET", "FETCH", "UNION", "EXCEPT", "INTERSECT", "USING")

// bareAlias reports whether the word i of a select list is an alias without AS.
func (w *rewriter) bareAlias(i int) bool {
	word := strings.ToUpper(w.tokens[i].text)
	if reservedWords[word] || afterSelect[word] || !w.endsOperand(i-1) {
		return false
	}
	return i+1 == len(w.tokens) || w.is(i+1, ",") || w.is(i+1, ")") ||
		w.kindOf(i+1) == wordToken && afterSelect[strings.ToUpper(w.tokens[i+1].text)]
}

// endsOperand reports whether an expression may end with token i.
func (w *rewriter) endsOperand(i int) bool {
	switch w.kindOf(i) {
	case wordToken:
		word := strings.ToUpper(w.tokens[i].text)
		return operands[word] || !reservedWords[word] && !afterSelect[word] && word != "INTERVAL"
	case stringToken: // a field follows an interval
		return !w.is(i-1, "INTERVAL") && !w.is(i-2, "INTERVAL")
	case nameToken, numberToken:
		return true
	}
	return w.is(i, ")") || w.is(i, "]")
}

// selectLists follows the tokens and knows when they are in a select list, but
// in no brackets of it.
type selectLists []bool

func (l selectLists) inside() bool { return len(l) > 0 && l[len(l)-1] }

// see takes the next token, the i-th.
func (l *selectLists) see(all []token, i int) {
	t := all[i]
	switch {
	case t.is("(") || t.is("["):
		*l = append(*l, false)
	case t.is(")") || t.is("]"):
		if len(*l) > 0 {
			*l = (*l)[:len(*l)-1]
		}
	case t.kind != wordToken || i > 0 && all[i-1].is("."):
	case t.is("SELECT"):
		l.set(true)
	case afterSelect[strings.ToUpper(t.text)] && !(i > 0 && all[i-1].is("DISTINCT")): // x IS DISTINCT FROM y
		l.set(false)
	}
}

func (l *selectLists) set(inside bool) {
	if len(*l) == 0 {
		*l = append(*l, false)
	}
	(*l)[len(*l)-1] = inside
}
