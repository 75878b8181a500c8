package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"
	"strings"
	"sync"

	"tarn/report"
)

var (
	//go:embed html/page.html
	pageHTML string
	//go:embed html/parts.html
	partsHTML string
	//go:embed html/page.css
	pageCSS string
)

// document is the template of the HTML file.
var document = sync.OnceValues(func() (*template.Template, error) {
	t, err := template.New("page").Funcs(template.FuncMap{
		"show":    show,
		"plain":   func(s string) string { return plain(s, unseen) },
		"raw":     raw,
		"letters": func(n int) string { return counted(n, "letter") },
		"css":     func() template.CSS { return template.CSS(pageCSS) },
		// The policy lets this one style sheet count, and nothing else that may have
		// come into the page: neither styles nor scripts, pictures or forms.
		"sum": func() string {
			sum := sha256.Sum256([]byte(pageCSS))
			return base64.StdEncoding.EncodeToString(sum[:])
		},
	}).Parse(partsHTML)
	if err != nil {
		return nil, err
	}
	return t.Parse(pageHTML)
})

// writeHTML writes r as one file that needs nothing else.
func writeHTML(w io.Writer, r *report.Report) error {
	t, err := document()
	if err != nil {
		return err
	}
	return t.Execute(w, look(r))
}

// deepest is how many levels of a raw event are indented. A page has no use for more,
// and browsers nest elements only so deep.
const deepest = 40

// raw is the text of a record as HTML, whose text is that text: what looks like lines
// and indentation are elements, so nothing is added to what somebody copies or a
// program reads. What is no JSON stands as it is.
func raw(s string) template.HTML {
	if !json.Valid([]byte(s)) || depth(s) > deepest {
		return show(s)
	}
	var b strings.Builder
	start := 0
	put := func(end int, element string) {
		b.WriteString(string(show(s[start:end])))
		b.WriteString(element)
		start = end
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i = closing(s, i)
		case '{', '[':
			if rest := strings.TrimLeft(s[i+1:], " \t\r\n"); rest[0] == '}' || rest[0] == ']' {
				i = len(s) - len(rest)
				continue
			}
			put(i+1, `<span class="in"><span class="m">`)
		case ',':
			put(i+1, `</span><span class="m">`)
		case '}', ']':
			put(i, `</span></span>`)
		}
	}
	put(len(s), "")
	return template.HTML(b.String())
}

// depth is how deep valid JSON is nested.
func depth(s string) (most int) {
	for i, now := 0, 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i = closing(s, i)
		case '{', '[':
			now++
			most = max(most, now)
		case '}', ']':
			now--
		}
	}
	return most
}

// closing is where the string of valid JSON that begins at i ends.
func closing(s string, i int) int {
	for i++; s[i] != '"'; i++ {
		if s[i] == '\\' {
			i++
		}
	}
	return i
}
