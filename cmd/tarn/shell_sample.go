package main

import (
	"context"
	"fmt"
	"strings"

	"tarn/query/result"
	"tarn/query/samples"
)

// samplesCommand runs a sample query, or lists those about some words.
func (s *shell) samplesCommand(ctx context.Context, args string) error {
	words := strings.Fields(args)
	if len(words) > 0 {
		if sample, ok := samples.Find(words[0]); ok {
			return s.runSample(ctx, sample, words[1:])
		}
	}
	r, err := samplesAbout(args)
	if err != nil {
		return err
	}
	page := s.page()
	width, _ := terminal(s.out)
	return page.end(r.write(ctx, page, s.format, result.Options{Width: width}))
}

// runSample runs a sample query with parameters as name=value; from and to are
// the time it is about.
func (s *shell) runSample(ctx context.Context, sample samples.Sample, params []string) error {
	f := sampleFlags{store: s.config.get("store")}
	for _, p := range params {
		if from, ok := strings.CutPrefix(p, "from="); ok {
			f.from = from
		} else if to, ok := strings.CutPrefix(p, "to="); ok {
			f.to = to
		} else {
			f.params = append(f.params, p)
		}
	}
	sql, err := f.statement(sample)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(s.err, sample.Head()); err != nil {
		return err
	}
	s.run(ctx, sql)
	return nil
}

func sampleNames() []string {
	var names []string
	for _, s := range samples.All() {
		names = append(names, s.Name)
	}
	return names
}
