package query

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// binaryText makes bytes of X'65 68'.
func (w *rewriter) binaryText(i int) {
	if w.kindOf(i+1) != stringToken || !w.adjacent(i) {
		return
	}
	digits := strings.Join(strings.Fields(strings.Trim(w.tokens[i+1].text, "'")), "")
	if len(digits)%2 == 1 || strings.Trim(digits, "0123456789abcdefABCDEF") != "" {
		w.fail(i, "X'…' takes pairs of hexadecimal digits", "")
		return
	}
	w.replace(i, i+1, "unhex('"+digits+"')")
}

// jsonLiteral reads JSON '{}', which is not CAST('{}' AS json): that is a text.
func (w *rewriter) jsonLiteral(i int) {
	if w.kindOf(i+1) == stringToken {
		w.replace(i, i, "json_parse(")
		w.insert(i+2, ")")
	}
}

// unicodeText makes a plain text of U&'d\00E9j\00E0', with the escape that UESCAPE
// names.
func (w *rewriter) unicodeText(i int) {
	if !w.is(i+1, "&") || !w.adjacent(i) || w.kindOf(i+2) != stringToken || !w.adjacent(i+1) {
		return
	}
	last, escape := i+2, `\`
	if w.is(i+3, "UESCAPE") && w.kindOf(i+4) == stringToken {
		last, escape = i+4, strings.Trim(w.tokens[i+4].text, "'")
	}
	text, ok := unescape(w.tokens[i+2].text, escape)
	if !ok {
		w.fail(i, "U&'…' takes four hexadecimal digits behind the escape, or + and six", `as in U&'\00E9' and U&'\+01F600'`)
		return
	}
	w.replace(i, last, text)
}

// unescape puts letters in place of the escapes \00E9, \+01F600 and \\.
func unescape(quoted, escape string) (string, bool) {
	if utf8.RuneCountInString(escape) != 1 || strings.ContainsAny(escape, "0123456789abcdefABCDEF+\"' ") {
		return "", false
	}
	var b strings.Builder
	parts := strings.Split(quoted, escape)
	b.WriteString(parts[0])
	for i := 1; i < len(parts); i++ {
		part := parts[i]
		if part == "" && i+1 < len(parts) { // the escape itself
			b.WriteString(escape + parts[i+1])
			i++
			continue
		}
		from, width := 0, 4
		if strings.HasPrefix(part, "+") {
			from, width = 1, 6
		}
		if len(part) < from+width {
			return "", false
		}
		n, err := strconv.ParseUint(part[from:from+width], 16, 32)
		if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
			return "", false
		}
		b.WriteString(strings.ReplaceAll(string(rune(n)), "'", "''") + part[from+width:])
	}
	return b.String(), true
}

// spans are the fields that an interval of two has, from the largest on, and
// how many of the next each is.
var spans = []struct {
	name string
	next int
}{{"YEAR", 12}, {"MONTH", 0}, {"DAY", 24}, {"HOUR", 60}, {"MINUTE", 60}, {"SECOND", 1000}}

// interval takes the sign of INTERVAL -'1' DAY into the text, and makes one
// field of two, as in INTERVAL '1-2' YEAR TO MONTH and '1 02:03' DAY TO MINUTE.
func (w *rewriter) interval(i int) {
	text, sign := i+1, ""
	if w.is(text, "-") || w.is(text, "+") {
		sign = strings.Trim(w.tokens[text].text, "+")
		text++
	}
	if w.kindOf(text) != stringToken {
		return
	}
	value := strings.Trim(w.tokens[text].text, "'")
	from, to := w.spanAt(text+1), w.spanAt(text+3)
	if !w.is(text+2, "TO") || from < 0 || to < 0 {
		if text > i+1 {
			w.replace(i+1, text, "'"+negated(sign, value)+"'")
		}
		return
	}
	n, ok := count(value, from, to)
	if !ok {
		w.fail(text, fmt.Sprintf("%s is no interval from %s to %s", w.tokens[text].text, spans[from].name, spans[to].name),
			"as in INTERVAL '1-2' YEAR TO MONTH and INTERVAL '1 02:03:04' DAY TO SECOND")
		return
	}
	unit := "MILLISECOND"
	if to == 1 {
		unit = "MONTH"
	}
	w.replace(i+1, text+3, "'"+negated(sign, n)+"' "+unit)
}

func negated(sign, value string) string {
	if rest, ok := strings.CutPrefix(value, "-"); ok && sign == "-" {
		return rest
	}
	return sign + value
}

// spanAt returns which of the spans token i names, or -1.
func (w *rewriter) spanAt(i int) int {
	for n, s := range spans {
		if w.is(i, s.name) {
			return n
		}
	}
	return -1
}

// count adds up the fields of an interval, in months or milliseconds.
func count(value string, from, to int) (string, bool) {
	value, negative := strings.CutPrefix(value, "-")
	value, fraction, _ := strings.Cut(value, ".")
	fields := strings.FieldsFunc(value, func(r rune) bool { return r == '-' || r == ' ' || r == ':' })
	if len(fields) != to-from+1 || (from < 2) != (to < 2) || len(fraction) > 3 || fraction != "" && to != len(spans)-1 {
		return "", false
	}
	total := 0
	for i, f := range fields {
		n, err := strconv.Atoi(f)
		if err != nil || n > 1e6 {
			return "", false
		}
		total += n
		if s := spans[from+i]; i < len(fields)-1 || to > 1 && s.next > 0 {
			total *= s.next
		}
	}
	for n := to + 1; to > 1 && n < len(spans); n++ {
		total *= spans[n].next
	}
	if fraction != "" {
		ms, err := strconv.Atoi((fraction + "00")[:3])
		if err != nil {
			return "", false
		}
		total += ms
	}
	sign := map[bool]string{true: "-"}[negative && total > 0]
	return sign + strconv.Itoa(total), true
}
