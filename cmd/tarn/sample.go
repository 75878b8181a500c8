package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tarn/internal/nearest"
	"tarn/query/result"
	"tarn/query/samples"
)

// sampleFlags say which sample query is asked, and about what.
type sampleFlags struct {
	on, show        bool
	store, from, to string
	params          []string
}

func (f *sampleFlags) add(c *cobra.Command) {
	c.Flags().BoolVar(&f.on, "sample", false, "run the sample query of this name; list those about some words, or all")
	c.Flags().BoolVar(&f.show, "show", false, "print the SQL of the sample query instead of running it")
	c.Flags().StringArrayVar(&f.params, "param", nil, "a parameter of the sample query, as name=value")
	c.Flags().StringVar(&f.from, "from", "", "ask the sample query about events from this day or instant on")
	c.Flags().StringVar(&f.to, "to", "", "ask it about events before this instant, or through the end of this day (UTC)")
	c.Flags().StringVar(&f.store, "store", defaultStore, "event data store that the sample query asks")
}

// given names a flag that means something for a sample query alone.
func (f *sampleFlags) given() string {
	switch {
	case f.show:
		return "--show"
	case f.params != nil:
		return "--param"
	case f.from != "":
		return "--from"
	case f.to != "":
		return "--to"
	}
	return ""
}

// statement is the SQL of a sample query.
func (f *sampleFlags) statement(s samples.Sample) (string, error) {
	v := samples.Values{Store: f.store, Params: map[string]string{}}
	for _, p := range f.params {
		name, value, ok := strings.Cut(p, "=")
		if !ok {
			return "", usage(fmt.Errorf("query: --param %q", p), "write it as name=value")
		}
		v.Params[name] = value
	}
	var err error
	if v.From, err = boundary("query: --from", f.from, 0); err != nil {
		return "", err
	}
	if v.To, err = boundary("query: --to", f.to, 1); err != nil {
		return "", err
	}
	if !v.From.IsZero() && !v.To.IsZero() && !v.From.Before(v.To) {
		return "", usage(fmt.Errorf("query: nothing is from %s to %s", f.from, f.to), "--from is where it begins; --to is the last day, or the instant before which it ends")
	}
	var advice []string
	for _, p := range s.Params {
		if _, given := v.Params[p.Name]; given || !p.Required() {
			continue
		}
		if f.show {
			v.Params[p.Name] = "<" + p.Name + ">"
		}
		advice = append(advice, "--param "+p.Name+"=..., or in tarn's shell "+p.Name+"=...")
	}
	sql, err := s.Statement(v)
	if err != nil {
		return "", usage(fmt.Errorf("query: %w", err), advice...)
	}
	return sql, nil
}

// sample runs a sample query if the words are the name of one. Otherwise it
// lists those that the words are about.
func (a *app) sample(ctx context.Context, words []string, o queryOptions) error {
	phrase := strings.Join(words, " ")
	s, ok := samples.Find(phrase)
	switch {
	case !ok && (o.sample.given() != "" || o.explain):
		return noSample(phrase)
	case !ok:
		return a.listSamples(ctx, phrase, o)
	}
	sql, err := o.sample.statement(s)
	if err != nil {
		return err
	}
	if o.sample.show {
		_, err := fmt.Fprintf(a.out, "%s%s\n", s.Head(), sql)
		return err
	}
	if _, live := terminal(a.err); live && o.format == "table" {
		fmt.Fprint(a.err, s.Head())
	}
	return a.one(ctx, sql, o)
}

// noSample is the error for a name that is not a sample query's.
func noSample(name string) error {
	advice := []string{"tarn query --sample lists them, tarn query --sample WORDS those about some words"}
	if near := nearest.Of(name, sampleNames()); near != "" {
		advice = slices.Insert(advice, 0, "did you mean "+near+"?")
	}
	if name == "" {
		return usage(errors.New("query: which sample query?"), advice...)
	}
	return usage(fmt.Errorf("query: no sample query is called %q", name), advice...)
}

// listSamples lists the sample queries that a phrase is about, the most
// relevant first, or all of them by topic.
func (a *app) listSamples(ctx context.Context, phrase string, o queryOptions) error {
	if result.Binary(o.format) {
		return usage(fmt.Errorf("query: the list of sample queries is not written as %s", o.format), "formats: "+strings.Join(inspectFormats(), ", "))
	}
	r, err := samplesAbout(phrase)
	if err != nil {
		return err
	}
	if o.output != "" {
		return intoFile(a.inDir(o.output), func(w io.Writer) error { return r.write(ctx, w, o.format, result.Options{}) })
	}
	width, _ := terminal(a.out)
	return r.write(ctx, a.out, o.format, result.Options{Width: width})
}

func samplesAbout(phrase string) (*rows, error) {
	if strings.TrimSpace(phrase) == "" {
		r := newRows("topic", "sample", "question~", "parameters~")
		for _, s := range samples.All() {
			r.add(s.Topic, s.Name, s.Question, paramsOf(s))
		}
		return r, nil
	}
	r := newRows("sample", "relevance#", "question~", "parameters~")
	for _, m := range samples.Search(phrase) {
		r.add(m.Name, int64(m.Relevance), m.Question, paramsOf(m.Sample))
	}
	if len(r.cells) == 0 {
		return nil, usage(fmt.Errorf("query: no sample query is about %q", phrase), "tarn query --sample lists all")
	}
	return r, nil
}

// paramsOf says what a sample may be told.
func paramsOf(s samples.Sample) string {
	var all []string
	for _, p := range s.Params {
		if p.Required() {
			all = append(all, p.Name+"=...")
		} else {
			all = append(all, p.Name+"="+p.Default)
		}
	}
	return strings.Join(all, " ")
}

// completeSample offers the names of the sample queries, each with its question.
func completeSample(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if on, err := c.Flags().GetBool("sample"); err == nil && on && len(args) == 0 {
		for _, s := range samples.All() {
			if strings.HasPrefix(s.Name, typed) {
				names = append(names, cobra.CompletionWithDesc(s.Name, s.Question))
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeParam offers the parameters of the sample query that is named.
func completeParam(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if s, ok := samples.Find(strings.Join(args, " ")); ok {
		for _, p := range s.Params {
			names = append(names, cobra.CompletionWithDesc(p.Name+"=", p.What))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
