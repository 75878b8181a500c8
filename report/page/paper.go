package page

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// The sheet is A4, in millimetres.
const (
	sheetWidth  = 210
	sheetHeight = 297
	edge        = 16
	bottom      = sheetHeight - 18
	width       = sheetWidth - 2*edge
)

// face is how a text looks: a font, its size in points, a colour.
type face struct {
	font string
	size float64
	ink  string
}

// The faces.
var (
	largeFace = face{"bold", 20, "ink"}
	partFace  = face{"bold", 14, "ink"}
	titleFace = face{"bold", 11, "ink"}
	bodyFace  = face{"sans", 9, "ink"}
	boldFace  = face{"bold", 9, "ink"}
	paleFace  = face{"sans", 8, "pale"}
	cellFace  = face{"sans", 7.5, "ink"}
	headFace  = face{"bold", 7.5, "pale"}
	monoFace  = face{"mono", 7.5, "ink"}
	linkFace  = face{"sans", 7.5, "link"}
	tinyFace  = face{"sans", 6, "pale"}
)

// inks are the colours of the page in its light form.
var inks = map[string][3]int{
	"ink": {27, 31, 36}, "pale": {87, 96, 106}, "line": {208, 215, 222}, "soft": {246, 248, 250}, "link": {11, 87, 164},
	"failed": {180, 35, 24}, "unknown": {122, 79, 0}, "passed": {26, 107, 52}, "gap": {180, 35, 24},
	"heat0": {236, 239, 242}, "heat1": {198, 219, 242}, "heat2": {143, 184, 230}, "heat3": {77, 140, 207}, "heat4": {31, 95, 168},
}

// fontFiles are the Go fonts, which have the letters of Latin, Greek and Cyrillic.
var fontFiles = map[string][]byte{"sans": goregular.TTF, "bold": gobold.TTF, "mono": gomono.TTF}

// letters are those that all fonts have.
var letters = sync.OnceValues(func() (map[rune]bool, error) {
	has := map[rune]bool{}
	var b sfnt.Buffer
	for r := rune(' '); r <= 0xffff; r++ {
		has[r] = true
	}
	for _, file := range fontFiles {
		font, err := sfnt.Parse(file)
		if err != nil {
			return nil, err
		}
		for r := range has {
			if at, err := font.GlyphIndex(&b, r); err != nil || at == 0 {
				delete(has, r)
			}
		}
	}
	return has, nil
})

// paper is a PDF that is written from the top to the bottom.
type paper struct {
	pdf    *fpdf.Fpdf
	has    map[rune]bool
	y      float64
	links  map[string]int
	widths map[string]map[rune]float64 // of letters of each font, for one point
	now    face
}

// newPaper begins a PDF.
func newPaper() (*paper, error) {
	has, err := letters()
	if err != nil {
		return nil, err
	}
	p := &paper{pdf: fpdf.New("P", "mm", "A4", ""), has: has, links: map[string]int{}, widths: map[string]map[rune]float64{}}
	p.pdf.SetCatalogSort(true) // and not in the order of a map
	p.pdf.SetAutoPageBreak(false, 0)
	p.pdf.SetMargins(edge, edge, edge)
	for _, name := range []string{"sans", "bold", "mono"} {
		// The library writes into the bytes when it makes a font of the letters in
		// use, so each document has its own.
		p.pdf.AddUTF8FontFromBytes(name, "", slices.Clone(fontFiles[name]))
		p.widths[name] = map[rune]float64{}
	}
	p.newPage()
	return p, p.pdf.Error()
}

// newPage begins a page.
func (p *paper) newPage() {
	p.pdf.AddPage()
	p.y = edge
	p.now = face{}
}

// room begins a page if there is not so much room on this one.
func (p *paper) room(mm float64) {
	if p.y+mm > bottom {
		p.newPage()
	}
}

// use takes up a face.
func (p *paper) use(f face) {
	if p.now == f {
		return
	}
	p.pdf.SetFont(f.font, "", f.size)
	c := inks[f.ink]
	p.pdf.SetTextColor(c[0], c[1], c[2])
	p.now = f
}

// high is how high a line of a face is.
func (f face) high() float64 { return f.size * 0.3528 * 1.35 }

// printable is s with numbers in place of what cannot be seen, and of what the fonts
// do not have.
func (p *paper) printable(s string) string {
	return strings.ReplaceAll(plain(s, func(r rune) bool { return unseen(r) || !p.has[r] && r != '\n' && r != '\t' }), "\t", "    ")
}

// letter is how wide a letter is.
func (p *paper) letter(f face, r rune) float64 {
	w, ok := p.widths[f.font][r]
	if !ok {
		p.use(f)
		w = float64(p.pdf.GetStringSymbolWidth(string(r))) / 1000 * 0.3528
		p.widths[f.font][r] = w
	}
	return w * f.size
}

