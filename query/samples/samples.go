// Package samples has questions that security engineers, auditors and
// operators ask of an event data store, each with its SQL in CloudTrail Lake's
// own dialect.
//
// A sample is a file TOPIC/NAME.sql: a head of comments (the question, who asks
// it, its parameters and what to look for in the answer) and one SELECT in which
// $store, $from and $to, and a $name for each parameter, stand for values.
package samples

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed */*.sql
var files embed.FS

// Sample is a question and the SQL that answers it.
type Sample struct {
	Name     string   // such as root-activity
	Topic    string   // what it belongs to, such as sign-in
	Question string   // one sentence
	AskedBy  []string // security, audit or operations
	LookFor  string   // what to look for in the answer
	Params   []Param
	SQL      string // with $store, $from, $to and the parameters in it
}

// Param is what somebody may say about a question.
type Param struct {
	Name    string
	Kind    Kind
	Default string // empty if it has to be given
	What    string
}

// Kind is what values a parameter takes.
type Kind string

// The kinds of parameters.
const (
	Text   Kind = "text"
	Number Kind = "number" // a whole one
)

// Required reports whether there is no answer without a value for it.
func (p Param) Required() bool { return p.Default == "" }

// all are the samples by topic and name. TestEverySampleIsComplete reads each.
var all = sync.OnceValue(func() []Sample {
	names, _ := fs.Glob(files, "*/*.sql") // the pattern is fine
	samples := make([]Sample, 0, len(names))
	for _, name := range names {
		text, _ := files.ReadFile(name) // it is within the program
		samples = append(samples, parse(name, string(text)))
	}
	return samples
})

// All returns the samples by topic and name.
func All() []Sample { return slices.Clone(all()) }

// Find returns the sample of this name.
func Find(name string) (Sample, bool) {
	i := slices.IndexFunc(all(), func(s Sample) bool { return s.Name == name })
	if i < 0 {
		return Sample{}, false
	}
	return all()[i], true
}

// parse reads a sample's file. What its head does not say stays empty.
func parse(file, text string) Sample {
	s := Sample{Topic: path.Dir(file), Name: strings.TrimSuffix(path.Base(file), ".sql")}
	for strings.HasPrefix(text, "--") {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		line = strings.TrimSpace(strings.TrimPrefix(line, "--"))
		if who, ok := strings.CutPrefix(line, "for: "); ok {
			s.AskedBy = strings.Split(who, ", ")
		} else if param, ok := strings.CutPrefix(line, "param "); ok {
			s.Params = append(s.Params, ParseParam(param))
		} else if look, ok := strings.CutPrefix(line, "look for: "); ok {
			s.LookFor = look
		} else if s.LookFor != "" {
			s.LookFor += " " + line
		} else {
			s.Question = strings.TrimSpace(s.Question + " " + line)
		}
	}
	s.SQL = strings.TrimSpace(text)
	return s
}

// ParseParam reads a parameter of a head: "name kind = default: what" and "name kind: what".
func ParseParam(line string) Param {
	var p Param
	p.Name, line, _ = strings.Cut(line, " ")
	kind, what, _ := strings.Cut(line, ": ")
	kind, p.Default, _ = strings.Cut(kind, " = ")
	p.Kind, p.What = Kind(kind), what
	return p
}
