package query

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tarn/internal/hint"
	"tarn/internal/nearest"
)

//go:embed functions.txt
var functionList string

//go:embed refused.txt
var refusedList string

// callable are the functions that a statement may call, in lower case.
var callable = readFunctions(functionList)

// aggregateNames are the aggregates among them.
var aggregateNames = readFunctions(paragraph(functionList, "# Aggregates."))

// refused are functions of Trino that are not there, with the reason.
var refused = readRefused(refusedList)

// tableFunctions are those that may stand in FROM.
var tableFunctions = map[string]bool{"unnest": true, "range": true, "generate_series": true}

func readFunctions(list string) map[string]bool {
	names := map[string]bool{}
	for line := range strings.Lines(list) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for name := range strings.FieldsSeq(line) {
			names[name] = true
		}
	}
	return names
}

// paragraph returns the paragraph of a list that starts with a heading.
func paragraph(list, heading string) string {
	_, rest, _ := strings.Cut(list, heading+"\n")
	text, _, _ := strings.Cut(rest, "\n\n")
	return text
}

func readRefused(list string) map[string]string {
	reasons := map[string]string{}
	reason := ""
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		if text, ok := strings.CutSuffix(line, ":"); ok {
			reason = text
			continue
		}
		for name := range strings.FieldsSeq(line) {
			reasons[name] = reason
		}
	}
	return reasons
}

// function lets through what is on the list.
func (c *checker) function(n node) error {
	name, schema := str(n, "function_name"), str(n, "schema")
	own := (schema == "" || schema == "main") && str(n, "catalog") == "" // the parser itself writes main before what it puts for sugar
	if own && callable[strings.ToLower(name)] {
		return nil
	}
	if reason := refused[strings.ToLower(name)]; own && reason != "" {
		return c.src.faultAt(at(n), fmt.Sprintf("the function %s is not supported: %s", name, reason))
	}
	if !own {
		name = strings.TrimPrefix(str(n, "catalog")+"."+schema+"."+name, ".")
	}
	err := c.src.faultAt(at(n), fmt.Sprintf("no function %q", name))
	if near := nearest.Of(name, slices.Sorted(maps.Keys(callable))); near != "" {
		return hint.Add(err, "did you mean "+near+"?")
	}
	return err
}
