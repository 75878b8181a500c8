package query

import (
	"fmt"
	"strings"

	"tarn/internal/hint"
)

// formatRule says how a function reads its format, which is its second
// argument, and which of the engine's functions takes its place.
type formatRule struct {
	target    string
	translate func(string) (string, string) // the engine's format, or what it has not
}

// formats are the functions with formats that are not the engine's.
var formats = map[string]formatRule{
	"date_format":     {"strftime", fromMySQL},
	"date_parse":      {"strptime", fromMySQL},
	"format_datetime": {"strftime", fromJoda},
	"parse_datetime":  {"strptime", fromJoda},
}

// format puts the engine's function and format in place of Trino's.
func (r *resolver) format(n node, rule formatRule) {
	args, name := children(n, "children"), str(n, "function_name")
	if len(args) != 2 {
		r.fail(r.src.faultAt(at(n), name+" takes two arguments, the second is the format"))
		return
	}
	text, ok := literal(args[1])
	if !ok {
		r.fail(hint.Add(r.src.faultAt(at(n), "the format of "+name+" must be a text, not an expression"),
			"strftime and strptime take any format, but with other letters"))
		return
	}
	format, unknown := rule.translate(text)
	if unknown != "" {
		r.fail(hint.Add(r.src.faultAt(at(args[1]), fmt.Sprintf("%s does not know %s in a format", name, unknown)),
			"strftime and strptime know more letters, but other ones"))
		return
	}
	target := rule.target
	if strings.Contains(format, "%z") {
		switch target {
		case "strptime":
			target = "tarn_parse"
		case "strftime": // all times are in UTC
			format = strings.ReplaceAll(format, "%z", "+0000")
		}
	}
	become(n, call(target, args[0], textValue(format)))
}

// mySQLLetters are MySQL's letters that strftime has under another name. The
// others in sameLetters are the same.
var mySQLLetters = map[byte]string{
	'c': "%-m", 'e': "%-d", 'h': "%I", 'i': "%M", 'k': "%-H", 'l': "%-I", 'M': "%B", 'r': "%I:%M:%S %p",
	's': "%S", 'T': "%H:%M:%S", 'v': "%V", 'W': "%A", 'x': "%G",
}

const sameLetters = "abdfHIjmpSyY%"

// refusedLetters are those that Trino does not support either.
const refusedLetters = "DUuVwX"

// fromMySQL translates the format of date_format and date_parse.
func fromMySQL(format string) (translated, unknown string) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch letter := format[i]; {
		case mySQLLetters[letter] != "":
			b.WriteString(mySQLLetters[letter])
		case strings.IndexByte(sameLetters, letter) >= 0:
			b.WriteString(format[i-1 : i+1])
		case strings.IndexByte(refusedLetters, letter) >= 0:
			return "", "%" + abbreviate(format[i:], 1)
		default: // as in Trino, which stands for itself
			b.WriteByte(letter)
		}
	}
	return b.String(), ""
}

// jodaLetters are runs of Joda's letters.
var jodaLetters = map[string]string{
	"yyyy": "%Y", "YYYY": "%Y", "yy": "%y", "y": "%Y", "xxxx": "%G", "ww": "%V", "e": "%u", "DDD": "%j", "D": "%-j",
	"M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B", "d": "%-d", "dd": "%d", "E": "%a", "EEE": "%a", "EEEE": "%A",
	"a": "%p", "H": "%-H", "HH": "%H", "h": "%-I", "hh": "%I", "m": "%-M", "mm": "%M", "s": "%-S", "ss": "%S",
	"SSS": "%g", "SSSSSS": "%f", "Z": "%z",
}

// fromJoda translates the format of format_datetime and parse_datetime.
func fromJoda(format string) (translated, unknown string) {
	var b strings.Builder
	for i := 0; i < len(format); {
		c := format[i]
		run := span(format[i:], func(o byte) bool { return o == c })
		switch {
		case c == '\'':
			end := quoteEnd(format, i+1, '\'')
			if end < 0 {
				return "", "the quote without an end"
			}
			inner := strings.ReplaceAll(format[i+1:end-1], "''", "'")
			if end == i+2 {
				inner = "'" // two quotes outside of any
			}
			b.WriteString(strings.ReplaceAll(inner, "%", "%%"))
			i = end
			continue
		case jodaLetters[run] != "":
			b.WriteString(jodaLetters[run])
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			return "", run
		default:
			b.WriteString(strings.ReplaceAll(run, "%", "%%"))
		}
		i += len(run)
	}
	return b.String(), ""
}
