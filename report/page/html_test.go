package page_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tarn/report"
	"tarn/report/page"
	"tarn/report/page/pagetest"
)

// elements are all that a page is made of, with the attributes that they may have.
// There is nothing among them that runs, loads, sends or leads away.
var elements = map[string][]string{
	"html": {"lang"}, "head": nil, "meta": {"charset", "http-equiv", "content", "name"}, "title": nil, "style": nil,
	"body": nil, "header": nil, "nav": {"aria-label"}, "main": nil, "footer": nil,
	"section": {"id", "aria-labelledby"}, "article": {"class", "id", "aria-labelledby"}, "div": {"class", "role", "tabindex", "aria-label"},
	"h1": nil, "h2": {"id"}, "h3": {"id"}, "p": {"class"}, "ul": {"class"}, "ol": {"class"}, "li": {"class"},
	"dl": {"class"}, "dt": nil, "dd": nil, "a": {"class", "href"}, "b": nil, "span": {"class"}, "code": nil, "pre": nil,
	"table": {"class"}, "caption": nil, "thead": nil, "tbody": nil, "tr": nil, "th": {"scope", "class"}, "td": {"class"},
	"figure": {"class"}, "figcaption": nil, "details": nil, "summary": nil,
	"svg": {"width", "height", "viewBox", "role", "aria-label"}, "path": {"class", "d"}, "text": {"x", "y", "class"},
}

// parse reads a page as a browser does.
func parse(t testing.TB, text []byte) *html.Node {
	t.Helper()
	n, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// attribute returns the value of an attribute.
func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// content is the text in an element.
func content(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// strangers complains about what does not belong on a page.
func strangers(doc *html.Node) (complaints []string) {
	ids, links := map[string]bool{}, []string{}
	for n := range doc.Descendants() {
		switch n.Type {
		case html.CommentNode:
			complaints = append(complaints, "a comment: "+n.Data)
		case html.ElementNode:
			may, known := elements[n.Data]
			if !known {
				complaints = append(complaints, "element "+n.Data)
			}
			for _, a := range n.Attr {
				if !slices.Contains(may, a.Key) {
					complaints = append(complaints, fmt.Sprintf("attribute %s of %s", a.Key, n.Data))
				}
				switch {
				case a.Key == "href":
					links = append(links, a.Val)
				case a.Key == "id" && ids[a.Val]:
					complaints = append(complaints, "id twice: "+a.Val)
				case a.Key == "id":
					ids[a.Val] = true
				}
			}
		}
	}
	for _, l := range links {
		if place, inside := strings.CutPrefix(l, "#"); !inside || !ids[place] {
			complaints = append(complaints, "a link to nowhere: "+l)
		}
	}
	return complaints
}

func TestNothingButTextComesIntoAPage(t *testing.T) {
	for name, r := range pagetest.All() {
		for _, c := range strangers(parse(t, write(t, "html", r))) {
			t.Errorf("%s: %s", name, c)
		}
	}
}

func TestStrangersComplain(t *testing.T) {
	const text = `<html lang="en"><body onload="x"><p id="a" class="b">x</p><p id="a">y</p><a href="http://x">z</a><a href="#b">z</a><script>1</script><!-- -->`
	want := []string{"attribute onload of body", "attribute id of p", "attribute id of p", "id twice: a", "element script", "a comment:  ",
		"a link to nowhere: http://x", "a link to nowhere: #b"}
	if diff := cmp.Diff(want, strangers(parse(t, []byte(text)))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Whatever a text says, the page has the same elements, and the text is on it.
func FuzzPage(f *testing.F) {
	f.Add(pagetest.Enemy)
	for _, s := range []string{"", "\x00", "</td></tr></table><script>", "]]>", "<!--", "{{.}}", "\u2028\u202e", "&lt;&#x3c;", `{"a":[1,"b"]}`, "\xff", "'\"`=", "é\u0301\u0301\u0301\u0301\u0301\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		doc := parse(t, write(t, "html", pagetest.Hostile(s)))
		for _, c := range strangers(doc) {
			t.Error(c)
		}
		for n := range doc.Descendants() {
			if n.DataAtom != atom.H1 {
				continue
			}
			if got, want := content(n), seen(s); s != "" && got != want {
				t.Errorf("the heading says %q, want %q", got, want)
			}
		}
	})
}

// seen is how a text stands on a page, as far as it is simple to say.
func seen(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e || r < ' ' }) {
		return string(page.Visible(s))
	}
	return s
}

// The skeleton of a page: landmarks, headings, captions, in order.
func TestThePageHasAnOutline(t *testing.T) {
	var got []string
	level := 0
	for n := range parse(t, write(t, "html", pagetest.Full())).Descendants() {
		switch n.Data {
		case "header", "nav", "main", "footer", "section":
			got = append(got, n.Data+" "+attribute(n, "id")+attribute(n, "aria-label"))
		case "h1", "h2", "h3":
			now := int(n.Data[1] - '0')
			if now > level+1 {
				t.Errorf("%q is of level %d, below one of level %d", content(n), now, level)
			}
			level = now
			got = append(got, n.Data+" "+content(n))
		case "caption", "figcaption":
			got = append(got, n.Data+" "+content(n))
		case "svg":
			if attribute(n, "role") != "img" || attribute(n, "aria-label") == "" {
				t.Error("a picture without words")
			}
		case "th":
			if attribute(n, "scope") == "" {
				t.Errorf("the head %q has no scope", content(n))
			}
		}
	}
	golden(t, "testdata/outline.txt", strings.Join(got, "\n")+"\n")
}

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got (-update writes it)\n%s", name, diff)
	}
}

func TestAFindingLeadsToItsEvent(t *testing.T) {
	r := pagetest.Full()
	doc := parse(t, write(t, "html", r))
	raw := map[string]string{}
	for n := range doc.Descendants() {
		if n.Data == "article" && strings.HasPrefix(attribute(n, "id"), "event-") {
			for p := range n.Descendants() {
				if p.Data == "pre" && raw[attribute(n, "id")] == "" {
					raw[attribute(n, "id")] = content(p)
				}
			}
		}
	}
	for _, e := range r.Events {
		// The lines are drawn and not written: the text is the record's bytes.
		if raw["event-"+e.ID] != e.Raw {
			t.Errorf("event %s stands there as %q", e.ID, raw["event-"+e.ID])
		}
	}
	links := 0
	for n := range doc.Descendants() {
		if n.Data == "a" && strings.HasPrefix(attribute(n, "href"), "#event-") {
			links++
			if content(n) != strings.TrimPrefix(attribute(n, "href"), "#event-") {
				t.Errorf("%s leads to %s", content(n), attribute(n, "href"))
			}
		}
	}
	if links != len(r.Events) {
		t.Errorf("%d links to events, want %d", links, len(r.Events))
	}
}

func TestThePolicyAllowsTheStyleSheetAlone(t *testing.T) {
	var policy, style string
	for n := range parse(t, write(t, "html", &report.Report{})).Descendants() {
		switch {
		case n.Data == "meta" && attribute(n, "http-equiv") == "Content-Security-Policy":
			policy = attribute(n, "content")
		case n.Data == "style":
			style = content(n)
		}
	}
	sum := sha256.Sum256([]byte(style))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	if policy != want {
		t.Errorf("the policy is %q, want %q", policy, want)
	}
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Error("the style sheet loads something")
	}
}
