package query

import (
	_ "embed"
	"strings"
)

//go:embed functions.txt
var functionList string

// callable are the functions that a statement may call, in lower case.
var callable = readFunctions(functionList)

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
