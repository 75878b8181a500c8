package control

import (
	"fmt"
	"slices"
	"strings"

	"tarn/internal/hint"
	"tarn/report"
)

// Pack is a collection of controls, mostly after a framework.
type Pack struct {
	report.Pack
	// Framework names whose numbers Entries have; empty if they are of none.
	Framework string
	Entries   []Entry
	// File is where it was read.
	File string
}

// Entry is a control of a pack, with the framework's numbers for it.
type Entry struct {
	Control string
	Numbers []string
	line    int
}

// References are the numbers with the framework's name before each.
func (p Pack) References(e Entry) (all []string) {
	for _, n := range e.Numbers {
		all = append(all, strings.TrimSpace(p.Framework+" "+n))
	}
	return all
}

// parsePack reads a pack's file.
func parsePack(file, id, text string) (Pack, error) {
	p := Pack{Pack: report.Pack{ID: id}, File: file}
	if !validID.MatchString(id) {
		return p, hint.Add(fault(file, 1, "%q is no name for a pack", id), "file names are of lower-case letters, digits and single -, and end in .pack")
	}
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if err := p.take(line, i+1); err != nil {
			return p, fault(file, i+1, "%w", err)
		}
	}
	if p.Title == "" || p.About == "" || len(p.Entries) == 0 {
		return p, fault(file, 1, "a pack has a title, an about and a control at least")
	}
	return p, nil
}

// take takes in a line.
func (p *Pack) take(line string, number int) error {
	key, value, _ := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	id, isControl := strings.CutPrefix(key, "control ")
	switch {
	case isControl:
		e := Entry{Control: strings.TrimSpace(id), line: number}
		if slices.ContainsFunc(p.Entries, func(o Entry) bool { return o.Control == e.Control }) {
			return fmt.Errorf("the control %q is there twice", e.Control)
		}
		for n := range strings.SplitSeq(value, ",") {
			if n = strings.TrimSpace(n); n != "" {
				e.Numbers = append(e.Numbers, n)
			}
		}
		p.Entries = append(p.Entries, e)
	case key == "title":
		p.Title = value
	case key == "framework":
		p.Framework = value
	case key == "about":
		p.About = strings.TrimSpace(p.About + " " + value)
	default:
		return fmt.Errorf("%q is no line of a pack: write title, framework, about, or control ID: NUMBERS", line)
	}
	return nil
}