// wide is how wide a text is that is printable.
func (p *paper) wide(f face, s string) (w float64) {
	for _, r := range s {
		w += p.letter(f, r)
	}
	return w
}

// wrap breaks a printable text into lines: at spaces, else behind a mark of the kind
// that names of things have, if the line is not much shorter for it, else anywhere.
func (p *paper) wrap(f face, s string, most float64) (lines []string) {
	for part := range strings.SplitSeq(s, "\n") {
		start, w := 0, 0.0
		end, next, before := 0, 0, 0.0 // where this line may end, the next begin, and how wide that is
		for i, r := range part {
			lw := p.letter(f, r)
			if w+lw > most && i > start {
				if end <= start {
					end, next, before = i, i, w
				}
				lines = append(lines, part[start:end])
				start, w, end = next, w-before, 0
			}
			w += lw
			switch {
			case r == ' ':
				end, next, before = i, i+1, w
			case strings.ContainsRune("-/:,_", r) && w > most*0.6:
				end, next, before = i+1, i+1, w
			}
		}
		lines = append(lines, part[min(start, len(part)):])
	}
	return lines
}

// line draws a line of printable text at x, with its upper edge at y.
func (p *paper) line(f face, x, y float64, s string) {
	if s == "" {
		return
	}
	p.use(f)
	p.pdf.Text(x, y+f.size*0.3528, s)
}

// text writes a text below what there is, indented, and goes on on the next page.
func (p *paper) text(f face, indent float64, s string) {
	for _, l := range p.wrap(f, p.printable(s), width-indent) {
		p.room(f.high())
		p.line(f, edge+indent, p.y, l)
		p.y += f.high()
	}
}

// heading writes a heading, which is in the outline too, and keeps some lines below it
// on its page.
func (p *paper) heading(f face, level int, link, s string) {
	p.room(f.high() + 22)
	if link != "" {
		p.pdf.SetLink(p.link(link), p.y, -1)
	}
	p.pdf.Bookmark(label16(s), level, p.y)
	p.text(f, 0, s)
	p.y += 1.5
}

// link is the number of a place in the document, which may come later.
func (p *paper) link(name string) int {
	n, ok := p.links[name]
	if !ok {
		n = p.pdf.AddLink()
		p.links[name] = n
	}
	return n
}

// fill draws a box.
func (p *paper) fill(ink string, x, y, w, h float64) {
	c := inks[ink]
	p.pdf.SetFillColor(c[0], c[1], c[2])
	p.pdf.Rect(x, y, w, h, "F")
}

// facts writes names and values beside each other.
func (p *paper) facts(all []fact) {
	const left = 34
	for _, one := range all {
		names := p.wrap(paleFace, p.printable(one.Name), left-3)
		lines := p.wrap(bodyFace, p.printable(one.Value), width-left)
		for i := range max(len(names), len(lines)) {
			p.room(bodyFace.high())
			if i < len(names) {
				p.line(paleFace, edge, p.y+0.3, names[i])
			}
			if i < len(lines) {
				p.line(bodyFace, edge+left, p.y, lines[i])
			}
			p.y += bodyFace.high()
		}
		p.y += 0.8
	}
	p.y += 1.5
}

// code writes a text as it is, in a font of letters of one width.
func (p *paper) code(s string) {
	for _, l := range p.wrap(monoFace, p.printable(s), width-4) {
		p.room(monoFace.high())
		p.fill("soft", edge, p.y-0.2, width, monoFace.high()+0.2)
		p.line(monoFace, edge+2, p.y, l)
		p.y += monoFace.high()
	}
	p.y += 2
}

// chart draws a chart, so that it is as many millimetres wide at most.
func (p *paper) chart(c *chart, x, most float64) {
	scale := min(most/float64(c.Width), 0.264)
	for _, l := range c.Layers {
		for _, b := range l.Boxes {
			p.fill(l.Ink, x+float64(b.X)*scale, p.y+float64(b.Y)*scale, float64(b.W)*scale, float64(b.H)*scale)
		}
	}
	for _, l := range c.Labels {
		at := x + float64(l.X)*scale
		if l.Ends {
			at -= p.wide(tinyFace, l.Text)
		}
		p.line(tinyFace, at, p.y+float64(l.Y)*scale-2.2, l.Text)
	}
	p.y += float64(c.Height)*scale + 1.5
}

// number writes the foot of every page, when there are no more.
func (p *paper) number(title string) {
	title, _ = cut(p.printable(title), 100)
	title, _, _ = strings.Cut(title, "\n")
	n := p.pdf.PageCount()
	for i := 1; i <= n; i++ {
		p.pdf.SetPage(i)
		p.now = face{}
		p.line(paleFace, edge, bottom+5, title)
		page := "Page " + itoa(i) + " of " + itoa(n)
		p.line(paleFace, edge+width-p.wide(paleFace, page), bottom+5, page)
	}
}

// initial is the first letter of a text in upper case.
func initial(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}
