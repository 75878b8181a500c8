package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// style is that of all pictures, by day and by night.
const style = `<style>
text{font:13px system-ui,sans-serif;fill:#222}.soft{fill:#666}.title{font-weight:600;font-size:15px}.line{stroke:#ddd}.us{fill:#0b6e6e}.them{fill:#a9b4bd}rect.page{fill:#fff}
@media(prefers-color-scheme:dark){text{fill:#e6e6e6}.soft{fill:#a0a0a0}.line{stroke:#3a3f44}.us{fill:#35b5ab}.them{fill:#66727c}rect.page{fill:#15181b}}
</style>`

// picture begins one of a width and height, with a title that is read out, too.
func picture(b *strings.Builder, title string, width, height int) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img"><title>%s</title>%s<rect class="page" width="%[1]d" height="%[2]d"/>`+"\n",
		width, height, html.EscapeString(title), style)
	fmt.Fprintf(b, `<text class="title" x="16" y="26">%s</text>`+"\n", html.EscapeString(title))
}

// bar is a line of a bar chart.
type bar struct {
	label string
	value float64
	us    bool
}

// bars is a bar chart that begins at nothing.
func bars(title string, all []bar) string {
	const left, wide, step = 220, 400, 28
	most := 0.0
	for _, x := range all {
		most = max(most, x.value)
	}
	var b strings.Builder
	picture(&b, title, left+wide+100, 50+step*len(all))
	for i, x := range all {
		y := 44 + step*i
		class := "them"
		if x.us {
			class = "us"
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text><rect class="%s" x="%d" y="%d" width="%.1f" height="18"/><text class="soft" x="%.1f" y="%d">%s</text>`+"\n",
			left-10, y+14, html.EscapeString(x.label), class, left, y, wide*x.value/most, left+wide*x.value/most+6, y+14, count(x.value))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (r *results) ingestPicture() string {
	var all []bar
	for _, s := range r.Systems {
		if len(s.Ingests) > 0 {
			all = append(all, bar{s.Title, s.rate(r.Data.Events), s.ours()})
		}
	}
	return bars("Events taken in a second (more is better)", all)
}

func (r *results) diskPicture() string {
	events := float64(r.Data.Events)
	all := []bar{{"the objects, gzipped", float64(r.Data.GzBytes) / events, false}}
	for _, s := range r.Systems {
		if len(s.Ingests) > 0 {
			all = append(all, bar{s.Title, float64(s.Bytes) / events, s.ours()})
		}
	}
	return bars("Bytes an event on disk (less is better; Tarn keeps the raw event, too)", all)
}

// ours says whether a system is Tarn.
func (r *result) ours() bool { return strings.HasPrefix(r.Name, "tarn") }

// mark is shape and colour of a system's points; they can be told apart by day and by
// night, and by those who see few colours.
func mark(system string) string {
	switch system {
	case "duckdb-raw":
		return `<path d="M%[1]g %[2]gm-5-5l10 10m0-10l-10 10" stroke="#8a8f94" stroke-width="2"/>`
	case "duckdb-file":
		return `<circle cx="%[1]g" cy="%[2]g" r="5" fill="none" stroke="#e69f00" stroke-width="2"/>`
	case "duckdb-days":
		return `<circle cx="%[1]g" cy="%[2]g" r="5" fill="#e69f00"/>`
	case "tarn":
		return `<path class="us" d="M%[1]g %[2]gm0-7l7 7l-7 7l-7-7z"/>`
	case "tarn-serve":
		return `<path d="M%[1]g %[2]gm0-6l6 6l-6 6l-6-6z" fill="none" stroke="#35b5ab" stroke-width="2"/>`
	case "tailpipe":
		return `<path d="M%[1]g %[2]gm0-6l6 10h-12z" fill="#56b4e9"/>`
	case "victorialogs":
		return `<path d="M%[1]g %[2]gm-5-5h10v10h-10z" fill="#cc79a7"/>`
	}
	return `<path d="M%[1]g %[2]gm-5-5h10v10h-10z" fill="none" stroke="#d55e00" stroke-width="2"/>`
}

// timesPicture shows the medians of a kind of times, a line for each question, on a
// scale on which each step is ten times as long.
func (r *results) timesPicture(title string, of func(*answered) []float64) string {
	const left, wide, step, top = 250, 520, 26, 84
	least, most := math.Inf(1), 0.0
	for _, s := range r.Systems {
		for _, a := range s.Answers {
			if len(of(a)) > 0 {
				least, most = min(least, median(of(a))), max(most, median(of(a)))
			}
		}
	}
	low, high := math.Floor(math.Log10(max(least, 0.01))), math.Ceil(math.Log10(max(most, 0.1)))
	at := func(t float64) float64 { return left + wide*(math.Log10(max(t, 0.01))-low)/(high-low) }
	var b strings.Builder
	tall := top + step*len(r.questions())
	picture(&b, title+" (median, each step is ten times as long)", left+wide+40, tall+40)
	for i, s := range r.Systems {
		x, y := 24+196*float64(i%4), 46+18*float64(i/4)
		fmt.Fprintf(&b, mark(s.Name)+`<text x="%[3]g" y="%[4]g">%[5]s</text>`+"\n", x, y, x+12, y+4, html.EscapeString(s.Title))
	}
	for p := low; p <= high; p++ {
		x := at(math.Pow(10, p))
		fmt.Fprintf(&b, `<path class="line" d="M%.1f %dV%d"/><text class="soft" x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x, top, tall, x, tall+20, scale(p))
	}
	for i, q := range r.questions() {
		y := float64(top + step*i + step/2)
		fmt.Fprintf(&b, `<text x="%d" y="%g" text-anchor="end">%s %s</text>`+"\n", left-14, y+4, html.EscapeString(q.Question), html.EscapeString(q.Title))
		for _, s := range r.Systems {
			if a := s.answer(q.Question); a != nil && a.Wrong == "" && len(of(a)) > 0 {
				fmt.Fprintf(&b, mark(s.Name)+"\n", rounded(at(median(of(a)))), y)
			}
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// scale is a power of ten of milliseconds, in words.
func scale(p float64) string {
	if p >= 3 {
		return fmt.Sprintf("%g s", math.Pow(10, p-3))
	}
	return fmt.Sprintf("%g ms", math.Pow(10, p))
}
