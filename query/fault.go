package query

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"tarn/internal/hint"
	"tarn/internal/nearest"
	"tarn/query/internal/duck"
)

// Reasons for which a statement that is right does not end well.
var (
	// ErrMemory means that it needs more memory than it may have.
	ErrMemory = errors.New("it needs more memory than it may have")
	// ErrLate means that it takes longer than it may.
	ErrLate = errors.New("it takes longer than it may")
	// ErrCrash means that the engine broke on it. Nothing else was harmed.
	ErrCrash = errors.New("the statement brought the engine down; nothing else was harmed")
)

// translate makes an error of DuckDB's one that speaks of the user's text, or
// of a segment. Plan is nil while there is none.
func translate(ctx context.Context, src *source, plan *Plan, err error) error {
	var from *duck.Error
	if !errors.As(err, &from) {
		return err
	}
	if plan != nil {
		if damage := plan.damage(ctx, from); damage != nil {
			return fmt.Errorf("run the query: %w", damage)
		}
	}
	// Values of the data may be in it, with any letters.
	msg := strings.Map(printable, plan.withoutPromoted(plan.withoutPaths(firstSentence(from.Msg))))
	switch from.Kind {
	case duck.Statement, duck.Value:
		return meant(misfit(src, msg), from.Msg)
	case duck.Memory:
		return hint.Add(fmt.Errorf("run the query: %w", ErrMemory),
			"ask for fewer columns or a shorter time, or give it more memory")
	case duck.Late:
		return hint.Add(fmt.Errorf("run the query: %w", ErrLate), "ask for fewer columns or a shorter time")
	case duck.Crash:
		return hint.Add(fmt.Errorf("run the query: %w", ErrCrash),
			"another form of the statement may do: the engine breaks on some functions with extreme arguments")
	}
	return fmt.Errorf("run the query: %s", abbreviate(msg, longestMessage))
}

var (
	// unknownColumn and bindings are the name that the engine does not know in
	// what it says, and those that it does.
	unknownColumn = regexp.MustCompile(`^Referenced column "(.*?)" not found`)
	bindings      = regexp.MustCompile(`(?s)\nCandidate bindings: (.*)`)
	binding       = regexp.MustCompile(`"([^"]+)"`)
)

// meant adds the name that is spelled most like an unknown one, of those that
// the engine offers: it knows the columns of subqueries, which we do not.
func meant(err error, msg string) error {
	name, offered := unknownColumn.FindStringSubmatch(msg), bindings.FindStringSubmatch(msg)
	if name == nil || offered == nil {
		return err
	}
	var known []string
	for _, b := range binding.FindAllStringSubmatch(offered[1], -1) {
		known = append(known, b[1][strings.LastIndexByte(b[1], '.')+1:])
	}
	if near := nearest.Of(name[1], known); near != "" {
		return hint.Add(err, "did you mean "+near+"?")
	}
	return err
}

// longestMessage is how many characters of a message are shown, longestValue
// how many of a value in it.
const (
	longestMessage = 400
	longestValue   = 80
)

func printable(r rune) rune {
	if unicode.IsPrint(r) || r == '\n' {
		return r
	}
	return unicode.ReplacementChar
}

// saying is one of DuckDB's messages in plain words.
type saying struct {
	pattern *regexp.Regexp
	msg     string // with $1 … for what the pattern took
	place   string // what to look for in the text
	advice  string
}

const (
	tryCast   = "TRY_CAST gives NULL for what does not fit"
	timeForms = "times are written like '2026-10-12 00:00:00', days like '2026-10-12'"
)

// placeholderText is what people write where a value is to be put.
var placeholderText = regexp.MustCompile(`'(\$\{?\w+\}?|<[^<>]+>|\{\{?[^{}]+\}\}?|\?|[YyMmDd]{2,4}[-/][YyMmDd]{2}.*|x{4,})'`)

