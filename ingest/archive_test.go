package ingest_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/zstd"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
)

// entry is a member of an archive to be made.
type entry struct {
	tar.Header
	content string
}

// regular is a member that is a file.
func regular(name, content string) entry {
	return entry{tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, ModTime: time.Unix(1_760_000_000, 0)}, content}
}

// pack makes a tar archive.
func pack(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		e.Size = int64(len(e.content))
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// folder reads the files below a folder as the members of an archive, in the
// order of the folder's listing; what is no object of it comes last.
func folder(t testing.TB, dir string) (entries []entry) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		st, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		e := regular(filepath.ToSlash(rel), string(content))
		e.ModTime = st.ModTime()
		entries = append(entries, e)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	from, err := ingest.List([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	place := map[string]int{}
	for i, o := range from.Objects {
		place[o.Path] = i + 1
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		return place[filepath.Join(dir, a.Name)] - place[filepath.Join(dir, b.Name)]
	})
	return entries
}

func zstandard(content string) string {
	w, _ := zstd.NewWriter(nil)
	return string(w.EncodeAll([]byte(content), nil))
}

// exported are the store's events as tarn export --raw writes them.
func exported(t *testing.T, p laketest.Place) (all []string) {
	t.Helper()
	p.Read(t, func(s *lake.Snapshot, st lake.Store) {
		err := s.Raw(t.Context(), st.ID, false, func(raw []byte) error { all = append(all, string(raw)); return nil })
		if err != nil {
			t.Fatal(err)
		}
	})
	return all
}

// piped is standard input that is a pipe, as a shell makes it.
func piped(t *testing.T, content string) io.Reader {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	go func() {
		io.WriteString(w, content)
		w.Close()
	}()
	return r
}

// counts are what a result has of files and records.
func counts(r *ingest.Result) string {
	return fmt.Sprintf("%d read, %d known, %d digests, %d others, %d links, %+v skipped, %d unread, %+v",
		r.Read, r.Known, r.Digests, r.Others, r.Links, r.Skipped, len(r.Unread), r.Counts)
}

// An archive of a bucket is the bucket: the same events in the same order under
// the same keys, however it is packed and wherever it comes from.
func TestAnArchiveIsTheBucketInIt(t *testing.T) {
	buckets, _ := filepath.Glob("../../shared/data/s3-invictus")
	buckets = append(laketest.Few(0, buckets), bucket(t, eventgen.Options{Events: 800, Days: 4, EventsPerObject: 20, DuplicatePercent: 10}))
	for _, dir := range buckets {
		plain := laketest.NewPlace(t)
		receipt := bring(t, plain, ingest.Options{}, dir)
		want, events := counts(receipt), exported(t, plain)
		archive := string(pack(t, folder(t, dir)...))
		for name, packed := range map[string]string{"a.tar": archive, "a.tgz": zipped(archive), "a.tar.zst": zstandard(archive), "by its bytes": archive, "-": zipped(archive), "- plain": archive} {
			t.Run(filepath.Base(dir)+" in "+name, func(t *testing.T) {
				path, o := "-", ingest.Options{Stdin: piped(t, packed)}
				if !strings.HasPrefix(name, "-") {
					path = put(t, t.TempDir(), name, packed)
				}
				p := laketest.NewPlace(t)
				r := bring(t, p, o, path)
				if got := counts(r); got != want {
					t.Errorf("the archive came to %s; want %s", got, want)
				}
				got := exported(t, p)
				if len(receipt.Segments) != len(r.Segments) { // late events had a segment of their own
					slices.Sort(got)
					slices.Sort(events)
				}
				if !slices.Equal(events, got) {
					t.Errorf("%d events are not the %d of the folder", len(got), len(events))
				}
				p.Sound(t)
				// Times in archives are of whole seconds, those of the files are not.
				if again := bring(t, p, ingest.Options{KeepDuplicates: true}, dir); again.Known != r.Read || again.Counts.Offered != 0 {
					t.Errorf("the folder behind the archive: %s; want all %d known", counts(again), r.Read)
				}
				o.Stdin = piped(t, packed)
				if again := bring(t, p, o, path); again.Known != r.Read || again.Counts.Offered != 0 {
					t.Errorf("the archive again: %s; want all %d known", counts(again), r.Read)
				}
			})
		}
		a := put(t, t.TempDir(), "behind.tar", archive)
		if r := bring(t, plain, ingest.Options{KeepDuplicates: true}, a); r.Counts.Offered != 0 || len(r.Unread) > 0 {
			t.Errorf("the archive behind the folder: %s; want nothing new", counts(r))
		}
	}
}

// Archives have no order. Whatever it is, no event is lost or comes twice, also
// where little memory seals days in parts.
func TestTheOrderInAnArchiveDoesNotMatter(t *testing.T) {
	dir := bucket(t, eventgen.Options{Events: 1000, Days: 5, EventsPerObject: 20, DuplicatePercent: 20})
	entries := folder(t, dir)
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	half := len(entries) / 2
	tmp := t.TempDir()
	first, second := put(t, tmp, "1.tar", string(pack(t, entries[:half]...))), put(t, tmp, "2.tar", string(pack(t, entries[half:]...)))
	for _, paths := range laketest.Few(1, [][]string{{first, second}, {first, dir, second}, {second, filepath.Join(dir, "AWSLogs"), first, first}}) {
		for _, memory := range []int64{0, 64 << 10} {
			p := laketest.NewPlace(t)
			bring(t, p, ingest.Options{MemoryBytes: memory}, paths...)
			laketest.Same(t, "events", texts(t, dir, false), p.Events(t))
			p.Sound(t)
		}
	}
}

// Two archives one behind the other, as cat puts them, are both read.
func TestArchivesBehindEachOtherAreAllRead(t *testing.T) {
	a, b := pack(t, regular("a.json", logOf(event("a")))), pack(t, regular("b.json", logOf(event("b"))))
	filled := append(slices.Clone(a), make([]byte, 10240-len(a)%10240)...)
	for _, in := range []string{string(a) + string(b), string(filled) + string(b), zipped(string(a)) + zipped(string(b))} {
		p := laketest.NewPlace(t)
		if r := bring(t, p, ingest.Options{Stdin: piped(t, in)}, "-"); r.Read != 2 || len(r.Unread) > 0 {
			t.Errorf("%s; want 2 files", counts(r))
		}
		laketest.Same(t, "events", []string{event("a"), event("b")}, p.Events(t))
	}
}

// Standard input may be one log file. The same bytes again are the same file.
func TestOneLogFileOnStandardInput(t *testing.T) {
	for _, keep := range []bool{false, true} {
		p := laketest.NewPlace(t)
		stdin := func(content string) *ingest.Result {
			return bring(t, p, ingest.Options{KeepDuplicates: keep, Stdin: piped(t, content)}, "-")
		}
		for _, in := range []string{logOf(event("a")), zipped(logOf(event("b"))), logOf(event("c"))} {
			if r := stdin(in); r.Read != 1 || r.Counts.Stored != 1 {
				t.Errorf("keep %t: %s; want one file, one event", keep, counts(r))
			}
			if r := stdin(in); r.Known != 1 || r.Counts.Offered != 0 {
				t.Errorf("keep %t, again: %s; want the file known", keep, counts(r))
			}
		}
		if r := stdin("hello"); r.NoRecords != 1 || r.Counts.Rejected != 1 {
			t.Errorf("text: %s; want a reject", counts(r))
		}
		if r := stdin(""); len(r.Unread) != 1 || r.Unread[0].Path != "standard input" {
			t.Errorf("nothing: %+v; want it told", r.Unread)
		}
		laketest.Same(t, "events", []string{event("a"), event("b"), event("c")}, p.Events(t))
		p.Sound(t)
	}
}

// A filtered import of an archive, and a dry run, come to what they come to with
// the folder.
func TestFiltersAndDryRunsOfArchives(t *testing.T) {
	dir := bucket(t, eventgen.Options{Events: 1000, Days: 6, EventsPerObject: 20, NoStory: true})
	from := list(t, dir)
	day := from.Objects[len(from.Objects)/2].Day
	path := put(t, t.TempDir(), "a.tar.gz", zipped(string(pack(t, folder(t, dir)...))))
	ignore := cmpopts.IgnoreFields(ingest.Result{}, "Import", "Segments")
	for _, f := range []ingest.Filter{{From: day.AddDate(0, 0, 2)}, {To: day}, {Sources: []string{"s3.amazonaws.com"}}, {Accounts: []string{"999999999999"}}, {}} {
		for _, dry := range []bool{true, false} {
			o := ingest.Options{Filter: f, DryRun: dry}
			if d := cmp.Diff(bring(t, laketest.NewPlace(t), o, dir), bring(t, laketest.NewPlace(t), o, path), ignore); d != "" {
				t.Errorf("%v, dry run %t (-folder +archive):\n%s", f, dry, d)
			}
		}
	}
}

// An interrupted import of an archive is completed by the next, and what was
// committed of it is not taken apart again.
func TestACancelledArchiveIsCompletedByTheNext(t *testing.T) {
	dir := bucket(t, eventgen.Options{Events: 1500, Days: 6, EventsPerObject: 20, DuplicatePercent: 20})
	packed := string(pack(t, folder(t, dir)...))
	path := put(t, t.TempDir(), "a.tar", packed)
	for _, o := range laketest.Few(1, []ingest.Options{{MemoryBytes: 64 << 10}, {}, {KeepDuplicates: true, MemoryBytes: 64 << 10}}) {
		p := laketest.NewPlace(t)
		// What is committed in the course of an import is much; half an archive is
		// the same to the next import.
		half := pack(t, folder(t, dir)[:20]...)
		committed := bring(t, p, o, put(t, t.TempDir(), "half.tar", string(half))).Read
		p.Write(t, func(l *lake.Lake, st lake.Store) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stop := o
			stop.Progress = func(now ingest.Progress) {
				if now.Bytes > int64(len(packed))/2 {
					cancel()
				}
			}
			if _, err := ingest.Import(ctx, l, st, list(t, path), stop); !errors.Is(err, context.Canceled) {
				t.Fatalf("Import = %v; want context.Canceled", err)
			}
		})
		p.Sound(t)
		if r := bring(t, p, o, path); r.Known != committed {
			t.Errorf("%d files were known afterwards; want the %d that were committed", r.Known, committed)
		}
		laketest.Same(t, "events", texts(t, dir, o.KeepDuplicates), p.Events(t))
		p.Sound(t)
	}
}

