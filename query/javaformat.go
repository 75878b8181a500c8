package query

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tarn/internal/hint"
)

// directive is one of Java's in the text of format: %[n$][flags][width][.digits]letter.
var directive = regexp.MustCompile(`%(?:(\d+)\$)?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])`)

// javaFormat makes a chain of || of a call of format: each directive becomes a
// call of the engine's printf.
func (r *resolver) javaFormat(n node) {
	args := children(n, "children")
	if len(args) == 0 {
		return
	}
	text, ok := literal(args[0])
	if !ok {
		r.fail(hint.Add(r.src.faultAt(at(n), "the format must be a text, not an expression"), "printf takes any format, of C's directives"))
		return
	}
	all, next, end := textValue(""), 1, 0
	for _, m := range directive.FindAllStringSubmatchIndex(text, -1) {
		piece := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return text[m[2*i]:m[2*i+1]]
		}
		if strings.Contains(text[end:m[0]], "%") {
			break // end is behind the last whole directive
		}
		all = operator("||", all, textValue(text[end:m[0]]))
		end = m[1]
		letter := piece(5)
		if letter == "%" || letter == "n" {
			all = operator("||", all, textValue(map[string]string{"%": "%", "n": "\n"}[letter]))
			continue
		}
		i := next
		if number, err := strconv.Atoi(piece(1)); err == nil {
			i = number
		} else {
			next++
		}
		if i < 1 || i >= len(args) {
			r.fail(r.src.faultAt(at(n), fmt.Sprintf("format has no argument for %s", text[m[0]:m[1]])))
			return
		}
		part := formatted(args[i], piece(2), piece(3), piece(4), letter)
		if part == nil {
			r.fail(hint.Add(r.src.faultAt(at(args[0]), fmt.Sprintf("format does not know %s", text[m[0]:m[1]])), "it knows %s, %d, %x, %f, %e, %b, %n and %%"))
			return
		}
		all = operator("||", all, part)
	}
	if strings.Contains(text[end:], "%") {
		r.fail(r.src.faultAt(at(args[0]), fmt.Sprintf("format does not know what %s means", abbreviate(text[end+strings.Index(text[end:], "%"):], 10))))
		return
	}
	become(n, operator("||", all, textValue(text[end:])))
}

// formatted is one argument by its directive; nil if that is not known.
func formatted(arg node, flags, width, digits, letter string) node {
	as := map[string]string{"s": "VARCHAR", "S": "VARCHAR", "b": "BOOLEAN", "B": "BOOLEAN", "d": "HUGEINT", "x": "BIGINT", "X": "BIGINT", "o": "BIGINT", "f": "DOUBLE", "e": "DOUBLE", "E": "DOUBLE"}[letter]
	if as == "" || strings.ContainsAny(flags, "#(") {
		return nil
	}
	value := castTo(as, arg)
	switch strings.ToLower(letter) {
	case "s", "b":
		if digits != "" {
			value = call("left", value, numberValue(digits))
		}
		value = call("tarn_text", castTo("VARCHAR", value))
		if letter != strings.ToLower(letter) {
			value = call("upper", value)
		}
		digits, letter = "", "s"
	case "f", "e":
		if digits == "" {
			digits = "6"
		}
	}
	format := "%" + flags + width
	if digits != "" {
		format += "." + digits
	}
	return call("tarn_text", call("printf", textValue(format+letter), value))
}

// numberValue is a whole number from its digits.
func numberValue(digits string) node {
	n, _ := strconv.Atoi(digits)
	return intValue(n)
}