// sayings are tried in their order.
var sayings = []saying{
	{regexp.MustCompile(`^Referenced column "(.*?)" not found in FROM clause!`), `no column "$1"`, "$1", ""},
	{regexp.MustCompile(`^Max expression depth limit of (\d+) exceeded`), `the statement is nested too deeply: at most $1 levels`, "", ""},
	{regexp.MustCompile(`^Column "(.*?)" referenced that exists in the SELECT clause`), `no column "$1"`, "$1", ""},
	{regexp.MustCompile(`^Values list "(.*?)" does not have a column named "(.*?)"`), `no column "$2" in "$1"`, "$2", ""},
	{regexp.MustCompile(`^column "?(.*?)"? must appear in the GROUP BY clause`), `"$1" must be in GROUP BY, or within an aggregate function`, "$1", "arbitrary(…) takes one of the group's values"},
	{regexp.MustCompile(`^(element_at\(.*?'\)|\w+(?:\.\w+)+) must appear in the GROUP BY clause`), `$1 must be in GROUP BY, or within an aggregate function`, "", "arbitrary(…) takes one of the group's values"},
	{regexp.MustCompile(`^Cannot compare values of type (TIMESTAMP|DATE|TIMESTAMP WITH TIME ZONE) and type (\S+)`), `a $1 cannot be compared with a value of type $2`, "", timeForms},
	{regexp.MustCompile(`^Cannot compare values of type (.*?) and type (.*?) - an explicit cast`), `a value of type $1 cannot be compared with one of type $2`, "", "CAST(… AS …) makes one of the other's type"},
	{regexp.MustCompile(`^Referenced table "(.*?)" not found!`), `no table or alias "$1" in FROM`, "$1", ""},
	{regexp.MustCompile(`^Scalar Function with name (.*?) does not exist!`), `no function "$1"`, "$1", ""},
	{regexp.MustCompile(`^Could not find key "(.*?)" in struct`), `no field "$1"`, "$1", ""},
	{regexp.MustCompile(`^Type with name (.*?) does not exist!`), `no type "$1"`, "$1", ""},
	{regexp.MustCompile(`^(?:invalid )?timestamp field (?:format|value out of range): "(.*?)"`), `'$1' is not a time`, "$1", timeForms},
	{regexp.MustCompile(`^timestamp field value "(.*?)" has a timestamp that is not UTC`), `'$1' is not a time`, "$1", timeForms},
	{regexp.MustCompile(`^(?:invalid )?date field (?:format|value out of range): "(.*?)"`), `'$1' is not a day`, "$1", timeForms},
	{regexp.MustCompile(`(?s)^Malformed JSON at byte \d+ of input: .*? Input: "(.*)"(?: when casting .*)?$`), `'$1' is no JSON`, "$1", ""},
	{regexp.MustCompile(`(?s)^Could not parse string "(.*?)" according to format specifier "(.*?)"`), `'$1' is not written as the format says`, "$1", "TRY(…) gives NULL for what does not fit"},
	{regexp.MustCompile(`(?s)^Could not convert string '! (.*)' to INT32`), "$1", "", ""}, // tarn_error
	{regexp.MustCompile(`(?s)^Could not convert string '(.*)' to (\w+) when casting from source column (\w+)`), `'$1' in $3 is not of type $2`, "", tryCast},
	{regexp.MustCompile(`(?s)^Could not convert string '(.*)' to (\w+)`), `'$1' is not of type $2`, "$1", tryCast},
	{regexp.MustCompile(`^No function matches the given name and argument types '[!~]*~~\*?\((.*), \w+\)'`), `LIKE compares text, and this is of type $1`, "LIKE", "write CAST(… AS varchar) LIKE …"},
	{regexp.MustCompile(`^No function matches the given name and argument types '(?:not_)?i?like_escape\((.*?), .*\)'`), `LIKE compares text, and this is of type $1`, "LIKE", "write CAST(… AS varchar) LIKE …"},
	{regexp.MustCompile(`^No function matches the given name and argument types '(\w+)(\(.*\))'`), `no function $1$2`, "$1", ""},
	{regexp.MustCompile(`^No function matches the given name and argument types '(\W+)\((.*)\)'`), `no operator $1 for $2`, "$1", ""},
	{regexp.MustCompile(`^Could not choose a best candidate function for the function call "(\w+|\W+)(\(.*\))"`), `it cannot be told which function $1$2 is meant`, "$1", "say of which type a text is, as in TIMESTAMP '…' and CAST(… AS …)"},
	{regexp.MustCompile(`^Macro \w+\(\) has multiple overloads`), `it cannot be told of which type an argument is`, "", "say it, as in TIMESTAMP '…' and CAST(… AS …)"},
	{regexp.MustCompile(`^Macro (\w+)\(\) does not support the supplied arguments`), `no function $1 with such arguments`, "$1", ""},
	{regexp.MustCompile(`^Function "(\w+)" is a Macro Function\.`), `$1 takes no DISTINCT, FILTER or ORDER BY`, "$1", ""},
}

