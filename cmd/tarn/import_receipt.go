package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"tarn/ingest"
	"tarn/ingest/history"
	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/lake"
)

// shownUnread is how many files that could not be read are named.
const shownUnread = 10

// partly is the error of an import that is done but for some files or records.
func partly(r *ingest.Result) error {
	switch n := r.Counts.Rejected; {
	case r.NoRecords > 0 && r.NoRecords == r.Read:
		err := hint.Add(fmt.Errorf("%w: none of the files read holds CloudTrail events", errPartly),
			`events come as log files {"Records":[...]}, JSON lines, or in what AWS wraps them in, gzipped or not`)
		if r.DryRun {
			return err
		}
		return hint.Add(err, "tarn import --failures shows what was found instead")
	case len(r.Unread) > 0:
		return hint.Add(fmt.Errorf("%w: %s could not be read", errPartly, counted(int64(len(r.Unread)), "path")),
			"mend that and run the same command again: it reads what is missing")
	case r.Judged.Bad() > 0 && n == 0:
		return hint.Add(fmt.Errorf("%w: %s not what CloudTrail's digests say", errPartly, countedAre(r.Judged.Bad(), "file")),
			"compare with the bucket; tarn import --verify-digests require keeps such files out")
	case n > 0 && r.DryRun:
		return fmt.Errorf("%w: %s would be rejected", errPartly, counted(n, "record"))
	case n > 0:
		return hint.Add(fmt.Errorf("%w: %s rejected", errPartly, counted(n, "record")),
			"see what and why with: tarn import --failures "+r.Import)
	}
	return nil
}

// part is a number in a receipt that is told if it is not zero.
type part struct {
	n    int64
	what string
}

// list tells the parts, each behind the separator.
func list(separator string, parts ...part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.n > 0 {
			fmt.Fprintf(&b, "%s%s %s", separator, progress.Count(p.n), p.what)
		}
	}
	return b.String()
}

// tellImport says what became of every file and every record.
func (a *app) tellImport(w io.Writer, store lake.Store, r *ingest.Result, took time.Duration) {
	c := r.Counts
	what, stored, filtered := "import "+r.Import, "stored", "filtered (of another category)"
	if r.DryRun {
		what, stored = "dry run of an import", "would be stored"
	}
	if r.Filter != "" {
		filtered = "filtered (left out by the filter, or of another category)"
	}
	fmt.Fprintf(w, "%s into %s: %s %s%s; %s in %s\n", what, store.Name, counted(c.Stored, "event"), stored,
		list(", ", part{c.Duplicates, plural(c.Duplicates, "duplicate")}, part{c.Conflicts, plural(c.Conflicts, "conflict")}, part{c.Filtered - c.Deselected, filtered},
			part{c.Deselected, "left out by the store's event selectors"}, part{c.Rejected, "rejected"}),
		counted(c.Offered, "record"), progress.Duration(took))
	fmt.Fprintf(w, "  files: %s read%s%s", progress.Count(r.Read),
		list(", ", part{r.Known, "imported before"}, part{r.Digests, plural(int64(r.Digests), "digest")}, part{r.Others, "no logs by their name"},
			part{r.Links, plural(int64(r.Links), "link") + ", not followed"}, part{r.Unlisted, plural(r.Unlisted, "folder") + " not listed, which the filter leaves out"}), describeSkipped(r.Skipped))
	if !r.DryRun {
		fmt.Fprintf(w, "; %s sealed", counted(int64(len(r.Segments)), "segment"))
	}
	fmt.Fprintln(w)
	if c.Older > 0 {
		fmt.Fprintf(w, "  note: %s older than the retention period of %s\n", countedAre(c.Older, "event"), period(store.RetentionDays))
	}
	if c.Future > 0 {
		fmt.Fprintf(w, "  note: %s more than a day in the future\n", countedAre(c.Future, "event"))
	}
	if c.Deselected > 0 {
		fmt.Fprintf(w, "  note: with other event selectors the same import takes what these leave out: tarn store update %s --selectors FILE\n", store.Name)
	}
	if r.Seen != nil {
		fmt.Fprintf(w, "  note: nothing passed the filter; seen: %s\n", describeSeen(r.Seen))
	}
	if n := r.RejectedBefore; n > 0 {
		fmt.Fprintf(w, "  note: %s rejected when these files were imported before: tarn import --failures shows them\n", countedWere(n, "record"))
	}
	tellSigned(w, r.Signed)
	tellJudged(w, r.Judged)
	tellUntaken(w, r)
	if r.DryRun {
		fmt.Fprintln(w, "  nothing was written")
	}
}

// tellSigned says what the signatures of query results are worth.
func tellSigned(w io.Writer, all []ingest.Signed) {
	for _, s := range all {
		said := fmt.Sprintf("signs %s, and the signature is right", counted(int64(s.Files), "file"))
		switch {
		case s.Err != nil:
			said = fmt.Sprintf("vouches for nothing: %v", s.Err)
		case !s.Checked:
			said = fmt.Sprintf("names the hashes of %s; to check its signature, save the answer of aws cloudtrail list-public-keys beside it as public_keys.json",
				counted(int64(s.Files), "file"))
		}
		if len(s.Missing) > 0 {
			said += fmt.Sprintf("; %s not there: %.300s", countedAre(int64(len(s.Missing)), "file"), strings.Join(s.Missing, ", "))
		}
		fmt.Fprintf(w, "  signed: %s %s\n", printable(s.Path), printable(said))
	}
}

// describeSkipped says how many files were not opened, and what their paths told.
func describeSkipped(s ingest.Skipped) string {
	if s.Total() == 0 {
		return ""
	}
	why := list(", ", part{s.Day, "of other days"}, part{s.Account, "of other accounts"}, part{s.Region, "of other regions"})
	return fmt.Sprintf(", %s not opened because of their path (%s)", progress.Count(s.Total()), strings.TrimPrefix(why, ", "))
}

// describeSeen says what there was.
func describeSeen(s *ingest.Seen) string {
	var said []string
	for _, some := range []struct {
		what string
		ingest.Some
	}{{"account", s.Accounts}, {"region", s.Regions}, {"source", s.Sources}} {
		if n := len(some.Values); n > 0 {
			text := plural(int64(n), some.what) + " " + strings.Join(some.Values, ", ")
			if some.More {
				text += " and others"
			}
			said = append(said, text)
		}
	}
	first, last := s.First.Format(time.DateOnly), s.Last.Format(time.DateOnly)
	if first == last {
		said = append(said, "day "+first)
	} else {
		said = append(said, "days "+first+" to "+last)
	}
	return printable(strings.Join(said, "; "))
}

// tellUntaken names the first files that were not read, and records that were
// not taken.
func tellUntaken(w io.Writer, r *ingest.Result) {
	for i, u := range r.Unread {
		if i == shownUnread {
			fmt.Fprintf(w, "  not read: ... and %d more\n", len(r.Unread)-i)
			break
		}
		fmt.Fprintf(w, "  not read: %s\n", printable(fmt.Sprintf("%s: %v", u.Path, u.Err)))
	}
	for _, rej := range r.Rejects {
		fmt.Fprintf(w, "  rejected: %s\n", printable(history.DescribeReject(rej)))
	}
	if more := r.Counts.Rejected - int64(len(r.Rejects)); more > 0 && len(r.Rejects) > 0 {
		fmt.Fprintf(w, "  rejected: ... and %s more\n", progress.Count(more))
	}
}

// printable takes the control characters out of a text: names in an archive, and
// times in a record, may have been made to play with the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
