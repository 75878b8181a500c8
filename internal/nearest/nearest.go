// Package nearest guesses what a person meant to type.
package nearest

import "strings"

// Of returns the candidate that is most like name, if any is like it: but
// for two letters at most, and less than a third of all, without regard to
// case. The first of equals wins.
func Of(name string, candidates []string) string {
	name = strings.ToLower(name)
	best, limit := "", min(2, (len(name)-1)/3)
	for _, c := range candidates {
		if d := distance(name, strings.ToLower(c), limit); d <= limit {
			best, limit = c, d-1
		}
	}
	return best
}

// distance is the number of letters to insert, drop, change or swap with
// their neighbour. Anything over limit may be returned as limit+1.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