// misfit is an error of names, types or values. Its place is that of what it
// is about, if the text has that only once.
func misfit(src *source, msg string) error {
	for _, s := range sayings {
		found := s.pattern.FindStringSubmatch(msg)
		if found == nil {
			continue
		}
		expand := func(template string, longest int) string {
			for i, part := range found[1:] {
				template = strings.ReplaceAll(template, "$"+strconv.Itoa(i+1), abbreviate(part, longest))
			}
			return template
		}
		err := placed(src, expand(s.place, maxLength), plainTypes(expand(s.msg, longestValue)))
		if placeholderText.MatchString(err.Msg) {
			return hint.Add(err, "it looks like a placeholder: put the value in its place")
		}
		if s.advice != "" {
			return hint.Add(err, s.advice)
		}
		return quoted(src, err)
	}
	msg = abbreviate(msg, longestMessage)
	if parts := strings.SplitN(msg, `"`, 3); len(parts) == 3 {
		return placed(src, parts[1], plainTypes(msg))
	}
	return placed(src, "", plainTypes(msg))
}

// engineTypes are DuckDB's names for types that SQL does not know.
var engineTypes = strings.NewReplacer("INTEGER_LITERAL", "integer", "STRING_LITERAL", "varchar", "INT32", "integer", "INT64", "bigint",
	"INT16", "smallint", "INT8", "tinyint", "VARCHAR", "varchar", "TIMESTAMP WITH TIME ZONE", "timestamp with time zone", "TIMESTAMP", "timestamp",
	"BIGINT", "bigint", "INTEGER", "integer", "BOOLEAN", "boolean", "DOUBLE", "double", "BOOL", "boolean", "INTERVAL", "interval", "DATE", "date")

func plainTypes(msg string) string { return engineTypes.Replace(msg) }

// placed is an error at the only token that is this name, or that text in
// quotes.
func placed(src *source, name, msg string) *SyntaxError {
	pos := -1
	for _, t := range tokens(src.user) {
		if name == "" || !strings.EqualFold(strings.Trim(t.text, `"'`), name) {
			continue
		}
		if pos >= 0 {
			return src.fault(-1, msg)
		}
		pos = t.pos
	}
	return src.fault(pos, msg)
}

// quoted adds advice to an error about a name in quotes: many mean a text.
func quoted(src *source, err *SyntaxError) error {
	for _, t := range tokens(src.user) {
		line, col := position(src.user, t.pos)
		if t.kind == nameToken && line == err.Line && col == err.Col {
			return hint.Add(err, inSingleQuotes(t.text))
		}
	}
	return err
}

// inSingleQuotes is the advice for a text that was written as a name.
func inSingleQuotes(name string) string {
	text := strings.ReplaceAll(strings.Trim(name, `"`), "'", "''")
	return "names stand in double quotes, text in single quotes: '" + text + "'"
}

// firstSentence leaves out DuckDB's lists of candidates.
func firstSentence(msg string) string {
	msg, _, _ = strings.Cut(msg, "\n")
	msg, _, _ = strings.Cut(msg, " You might need to")
	return strings.TrimSpace(msg)
}

// withoutPromoted puts what a promoted column stands for in its place.
func (p *Plan) withoutPromoted(msg string) string {
	if p == nil {
		return msg
	}
	for _, s := range p.Scans {
		for _, promoted := range s.Store.Schema().Promoted {
			msg = strings.ReplaceAll(msg, `column "`+promoted.Name()+`"`, promoted.SQL())
		}
	}
	return msg
}

// withoutPaths leaves out where the segments lie.
func (p *Plan) withoutPaths(msg string) string {
	if p == nil {
		return msg
	}
	for _, list := range p.files {
		for _, f := range list {
			msg = strings.ReplaceAll(msg, f, "a segment")
		}
	}
	return msg
}
