package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// page is the README of the results.
func (r *results) page() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Tarn and others, compared

Made by `+"`make compare`"+` of [results.json](results.json), which has every single figure; do not edit it. How it is measured, and how the
others are set up: [interop/README.md](../../interop/README.md#others).

%s, %s, %s. %s generated events in %s objects, %s MB gzipped, %s MB inflated. Measured %s, in %s.

`, r.Machine, r.System, r.Go, count(float64(r.Data.Events)), count(float64(r.Data.Objects)), mega(r.Data.GzBytes), mega(r.Data.RawBytes),
		r.Began.Format(time.DateOnly), (time.Duration(r.Took) * time.Second).String())
	r.notes(&b)
	b.WriteString("## Taken in\n\n![events a second](ingest.svg)\n\n![bytes an event](disk.svg)\n\n")
	r.ingestTable(&b)
	b.WriteString("\nEvents a second are the median, in brackets the slowest and the fastest. Memory is the most that the processes of one ingest had together, each at its peak; processor time is theirs.\n")
	b.WriteString("Asked is the peak of the process that answered the warm questions.\n\n")
	r.timesTable(&b, "Warm", "A process that stays, asked in turn with the others; the first time is not counted. Median, ms.\n\n![warm](warm.svg)", func(a *answered) []float64 { return a.Warm })
	r.timesTable(&b, "Cold", "A process is started for each question, over files that the kernel was asked to drop from memory ("+r.evicted()+"); what lies below the kernel, "+
		"and the programs themselves, may still be in some memory. From the start of the process to the last row, median, ms.\n\n![cold](cold.svg)", func(a *answered) []float64 { return a.Cold })
	b.WriteString("## What they are\n\n| | version | how it was set up |\n| --- | --- | --- |\n")
	for _, s := range r.Systems {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s.Title, s.Version, s.About)
	}
	return b.String()
}

// notes says what a reader must know before the figures.
func (r *results) notes(b *strings.Builder) {
	if err := r.differences(); err != nil {
		b.WriteString("**What went wrong**, whose times are not shown:\n\n")
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(b, "- %s\n", strings.TrimSpace(line))
		}
		b.WriteByte('\n')
	} else if len(r.Systems) > 1 {
		fmt.Fprintf(b, "All %d systems gave the same answers, each time that they were asked.\n\n", len(r.Systems))
	}
	for _, m := range r.Missing {
		fmt.Fprintf(b, "Not there: %s.\n\n", m)
	}
}

func (r *results) ingestTable(b *strings.Builder) {
	b.WriteString("| | events/s | processor time, s | memory, MB | bytes an event | of gzip | asked, MB |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, s := range r.Systems {
		if len(s.Ingests) == 0 {
			fmt.Fprintf(b, "| %s | – | – | – | – | – | %s |\n", s.Title, mega(s.Asked.PeakBytes))
			continue
		}
		least, most := math.Inf(1), 0.0
		for _, l := range s.Ingests {
			rate := float64(r.Data.Events) / l.Seconds
			least, most = min(least, rate), max(most, rate)
		}
		cpu, peak := s.cost()
		fmt.Fprintf(b, "| %s | %s (%s to %s) | %.3g | %s | %.0f | %.2f | %s |\n", s.Title,
			count(s.rate(r.Data.Events)), count(least), count(most), cpu, mega(peak),
			float64(s.Bytes)/float64(r.Data.Events), float64(s.Bytes)/float64(r.Data.GzBytes), mega(s.Asked.PeakBytes))
	}
}

// timesTable writes the medians of a kind of times; the least in bold.
func (r *results) timesTable(b *strings.Builder, title, text string, of func(*answered) []float64) {
	fmt.Fprintf(b, "## %s\n\n%s\n\n| | rows |", title, text)
	for _, s := range r.Systems {
		fmt.Fprintf(b, " %s |", s.Title)
	}
	b.WriteString("\n| --- | --- |" + strings.Repeat(" --- |", len(r.Systems)) + "\n")
	for _, q := range r.questions() {
		fmt.Fprintf(b, "| %s %s | %s |", q.Question, q.Title, count(float64(q.Rows)))
		best := math.Inf(1)
		for _, s := range r.Systems {
			if a := s.answer(q.Question); a != nil && a.Wrong == "" && len(of(a)) > 0 {
				best = min(best, median(of(a)))
			}
		}
		for _, s := range r.Systems {
			switch a := s.answer(q.Question); {
			case a == nil || len(of(a)) == 0:
				b.WriteString(" – |")
			case a.Wrong != "":
				b.WriteString(" wrong |")
			case median(of(a)) == best:
				fmt.Fprintf(b, " **%s** |", short(best))
			default:
				fmt.Fprintf(b, " %s |", short(median(of(a))))
			}
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
}

// questions are all that were asked, as the system answered them that got furthest.
func (r *results) questions() (most []*answered) {
	for _, s := range r.Systems {
		if len(s.Answers) > len(most) {
			most = s.Answers
		}
	}
	return most
}

// evicted says how much of the files was in memory all the same.
func (r *results) evicted() string {
	most := 0.0
	for _, s := range r.Systems {
		most = max(most, s.StillThere)
	}
	return fmt.Sprintf("at most %.1f %% of a system's stayed there", 100*most)
}

// short is a time in milliseconds, with as many digits as mean something.
func short(t float64) string {
	if t >= 100 {
		return count(t)
	}
	return strconv.FormatFloat(rounded(t), 'f', -1, 64)
}

// mega is megabytes.
func mega(bytes int64) string { return count(float64(bytes) / 1e6) }

// count is a whole number, with commas.
func count(x float64) string {
	s := strconv.FormatFloat(math.Round(x), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
