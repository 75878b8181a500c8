package duck

import "strings"

// Quote returns s as an SQL string literal.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Name returns s as a quoted SQL identifier.
func Name(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// list returns an SQL list of string literals.
func list(items []string) string {
	quoted := make([]string, len(items))
	for i, s := range items {
		quoted[i] = Quote(s)
	}
	if len(quoted) == 0 {
		return "[]::VARCHAR[]"
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