// An import that waits for a pipe can be interrupted.
func TestAnImportThatWaitsForAPipeCanBeInterrupted(t *testing.T) {
	packed := pack(t, regular("a.json", logOf(event("a"))), regular("b.json", logOf(event("b"))))
	for _, n := range []int{0, 100, len(packed) / 2} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		if _, err := w.Write(packed[:n]); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		laketest.NewPlace(t).Write(t, func(l *lake.Lake, st lake.Store) {
			context.AfterFunc(t.Context(), cancel)
			go cancel()
			if _, err := ingest.Import(ctx, l, st, list(t, "-"), ingest.Options{Stdin: r}); !errors.Is(err, context.Canceled) {
				t.Errorf("with %d bytes, Import = %v; want context.Canceled", n, err)
			}
		})
	}
}

// Progress of an archive on disk is told in its bytes; a stream has no length.
func TestProgressOfArchives(t *testing.T) {
	dir := bucket(t, eventgen.Options{Events: 300, Days: 2, EventsPerObject: 20, NoStory: true})
	entries := folder(t, dir)
	packed := pack(t, entries...)
	path := put(t, t.TempDir(), "a.tar", string(packed))
	var last ingest.Progress
	o := ingest.Options{Stdin: bytes.NewReader(packed), Progress: func(p ingest.Progress) {
		if p.Bytes < last.Bytes || p.Objects < last.Objects || p.TotalBytes > 0 && p.Bytes > p.TotalBytes {
			t.Errorf("progress went from %+v to %+v", last, p)
		}
		last = p
	}}
	size, more := int64(len(packed)), logOf(event("a"))
	for _, tt := range []struct {
		paths []string
		want  ingest.Progress
	}{
		{[]string{path}, ingest.Progress{Objects: len(entries), Bytes: size, TotalBytes: size}},
		{[]string{path, put(t, dir, "more.json", more)}, ingest.Progress{Objects: len(entries) + 1, Bytes: size + int64(len(more)), TotalBytes: size + int64(len(more))}},
		{[]string{"-"}, ingest.Progress{Objects: len(entries), Bytes: size}},
	} {
		last = ingest.Progress{}
		bring(t, laketest.NewPlace(t), o, tt.paths...)
		last.Records = 0
		if last != tt.want {
			t.Errorf("progress of %q ended with %+v; want %+v", tt.paths, last, tt.want)
		}
	}
}

// A member gzipped once more is what it is in a folder.
func TestGzipInGzip(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(pack(t, regular("a.json", zipped(logOf(event("a")))), regular("b.json.gz", logOf(event("b"))),
		regular("c.tar", string(pack(t, regular("c.json", logOf(event("c")))))), regular("d.json", string(pack(t, regular("d.json", logOf(event("d"))))))))
	w.Close()
	p := laketest.NewPlace(t)
	r := bring(t, p, ingest.Options{}, put(t, t.TempDir(), "a", b.String()))
	if r.Read != 3 || r.Others != 1 || r.NoRecords != 1 {
		t.Errorf("%s; want 3 files, one of them no log, and an archive left alone", counts(r))
	}
	laketest.Same(t, "events", []string{event("a"), event("b")}, p.Events(t))
}
