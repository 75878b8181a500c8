package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"tarn/lake"
	"tarn/schemas/selector"
)

// longestSelectors is more than a file of selectors can have.
const longestSelectors = 1 << 20

// readSelectors reads selectors as they are given: JSON itself, or a file of it.
func readSelectors(given string, inDir func(string) string) (*selector.Set, error) {
	text, from := []byte(given), "--selectors"
	if s := strings.TrimSpace(given); !strings.HasPrefix(s, "[") && !strings.HasPrefix(s, "{") {
		f, err := os.Open(inDir(given))
		if err != nil {
			return nil, fmt.Errorf("--selectors takes a file, or an array as JSON: %w", err)
		}
		defer f.Close()
		if text, err = io.ReadAll(io.LimitReader(f, longestSelectors)); err != nil {
			return nil, fmt.Errorf("--selectors: %w", err)
		}
		from += " " + given
	}
	set, err := selector.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	return &set, nil
}

// shownValues is how many values of a condition people see.
const shownValues = 5

// describeSelectors says in a line each what a store's selectors take.
func describeSelectors(st lake.Store) (said []string) {
	all, err := st.Selectors.Selectors()
	if err != nil {
		return []string{string(st.Selectors)} // lake.Open has looked at them
	}
	for _, s := range all {
		var fields []string
		for _, f := range s.FieldSelectors {
			var conditions []string
			for _, c := range f.Conditions() {
				values := c.Values
				more := ""
				if n := len(values) - shownValues; n > 0 {
					values, more = values[:shownValues], fmt.Sprintf(" and %d more", n)
				}
				conditions = append(conditions, c.Operator+" "+strings.Join(values, ", ")+more)
			}
			fields = append(fields, f.Field+" "+strings.Join(conditions, ", "))
		}
		line := strings.Join(fields, "; ")
		if s.Name != "" {
			line = s.Name + ": " + line
		}
		said = append(said, printable(line))
	}
	return said
}

// tellRemarks says what is worth a second look in selectors that are new.
func (a *app) tellRemarks(o lake.StoreSettings) {
	if o.Selectors == nil {
		return
	}
	for _, remark := range o.Selectors.Remarks() {
		fmt.Fprintln(a.err, "note: "+printable(remark))
	}
}
