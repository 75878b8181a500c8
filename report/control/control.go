package control

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tarn/internal/hint"
	"tarn/query/samples"
	"tarn/report"
)

// Control is a question with what is expected of its answer.
type Control struct {
	// ID is its name in commands: lower-case letters, digits and '-'.
	ID string
	// Title says in a sentence what is so where all is well.
	Title string
	// Why says why it matters, Do what to do about findings.
	Why, Do  string
	Severity report.Severity
	Expect   Expectation
	// Needs is a category of events without which the answer means nothing; empty
	// for Management.
	Needs  string
	Params []samples.Param
	// SQL is the statement, with placeholders. It is empty if the program looks itself:
	// then Check names what it looks at.
	SQL, Check string
	// File is where it was read.
	File string
	text string
}

// Source is the control as it is written.
func (c Control) Source() string { return c.text }

// ErrControl marks what is wrong with a control's file, or a pack's.
var ErrControl = errors.New("not a control")

var (
	validID    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	severities = []report.Severity{report.Critical, report.High, report.Medium, report.Low}
	// parameters that every statement has
	given = []string{"store", "from", "to"}
)

// fault is what is wrong with a line of a file.
func fault(file string, line int, format string, args ...any) error {
	return fmt.Errorf("%w: %s:%d: "+format, append([]any{ErrControl, file, line}, args...)...)
}

// parse reads a control's file.
func parse(file, id, text string) (c Control, err error) {
	c = Control{ID: id, File: file, text: text}
	if !validID.MatchString(id) {
		return c, hint.Add(fault(file, 1, "%q is no name for a control", id), "file names are of lower-case letters, digits and single -, and end in .sql")
	}
	lines := strings.Split(text, "\n")
	head := 0
	for head < len(lines) && strings.HasPrefix(lines[head], "--") {
		line := strings.TrimSpace(strings.TrimPrefix(lines[head], "--"))
		head++
		if err := c.head(line); err != nil {
			return c, fault(file, head, "%w", err)
		}
	}
	c.SQL = strings.TrimSpace(strings.Join(lines[head:], "\n"))
	return c, c.complete(head + 1)
}

// head takes in a line of the head.
func (c *Control) head(line string) (err error) {
	key, value, found := strings.Cut(line, ": ")
	texts := map[string]*string{"why": &c.Why, "do": &c.Do, "needs": &c.Needs, "check": &c.Check}
	switch to, known := texts[key]; {
	case found && known:
		*to = strings.TrimSpace(*to + " " + value)
	case found && key == "severity":
		c.Severity = report.Severity(value)
		if !slices.Contains(severities, c.Severity) {
			return fmt.Errorf("severity is critical, high, medium or low, and not %q", value)
		}
	case found && key == "expect":
		c.Expect, err = parseExpectation(value)
	case strings.HasPrefix(line, "param "):
		p := samples.ParseParam(strings.TrimPrefix(line, "param "))
		if p.Name == "" || p.What == "" || p.Kind != samples.Text && p.Kind != samples.Number || slices.Contains(given, p.Name) {
			return errors.New("a parameter is written: param NAME text = DEFAULT: what it is, or with number; without = DEFAULT it has to be given")
		}
		c.Params = append(c.Params, p)
	case c.Title == "":
		c.Title = line
	default:
		return fmt.Errorf("%q is no line of a control's head: write why, do, severity, expect, needs or param", line)
	}
	return err
}

// complete says what is missing.
func (c Control) complete(line int) error {
	for what, there := range map[string]bool{"a title": c.Title != "", "why": c.Why != "", "do": c.Do != "", "severity": c.Severity != "",
		"expect": c.Expect.kind != "", "a SELECT": c.SQL != "" || c.Check != ""} {
		if !there {
			return fault(c.File, line, "%s is missing", what)
		}
	}
	if c.Check != "" {
		return nil
	}
	for _, name := range placeholder.FindAllString(c.SQL, -1) {
		known := slices.Contains(given, name[1:]) || slices.ContainsFunc(c.Params, func(p samples.Param) bool { return "$"+p.Name == name })
		if !known {
			return fault(c.File, line, "%s in the SQL is no parameter", name)
		}
	}
	for _, name := range given {
		if !strings.Contains(c.SQL, "$"+name) {
			return hint.Add(fault(c.File, line, "the SQL has no $%s", name), "a control asks one store about a period: FROM $store WHERE eventTime >= $from AND eventTime < $to")
		}
	}
	return nil
}

var placeholder = regexp.MustCompile(`\$[a-z_]+`)

// Statement is the SQL with values in the place of the placeholders. Of the values those
// count that it has parameters for.
func (c Control) Statement(v samples.Values) (string, []report.Parameter, error) {
	var used []report.Parameter
	own := map[string]string{}
	for _, p := range c.Params {
		value, set := v.Params[p.Name]
		if set {
			own[p.Name] = value
		} else {
			value = p.Default
		}
		used = append(used, report.Parameter{Name: p.Name, Value: value})
	}
	v.Params = own
	sql, err := samples.Sample{Name: c.ID, Params: c.Params, SQL: c.SQL}.Statement(v)
	return sql, used, err
}
