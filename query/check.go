package query

import (
	"fmt"
	"strings"

	"tarn/internal/hint"
)

// checker walks the whole tree of a statement and lets through what it knows.
// It looks at every object there is, so that what it does not know (another
// version of the parser, a part of the grammar nobody thought of) is refused.
type checker struct {
	src    *source
	tables int // BASE_TABLE nodes seen; scope resolution must find as many
	within int // lambdas around what is looked at
}

// deepestLambda bounds lambdas within lambdas: the engine takes more than twice as
// long to understand each one further, 16 of them two seconds.
const deepestLambda = 8

// The parts of the grammar that are let through, by their type or class.
var (
	allowedNodes = setOf("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE",
		"BASE_TABLE", "JOIN", "SUBQUERY", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY",
		"ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER",
		"ORDER_DEFAULT", "ASCENDING", "DESCENDING")
	allowedClasses = setOf("COLUMN_REF", "CONSTANT", "FUNCTION", "OPERATOR", "COMPARISON",
		"CONJUNCTION", "BETWEEN", "CASE", "CAST", "LAMBDA", "STAR", "SUBQUERY", "WINDOW")
	allowedOperators = setOf("OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL",
		"COMPARE_IN", "COMPARE_NOT_IN", "ARRAY_EXTRACT", "ARRAY_SLICE", "ARRAY_CONSTRUCTOR",
		"STRUCT_EXTRACT", "OPERATOR_COALESCE", "OPERATOR_TRY", "OPERATOR_NULLIF", "GROUPING_FUNCTION")
	allowedJoins    = setOf("INNER", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI")
	allowedRefTypes = setOf("REGULAR", "CROSS", "NATURAL", "DEPENDENT")
	allowedSetOps   = setOf("UNION", "EXCEPT", "INTERSECT")
)

// refusals say in plain words what some of the others are.
var refusals = map[string]string{
	"SHOW_REF":             "DESCRIBE, SHOW and SUMMARIZE are not supported",
	"PIVOT":                "PIVOT and UNPIVOT are not supported",
	"PARAMETER":            "parameters are not supported here: write the value itself",
	"VALUE_PARAMETER":      "parameters are not supported here: write the value itself",
	"COLLATE":              "COLLATE is not supported",
	"POSITIONAL_REFERENCE": "#1 is not supported: write the column's name",
	"DEFAULT":              "DEFAULT is not supported",
}

func setOf(names ...string) map[string]bool {
	set := map[string]bool{}
	for _, n := range names {
		set[n] = true
	}
	return set
}

// walk checks v and all below it.
func (c *checker) walk(v any) error {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if err := c.walk(e); err != nil {
				return err
			}
		}
	case node:
		if err := c.object(v); err != nil {
			return err
		}
		if str(v, "class") == "LAMBDA" {
			if c.within++; c.within > deepestLambda {
				return c.src.faultAt(at(v), fmt.Sprintf("lambdas are nested more than %d deep", deepestLambda))
			}
			defer func() { c.within-- }()
		}
		for _, key := range sortedKeys(v) {
			if key == "cast_type" || key == "value" && str(v, "class") == "CONSTANT" {
				continue // a type or a literal: looked at by its owner
			}
			if err := c.walk(v[key]); err != nil {
				return err
			}
		}
	}
	return nil
}

// object checks one object by what it says that it is.
func (c *checker) object(n node) error {
	if class, ok := n["class"].(string); ok {
		return c.expression(n, class)
	}
	t, ok := n["type"].(string)
	if !ok {
		return nil // a list of something, whose parts speak for themselves
	}
	if !allowedNodes[t] {
		return c.refuse(n, t)
	}
	switch {
	case t == "BASE_TABLE":
		c.tables++
		if n["at_clause"] != nil {
			return c.src.faultAt(at(n), "AT is not supported")
		}
	case t == "TABLE_FUNCTION":
		name := str(child(n, "function"), "function_name")
		if !tableFunctions[strings.ToLower(name)] {
			err := c.src.faultAt(at(n), fmt.Sprintf("%s(…) cannot be read: FROM takes event data stores, subqueries and UNNEST", name))
			return hint.Add(err, "name the store, as in FROM cloudtrail")
		}
	case t == "JOIN" && !(allowedJoins[str(n, "join_type")] && allowedRefTypes[str(n, "ref_type")]):
		return c.src.faultAt(at(n), fmt.Sprintf("%s joins are not supported", strings.ToLower(str(n, "ref_type"))))
	case t == "SET_OPERATION_NODE" && !allowedSetOps[str(n, "setop_type")]:
		return c.src.faultAt(at(n), "only UNION, EXCEPT and INTERSECT are supported, without BY NAME")
	}
	return nil
}

func (c *checker) expression(n node, class string) error {
	if !allowedClasses[class] {
		return c.refuse(n, class)
	}
	switch class {
	case "OPERATOR":
		if !allowedOperators[kind(n)] {
			return c.refuse(n, kind(n))
		}
	case "FUNCTION", "WINDOW":
		return c.function(n)
	case "CAST":
		return c.castType(n, child(n, "cast_type"))
	}
	return nil
}

// castType refuses types that stand in a catalog.
func (c *checker) castType(cast, t node) error {
	if info := child(t, "type_info"); str(t, "id") == "UNBOUND" &&
		(str(info, "schema") != "" || str(info, "catalog") != "" || span(str(info, "name"), isWord) != str(info, "name")) {
		return c.src.faultAt(at(cast), fmt.Sprintf("no type %q", str(info, "name")))
	}
	info := child(t, "type_info")
	for _, part := range append(children(info, "child_types"), child(info, "child_type")) {
		if second := child(part, "second"); second != nil {
			part = second
		}
		if part == nil {
			continue
		}
		if err := c.castType(cast, part); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) refuse(n node, what string) error {
	msg, ok := refusals[what]
	if !ok {
		msg = strings.ToLower(strings.ReplaceAll(what, "_", " ")) + " is not supported"
	}
	err := c.src.faultAt(at(n), msg)
	if what == "SHOW_REF" {
		return hint.Add(err, "see the columns of a store with SELECT * FROM its name LIMIT 1")
	}
	return err
}
