package worker

import "strings"

// Wall is something that a worker cannot get past, or could.
type Wall struct {
	// What is kept: files, TCP …
	What string `json:"what"`
	// Holds tells whether it is; Missing says why not.
	Holds   bool   `json:"holds"`
	Missing string `json:"missing,omitempty"`
}

// Describe says in a line what holds, and what is missing.
func Describe(walls []Wall) string {
	var holds, missing []string
	why := ""
	for _, w := range walls {
		if w.Holds {
			holds = append(holds, w.What)
			continue
		}
		missing, why = append(missing, w.What), w.Missing
	}
	text := strings.Join(holds, ", ")
	if len(missing) > 0 {
		text += "; missing: " + strings.Join(missing, ", ") + " (" + why + ")"
	}
	return text
}
