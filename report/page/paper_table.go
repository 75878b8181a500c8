package page

import "slices"

const (
	cellPad = 1.5 // on each side of a cell
	// leastColumn is how narrow a column may become, if its values are not narrower.
	leastColumn = 19
)

// table draws a table, or, where its columns are too many for a sheet, each row as a
// list of names and values.
func (p *paper) table(t table) {
	if widths := p.columns(t); widths != nil {
		p.rows(t, widths)
	} else {
		p.room(boldFace.high() + 22)
		p.caption(t)
		p.records(t)
	}
	p.y += 1.5
	if t.More != "" {
		p.text(paleFace, 0, t.More)
	}
	p.y += 2
}

// caption is what a table is about.
func (p *paper) caption(t table) {
	p.text(boldFace, 0, t.Caption)
	p.y += 1
}

// value is what a cell says on paper.
func (p *paper) value(c cell) string {
	s := p.printable(c.Text)
	if c.Left > 0 {
		s += " … and " + counted(c.Left, "letter")
	}
	return s
}

// columns returns how wide each column is, or nothing if they do not fit.
func (p *paper) columns(t table) []float64 {
	wish := make([]float64, len(t.Columns))
	for i, c := range t.Columns {
		wish[i] = p.wide(headFace, p.printable(c.Name)) + 2*cellPad
	}
	least := slices.Clone(wish)
	for i := range least {
		least[i] = min(leastColumn, least[i])
	}
	for _, row := range t.Rows {
		for i, c := range row {
			w := p.wide(cellFace, p.value(c)) + 2*cellPad
			wish[i] = max(wish[i], w)
			least[i] = max(least[i], min(w, leastColumn))
		}
	}
	return share(wish, least, width)
}

// share gives each column what it wishes, and where that is too much for all, cuts the
// wide ones to one width, but none below its least.
func share(wish, least []float64, most float64) []float64 {
	with := func(limit float64) []float64 {
		got := make([]float64, len(wish))
		for i := range wish {
			got[i] = max(min(wish[i], limit), least[i])
		}
		return got
	}
	low, high := 0.0, slices.Max(append([]float64{0}, wish...))
	switch {
	case sum(with(high)) <= most:
		return with(high)
	case sum(with(low)) > most:
		return nil
	}
	for range 30 {
		if middle := (low + high) / 2; sum(with(middle)) <= most {
			low = middle
		} else {
			high = middle
		}
	}
	return with(low)
}

// tallRow is how high a row may be that is not divided between two pages.
const tallRow = 60

// rows draws the rows of a table.
func (p *paper) rows(t table, widths []float64) {
	high := cellFace.high()
	names := p.lay(widths, headFace, func(i int) string { return p.printable(t.Columns[i].Name) })
	// A name may have so many lines that no row would have room below them.
	names.most = min(names.most, 12)
	for n, row := range t.Rows {
		cells := p.lay(widths, cellFace, func(i int) string { return p.value(row[i]) })
		need := min(float64(cells.most)*high+1.6, tallRow)
		if n == 0 {
			p.room(boldFace.high() + float64(names.most)*headFace.high() + 3 + need)
			p.caption(t)
			p.heads(t, widths, names)
		} else if p.y+need > bottom {
			p.newPage()
			p.heads(t, widths, names)
		}
		p.y += 0.8
		for n := range cells.most {
			if p.y+high > bottom {
				p.newPage()
				p.heads(t, widths, names)
			}
			p.rowLine(t, row, cells.lines, widths, n)
			p.y += high
		}
		p.y += 0.8
		p.fill("line", edge, p.y, sum(widths), 0.15)
	}
}

// laid are the lines of each cell of a row, of which none has more than most.
type laid struct {
	lines [][]string
	most  int
}

// lay breaks the cells of a row into lines.
func (p *paper) lay(widths []float64, f face, text func(int) string) (l laid) {
	l.lines = make([][]string, len(widths))
	for i, w := range widths {
		l.lines[i] = p.wrap(f, text(i), w-2*cellPad)
		l.most = max(l.most, len(l.lines[i]))
	}
	return l
}

// rowLine draws the n-th line of each cell of a row.
func (p *paper) rowLine(t table, row []cell, lines [][]string, widths []float64, n int) {
	x := float64(edge)
	for i, c := range row {
		if n < len(lines[i]) {
			text, at, f := lines[i][n], x+cellPad, cellFace
			if t.Columns[i].Numbers {
				at = x + widths[i] - cellPad - p.wide(cellFace, text)
			}
			if c.Link != "" {
				f = linkFace
				p.pdf.Link(at, p.y, p.wide(f, text), f.high(), p.link(c.Link))
			}
			p.line(f, at, p.y, text)
		}
		x += widths[i]
	}
}

// heads draws the names of the columns, at the top of each page that has rows.
func (p *paper) heads(t table, widths []float64, names laid) {
	high := float64(names.most)*headFace.high() + 1.6
	p.fill("soft", edge, p.y, sum(widths), high)
	x := float64(edge)
	for i, c := range t.Columns {
		for n, text := range names.lines[i][:min(len(names.lines[i]), names.most)] {
			at := x + cellPad
			if c.Numbers {
				at = x + widths[i] - cellPad - p.wide(headFace, text)
			}
			p.line(headFace, at, p.y+0.8+float64(n)*headFace.high(), text)
		}
		x += widths[i]
	}
	p.y += high
	p.fill("line", edge, p.y, sum(widths), 0.15)
}

// records writes each row as a list.
func (p *paper) records(t table) {
	const left = 42
	for _, row := range t.Rows {
		p.fill("line", edge, p.y, width, 0.15)
		p.y += 1
		for i, c := range row {
			f := cellFace
			if c.Link != "" {
				f = linkFace
			}
			names := p.wrap(headFace, p.printable(t.Columns[i].Name), left-3)
			lines := p.wrap(f, p.value(c), width-left)
			for n := range max(len(names), len(lines)) {
				p.room(f.high())
				if n < len(names) {
					p.line(headFace, edge, p.y, names[n])
				}
				if n < len(lines) {
					if c.Link != "" {
						p.pdf.Link(edge+left, p.y, p.wide(f, lines[n]), f.high(), p.link(c.Link))
					}
					p.line(f, edge+left, p.y, lines[n])
				}
				p.y += f.high()
			}
		}
		p.y += 1
	}
}

func sum(all []float64) (n float64) {
	for _, one := range all {
		n += one
	}
	return n
}
