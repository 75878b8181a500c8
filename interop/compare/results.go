package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// results are what was measured, as it is kept.
type results struct {
	Began      time.Time `json:"began"`
	Took       float64   `json:"tookSeconds"`
	Machine    string    `json:"machine"`
	System     string    `json:"system"`
	Go         string    `json:"go"`
	FloorBytes int64     `json:"floorBytes"` // peak memory said of a process that does nothing
	Data       generated `json:"data"`
	Missing    []string  `json:"missing,omitempty"` // systems that are not here
	Systems    []*result `json:"systems"`
}

// result is what was measured of a system.
type result struct {
	Name       string      `json:"name"`
	Title      string      `json:"title"`
	Version    string      `json:"version"`
	About      string      `json:"about"`
	Failed     string      `json:"failed,omitempty"` // what went wrong, and left out what comes behind it
	Ingests    []loaded    `json:"ingests,omitempty"`
	Bytes      int64       `json:"bytes,omitempty"` // on disk after the last one
	StillThere float64     `json:"stillThere"`      // the largest part of the files in memory before a cold question
	Asked      process     `json:"asked"`           // the process that answered the warm ones
	Answers    []*answered `json:"answers"`
}

// answered is how a system answered a question.
type answered struct {
	Question string    `json:"question"`
	Title    string    `json:"title"`
	Rows     int       `json:"rows"`
	Digest   string    `json:"digest"`          // of the rows, in the columns that are checked
	Wrong    string    `json:"wrong,omitempty"` // what is
	Cold     []float64 `json:"coldMillis"`
	Warm     []float64 `json:"warmMillis"`
}

func newResults(g generated, missing []string) *results {
	return &results{
		Began: time.Now().UTC().Truncate(time.Second), Machine: machine(),
		System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Data: g, Missing: missing,
	}
}

// of is how the system answers the question.
func (r *result) of(q question) *answered {
	if a := r.answer(q.name); a != nil {
		return a
	}
	a := &answered{Question: q.name, Title: q.title, Rows: -1}
	r.Answers = append(r.Answers, a)
	return a
}

// note takes down what an answer says, and what is wrong with it.
func (of *answered) note(q question, a answer) {
	d := digest(a.Rows, q.check)
	switch wrong := q.wrong(a.Rows); {
	case wrong != "":
		of.Wrong = wrong
	case of.Rows >= 0 && of.Digest != d:
		of.Wrong = "not the same each time"
	}
	of.Rows, of.Digest = len(a.Rows), d
}

// compare marks answers that are not those of the first system, which reads the objects
// as they are.
func (r *results) compare() {
	for _, s := range r.Systems[1:] {
		for _, a := range s.Answers {
			first := r.Systems[0].answer(a.Question)
			if first != nil && a.Wrong == "" && a.Digest != first.Digest {
				a.Wrong = fmt.Sprintf("%d rows, not those %d of %s", a.Rows, first.Rows, r.Systems[0].Title)
			}
		}
	}
}

// answer is how the system answered a question; nil if it was not asked.
func (r *result) answer(question string) *answered {
	for _, a := range r.Answers {
		if a.Question == question {
			return a
		}
	}
	return nil
}

// differences is an error that names all answers that are wrong, and all systems that
// failed.
func (r *results) differences() error {
	var all []error
	for _, s := range r.Systems {
		if s.Failed != "" {
			all = append(all, fmt.Errorf("%s has failed: %s", s.Title, s.Failed))
		}
		for _, a := range s.Answers {
			if a.Wrong != "" {
				all = append(all, fmt.Errorf("%s, %s %s: %s", s.Title, a.Question, a.Title, a.Wrong))
			}
		}
	}
	return errors.Join(all...)
}

// rounded is a figure without digits that mean nothing.
func rounded(x float64) float64 {
	if x == 0 {
		return 0
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(x))))
	if scale < 1 {
		return math.Round(x)
	}
	return math.Round(x*scale) / scale
}

func (p process) rounded() process {
	p.CPUSeconds = rounded(p.CPUSeconds)
	return p
}

func (l loaded) rounded() loaded {
	for i, p := range l.Processes {
		l.Processes[i] = p.rounded()
	}
	l.Seconds = math.Round(l.Seconds*1e3) / 1e3
	return l
}

// median is the middle one.
func median(all []float64) float64 {
	if len(all) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// total is all of them together.
func total(all []float64) (sum float64) {
	for _, x := range all {
		sum += x
	}
	return sum
}

// rate is events a second, by the median of the ingests.
func (r *result) rate(events int) float64 {
	var all []float64
	for _, l := range r.Ingests {
		all = append(all, float64(events)/l.Seconds)
	}
	return median(all)
}

// cost is the processor time and memory of an ingest: the median, and the most.
func (r *result) cost() (cpuSeconds float64, peakBytes int64) {
	var all []float64
	for _, l := range r.Ingests {
		var seconds float64
		var bytes int64
		for _, p := range l.Processes {
			seconds, bytes = seconds+p.CPUSeconds, bytes+p.PeakBytes
		}
		all, peakBytes = append(all, seconds), max(peakBytes, bytes)
	}
	return median(all), peakBytes
}

// write writes results.json if there are results, and makes of what it says the tables
// and the pictures beside it.
func write(dir string, r *results) error {
	path := filepath.Join(dir, "results.json")
	if r != nil {
		r.compare()
		text, err := r.encode()
		if err != nil {
			return err
		}
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(path, text, 0o644)); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	made, err := draw(text)
	for name, content := range made {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
	return err
}

// draw makes files by their names of the text of results.json.
func draw(text []byte) (map[string]string, error) {
	r := &results{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("results.json: %w", err)
	}
	return map[string]string{
		"README.md":  r.page(),
		"ingest.svg": r.ingestPicture(),
		"disk.svg":   r.diskPicture(),
		"warm.svg":   r.timesPicture("Warm: a process that stays", func(a *answered) []float64 { return a.Warm }),
		"cold.svg":   r.timesPicture("Cold: a process that has just started", func(a *answered) []float64 { return a.Cold }),
	}, nil
}

// encode is the text of results.json, with a line for each answer.
func (r *results) encode() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return nil, err
	}
	// Numbers on a line of their own make the file long and no more readable.
	var out bytes.Buffer
	deep := 0
	for line := range strings.Lines(string(text)) {
		trimmed := strings.TrimSpace(line)
		indent := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case deep == 0 && indent >= 4 && strings.HasSuffix(trimmed, "{"):
			deep = indent
			out.WriteString(strings.TrimRight(line, "\n"))
		case deep > 0 && indent == deep:
			deep = 0
			out.WriteString(strings.TrimLeft(line, " "))
		case deep > 0:
			out.WriteString(trimmed)
		default:
			out.WriteString(line)
		}
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
