package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/ingest"
	"tarn/ingest/digest"
	"tarn/internal/progress"
)

// digestFlags say how to check files by CloudTrail's digests.
type digestFlags struct{ mode, keys, metadata string }

func (f *digestFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.mode, "verify-digests", "report", "check log files by CloudTrail's digests beside them: off, report or require")
	c.Flags().StringVar(&f.keys, "public-keys", "", "file with what aws cloudtrail list-public-keys answers")
	c.Flags().StringVar(&f.metadata, "digest-metadata", "", `file with the metadata of digests in S3: {"KEY": {"signature": "…"}, …}`)
}

func (f *digestFlags) parse(inDir func(string) string) (d ingest.Digests, err error) {
	switch f.mode {
	case "report":
		d.Mode = ingest.Report
	case "off":
		d.Mode = ingest.Off
	case "require":
		d.Mode = ingest.Require
	default:
		return d, usage(fmt.Errorf("import: --verify-digests %q", f.mode), "off, report or require")
	}
	if f.keys != "" {
		if d.Keys, err = readAs(inDir(f.keys), digest.ReadKeys); err != nil {
			return d, usage(fmt.Errorf("import: --public-keys %s: %w", f.keys, err),
				"aws cloudtrail list-public-keys --start-time … --end-time … > public_keys.json")
		}
	}
	if f.metadata != "" {
		if d.Signatures, err = readAs(inDir(f.metadata), digest.ReadSignatures); err != nil {
			return d, usage(fmt.Errorf("import: --digest-metadata %s: %w", f.metadata, err))
		}
	}
	return d, nil
}

// wantKeys is an error where digests are required and nobody can check them.
func wantKeys(d ingest.Digests) error {
	if d.Mode == ingest.Require && d.Keys == nil {
		return usage(errors.New("import: --verify-digests require needs AWS's public keys"),
			"save them with: aws cloudtrail list-public-keys --start-time … --end-time … > public_keys.json; then --public-keys public_keys.json")
	}
	return nil
}

// keySource asks CloudTrail itself for the public keys of digests in buckets; nil where
// another service than AWS's has the buckets, unless that has a CloudTrail, too.
func (a *app) keySource() ingest.KeySource {
	elsewhere := a.config.get("s3-endpoint") != "" || a.getenv("AWS_ENDPOINT_URL_S3") != ""
	if elsewhere && a.getenv("AWS_ENDPOINT_URL_CLOUDTRAIL") == "" {
		return nil
	}
	return func(ctx context.Context, region string, from, to time.Time) ([]byte, error) {
		client, err := a.openS3(ctx)
		if err != nil {
			return nil, err
		}
		return client.PublicKeys(ctx, region, from, to)
	}
}

// fetchKeys asks CloudTrail for the public keys of digests in buckets.
func (a *app) fetchKeys(ctx context.Context, from *ingest.Listing, d *ingest.Digests) error {
	for _, err := range d.AskKeys(ctx, from, a.keySource()) {
		a.warn(err.Error())
	}
	return wantKeys(*d)
}

// maxSaved bounds a file of keys or metadata.
const maxSaved = 256 << 20

func readAs[T any](path string, parse func([]byte) (T, error)) (v T, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return v, err
	}
	if st.Size() > maxSaved {
		return v, errors.New("it is too long")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return v, err
	}
	return parse(text)
}

// shownFindings is how many findings about digests are named.
const shownFindings = 10

// tellJudged says what CloudTrail's digests say.
func tellJudged(w io.Writer, j *ingest.Judged) {
	if j == nil {
		return
	}
	fmt.Fprintf(w, "  digests: %s of %s with good signatures%s; log files: %s verified%s\n",
		progress.Count(j.Valid), progress.Count(j.Digests), list(", ", part{j.Unsigned, "not to be checked"}, part{j.Found[digest.Invalid], "not valid"}),
		progress.Count(j.Verdicts[digest.Verified]), list(", ", part{j.Verdicts[digest.Mismatch], "changed"},
			part{j.Verdicts[digest.ChainGap], "whose digest is missing or not valid"}, part{j.Verdicts[digest.UnsignedHead], "by digests that could not be checked"},
			part{j.Verdicts[digest.NotCovered], "that no digest names"}, part{j.Found[digest.Gone], "that digests name not there"}))
	if j.Digests > 0 && j.Unsigned == j.Digests {
		fmt.Fprintln(w, "  note: to check signatures, give AWS's public keys with --public-keys FILE (aws cloudtrail list-public-keys)")
	}
	for i, f := range j.Findings {
		if i == shownFindings {
			fmt.Fprintf(w, "  digests: … and %s more\n", progress.Count(int64(len(j.Findings)-i)))
			break
		}
		fmt.Fprintf(w, "  digests: %s: %s\n", printable(strings.TrimPrefix(f.Key, "AWSLogs/")), printable(f.What))
	}
}
