package metrics

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// ContentType is what a page is called.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Page is a page of metrics on its way. The zero value is an empty one.
type Page struct {
	text  bytes.Buffer
	begun string
}

// Label is a name and a value that tell one sample of a metric from another.
type Label struct{ Name, Value string }

// Counter adds a sample of a metric that only grows.
func (p *Page) Counter(name, help string, value float64, labels ...Label) {
	p.sample("counter", name, "", help, value, labels)
}

// Gauge adds a sample of a metric that goes up and down.
func (p *Page) Gauge(name, help string, value float64, labels ...Label) {
	p.sample("gauge", name, "", help, value, labels)
}

// sample adds a line, and before the first of a metric what it is.
func (p *Page) sample(kind, name, suffix, help string, value float64, labels []Label) {
	if p.begun != name {
		p.begun = name
		fmt.Fprintf(&p.text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
	}
	p.text.WriteString(name + suffix)
	for i, l := range labels {
		open := ","
		if i == 0 {
			open = "{"
		}
		fmt.Fprintf(&p.text, `%s%s="%s"`, open, l.Name, escape.Replace(strings.ToValidUTF8(l.Value, "\uFFFD")))
	}
	if len(labels) > 0 {
		p.text.WriteByte('}')
	}
	p.text.WriteString(" " + strconv.FormatFloat(value, 'g', -1, 64) + "\n")
}

// escape is how values of labels are written.
var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// Bytes is the page.
func (p *Page) Bytes() []byte { return p.text.Bytes() }
