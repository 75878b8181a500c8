package query

import (
	"regexp"
	"strconv"
	"strings"

	"tarn/internal/hint"
)

// Patterns that are texts are read before the engine does, for what Java's
// regular expressions write otherwise.

// groupName is the name of a group as Java and Trino write it.
var groupName = regexp.MustCompile(`\(\?<(\w+)>`)

// named is a group by its name in what takes the place of a match.
var named = regexp.MustCompile(`\$\{(\w+)\}`)

// pattern writes the pattern of a call as the engine reads it, and the names of
// groups in the third argument as numbers.
func pattern(n node) {
	args := children(n, "children")
	if len(args) < 2 {
		return
	}
	text, ok := literal(args[1])
	if !ok {
		return
	}
	if now := groupName.ReplaceAllString(text, "(?P<$1>"); now != text {
		become(args[1], textValue(now))
		text = now
	}
	by, ok := "", false
	if len(args) > 2 {
		by, ok = literal(args[2])
	}
	compiled, err := regexp.Compile(text)
	if !ok || err != nil || !named.MatchString(by) {
		return
	}
	become(args[2], textValue(named.ReplaceAllStringFunc(by, func(group string) string {
		if i := compiled.SubexpIndex(group[2 : len(group)-1]); i > 0 {
			return "$" + strconv.Itoa(i)
		}
		return group
	})))
}

// replaceEach puts what a lambda makes of the groups in place of each match.
func (r *resolver) replaceEach(n node) {
	args := children(n, "children")
	if len(args) != 3 || kind(args[2]) != "LAMBDA" {
		return
	}
	text, _ := literal(args[1])
	compiled, err := regexp.Compile(text)
	params := parameters(args[2])
	if _, ok := literal(args[1]); !ok || err != nil || len(params) != 1 {
		r.fail(hint.Add(r.src.faultAt(at(n), "regexp_replace with a lambda takes a pattern that is a text"), `write regexp_replace(text, '(\w)', x -> upper(x[1]))`))
		return
	}
	var groups []node
	for i := range compiled.NumSubexp() {
		groups = append(groups, call("regexp_extract_all", args[0], args[1], intValue(i+1)))
	}
	row, expr := r.fresh(), child(args[2], "expr")
	substitute(expr, map[string][]string{strings.ToLower(params[0]): {row, "x"}})
	pieces := call("tarn_pieces", args[0], args[1], call("list_value", groups...))
	each := operator("||", columnRef(row, "piece"), call("tarn_if", columnRef(row, "matched"), expr))
	become(n, call("array_to_string", call("list_transform", pieces, newLambda(each, row)), textValue("")))
}
