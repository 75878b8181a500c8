package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tarn/internal/progress"
	"tarn/report"
)

// chart is a picture of boxes and labels, for a page and for paper. Its unit is a
// pixel. Everything that it shows is also said in Says.
type chart struct {
	Width, Height int
	Layers        []layer
	Labels        []label
	Title, Says   string
}

// layer are boxes of one colour, which has a name of its own in each form.
type layer struct {
	Ink   string
	Boxes []box
}

// box is a rectangle.
type box struct{ X, Y, W, H int }

// label is a short text, which ends at X if it is to the left of something.
type label struct {
	X, Y int
	Ends bool
	Text string
}

// Path draws a layer as the data of one SVG path, which is much shorter than as many
// elements.
func (l layer) Path() string {
	var b strings.Builder
	for _, x := range l.Boxes {
		fmt.Fprintf(&b, "M%d %dh%dv%dh-%dz", x.X, x.Y, x.W, x.H, x.W)
	}
	return b.String()
}

// trendRuns are how many earlier reports a trend shows.
const trendRuns = 11

// trend draws how many rows a control's answers had, or nothing if there was none
// before.
func trend(one *report.Result, to time.Time) *chart {
	if len(one.Earlier) == 0 {
		return nil
	}
	runs := append(slices.Clone(one.Earlier[max(0, len(one.Earlier)-trendRuns):]),
		report.Earlier{To: to, Verdict: one.Verdict, Total: one.Total})
	const wide, gap, high, base = 14, 4, 36, 2
	most := int64(1)
	for _, run := range runs {
		most = max(most, run.Total)
	}
	inks := map[string][]box{}
	words := make([]string, len(runs))
	for i, run := range runs {
		x := i * (wide + gap)
		h := int(float64(max(run.Total, 0)) / float64(most) * high)
		if run.Total > 0 {
			h = max(h, 2)
		}
		if run.Verdict != report.Unknown {
			inks[string(run.Verdict)] = append(inks[string(run.Verdict)], box{x, high - h, wide, h + base})
		} else {
			// Unlike a bar without rows: a gap in the ground line.
			inks[string(run.Verdict)] = append(inks[string(run.Verdict)], box{x + wide/2 - 2, high - 2, 4, base + 2})
		}
		words[i] = day(run.To) + " " + trendWord(run)
	}
	c := &chart{Width: len(runs)*(wide+gap) - gap, Height: high + base, Title: "Rows in this and earlier reports"}
	c.Says = "Rows in reports up to: " + strings.Join(words, "; ") + "."
	for _, v := range []report.Verdict{report.Failed, report.Unknown, report.Passed} {
		if b := inks[string(v)]; b != nil {
			c.Layers = append(c.Layers, layer{string(v), b})
		}
	}
	return c
}

// trendWord says what came of an earlier report.
func trendWord(run report.Earlier) string {
	if run.Verdict == report.Unknown {
		return "unknown"
	}
	return progress.Count(run.Total) + " (" + string(run.Verdict) + ")"
}

// change says how many rows more or fewer than last time, or nothing.
func change(one *report.Result) string {
	if len(one.Earlier) == 0 {
		return ""
	}
	switch d := one.Total - one.Earlier[len(one.Earlier)-1].Total; {
	case d > 0:
		return "+" + progress.Count(d)
	case d < 0:
		return "−" + progress.Count(-d)
	}
	return "±0"
}

// The sizes of a heat map.
const (
	cellSize = 12
	cellStep = 14
	mapLeft  = 74
	mapTop   = 16
	// mostDays is up to how many days a heat map has a line for each and a cell for
	// an hour. Above it has a line for a month and a cell for a day.
	mostDays = 45
)

// heat draws when there were events.
func heat(c *report.Coverage, from, to time.Time) *chart {
	by := byHour
	if to.Sub(from) > mostDays*24*time.Hour {
		by = byDay
	}
	sums, gaps := map[spot]int64{}, map[spot]bool{}
	most, line, lines := int64(0), "", []string{}
	for i, n := range c.Hours {
		at := from.Add(time.Duration(i) * time.Hour)
		name, column := by(at)
		if name != line {
			line, lines = name, append(lines, name)
		}
		s := spot{len(lines) - 1, column}
		sums[s] += n
		gaps[s] = gaps[s] || missing(c, at)
		most = max(most, sums[s])
	}
	columns, every, unit, first := 24, 6, "hour", 0
	if lines == nil {
		return nil
	}
	if len(lines[0]) == len("2006-01") {
		columns, every, unit, first = 31, 5, "day", 1
	}
	out := &chart{Width: mapLeft + columns*cellStep, Height: mapTop + len(lines)*cellStep, Title: "Events by " + unit}
	out.Layers = heatLayers(sums, gaps, most)
	for i, l := range lines {
		out.Labels = append(out.Labels, label{mapLeft - 6, mapTop + i*cellStep + 10, true, l})
	}
	for i := 0; i < columns; i += every {
		out.Labels = append(out.Labels, label{mapLeft + i*cellStep, mapTop - 5, false, strconv.Itoa(i + first)})
	}
	out.Says = "At most " + counted(most, "event") + " in one " + unit + "."
	return out
}

// spot is a cell of a heat map.
type spot struct{ line, column int }

// byHour has a line for each day.
func byHour(at time.Time) (line string, column int) { return at.Format(time.DateOnly), at.Hour() }

// byDay has a line for each month.
func byDay(at time.Time) (line string, column int) { return at.Format("2006-01"), at.Day() - 1 }

// missing says whether an hour lies in a stretch without events.
func missing(c *report.Coverage, at time.Time) bool {
	return slices.ContainsFunc(c.Missing, func(s report.Stretch) bool { return !at.Before(s.From) && at.Before(s.To) })
}

// heatLayers puts each spot into the layer of its shade: 0 for none, 4 for the darkest,
// each of a quarter of the events of the next. A spot with a gap has a dash too.
func heatLayers(sums map[spot]int64, gaps map[spot]bool, most int64) []layer {
	inks := []string{"heat0", "heat1", "heat2", "heat3", "heat4", "gap"}
	layers := make([]layer, len(inks))
	for i, ink := range inks {
		layers[i].Ink = ink
	}
	spots := make([]spot, 0, len(sums))
	for s := range sums {
		spots = append(spots, s)
	}
	slices.SortFunc(spots, func(a, b spot) int {
		return (a.line-b.line)*100 + a.column - b.column
	})
	for _, s := range spots {
		at := box{mapLeft + s.column*cellStep, mapTop + s.line*cellStep, cellSize, cellSize}
		shade := 0
		if n := sums[s]; n > 0 {
			for shade = 4; shade > 1 && n <= most>>(2*(5-shade)); {
				shade--
			}
		}
		layers[shade].Boxes = append(layers[shade].Boxes, at)
		if gaps[s] {
			layers[5].Boxes = append(layers[5].Boxes, box{at.X + 2, at.Y + 5, cellSize - 4, 2})
		}
	}
	return slices.DeleteFunc(layers, func(l layer) bool { return l.Boxes == nil })
}
