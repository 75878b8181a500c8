package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tarn/ingest"
	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/internal/s3"
)

// s3Settings are how buckets are asked, wherever a command, or the server, asks one.
func s3Settings() []setting {
	return []setting{
		{"s3-endpoint", "TARN_S3_ENDPOINT", "", "address of the object storage, such as http://127.0.0.1:7070; AWS's without", false, ""},
		{"s3-region", "TARN_S3_REGION", "", "region of the buckets; without, as AWS's programs are told, or the bucket is asked", false, ""},
		{"s3-profile", "TARN_S3_PROFILE", "", "profile of AWS's configuration that asks", false, ""},
		{"s3-role", "TARN_S3_ROLE", "", "ARN of a role to take on for asking", false, ""},
		{"s3-style", "TARN_S3_STYLE", "", "where a bucket stands in a URL: path or host; without, host for AWS and path elsewhere", false, ""},
		{"s3-anonymous", "TARN_S3_ANONYMOUS", "", "on: ask without credentials, for public buckets", false, "off"},
	}
}

// checkS3 refuses settings that mean nothing.
func (a *app) checkS3() error {
	for name, known := range map[string][]string{"s3-style": {"path", "host", ""}, "s3-anonymous": {"on", "off"}} {
		if d, ok := a.config.values[name]; ok && !slices.Contains(known, d.value) {
			return usage(fmt.Errorf("%s: %s %q", d.source, name, d.value), fmt.Sprintf("%s may be: %s, %s", name, known[0], known[1]))
		}
	}
	return nil
}

// s3Options say which buckets are asked, and as whom.
func (a *app) s3Options() s3.Settings {
	return s3.Settings{
		Endpoint: a.config.get("s3-endpoint"), Region: a.config.get("s3-region"), Profile: a.config.get("s3-profile"),
		Role: a.config.get("s3-role"), Style: a.config.get("s3-style"), Anonymous: a.config.get("s3-anonymous") == "on",
	}
}

// openS3 opens the door to buckets, once for a command.
func (a *app) openS3(ctx context.Context) (*s3.Client, error) {
	if a.s3 != nil {
		return a.s3, nil
	}
	c, err := s3.Open(ctx, a.s3Options())
	if err != nil {
		return nil, hint.Add(err, "tarn config shows the settings of S3; others are those of AWS's programs")
	}
	a.s3 = c
	return c, nil
}

// listing finds what is to be imported, with a line on a terminal while a bucket is listed.
func (a *app) listing(ctx context.Context, paths []string, filter ingest.Filter, noDigests bool) (*ingest.Listing, error) {
	if slices.Contains(paths, "-") && isTerminal(a.in) {
		return nil, usage(errors.New("import: standard input is a terminal"), "pipe something into it: tar c AWSLogs | tarn import -")
	}
	_, live := terminal(a.err)
	meter := a.meter(progress.Options{Label: "list", Unit: "objects", Live: live})
	defer meter.Finish()
	from, err := ingest.ListFrom(ctx, paths, ingest.From{
		Dir: a.dir(), Filter: filter, NoDigests: noDigests,
		S3:    func() (*s3.Client, error) { return a.openS3(ctx) },
		Found: func(objects int) { meter.SetDone(int64(objects)) },
	})
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return from, nil
}
