package ingest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
)

// importAll imports the paths into the store and checks that every record is
// accounted for.
func importAll(t *testing.T, l *lake.Lake, store lake.Store, o ingest.Options, paths ...string) *ingest.Result {
	t.Helper()
	from, err := ingest.List(paths)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ingest.Import(t.Context(), l, store, from, o)
	if err != nil {
		t.Fatal(err)
	}
	c := r.Counts
	if c.Offered != c.Stored+c.Duplicates+c.Conflicts+c.Filtered+c.Rejected {
		t.Errorf("%+v does not add up", c)
	}
	return r
}

// recordsIn cuts the records out of the log files below a folder with
// encoding/json, in order of key.
func recordsIn(t *testing.T, dir string) (records [][]byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "CloudTrail-Digest") || !strings.Contains(path, ".json") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
			zip, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				return err
			}
			if b, err = io.ReadAll(zip); err != nil {
				return err
			}
		}
		var log struct{ Records []json.RawMessage }
		if err := json.Unmarshal(b, &log); err != nil {
			return err
		}
		for _, r := range log.Records {
			records = append(records, r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func sorted(raw [][]byte) [][]byte { return slices.SortedFunc(slices.Values(raw), bytes.Compare) }

// firstOfEachID leaves out records whose id was there before.
func firstOfEachID(t *testing.T, raw [][]byte) (out [][]byte) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range raw {
		var e struct{ EventID string }
		if err := json.Unmarshal(r, &e); err != nil {
			t.Fatal(err)
		}
		if !seen[e.EventID] {
			seen[e.EventID] = true
			out = append(out, r)
		}
	}
	return out
}

func bucket(t *testing.T, o eventgen.Options) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := eventgen.WriteBucket(dir, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestEveryByteComesOutAsItWentIn(t *testing.T) {
	buckets, _ := filepath.Glob("../../shared/data/s3-*")
	if len(buckets) == 0 {
		t.Log("without the shared data: generated events only")
	}
	buckets = append(laketest.Few(0, buckets), bucket(t, eventgen.Options{Events: 1000, Days: 3, EventsPerObject: 30, DuplicatePercent: 5}))
	for _, b := range buckets {
		t.Run(filepath.Base(b), func(t *testing.T) {
			want := recordsIn(t, b)
			dir, l, keep := laketest.New(t)
			importAll(t, l, keep, ingest.Options{KeepDuplicates: true}, b)
			if got := laketest.Raw(t, l, keep, false); !slices.EqualFunc(got, sorted(want), bytes.Equal) {
				t.Errorf("kept: %d events of %d records differ", len(got), len(want))
			}
			laketest.Clean(t, dir)

			dir, l, drop := laketest.New(t)
			r := importAll(t, l, drop, ingest.Options{}, b)
			one := firstOfEachID(t, want)
			if got := laketest.Raw(t, l, drop, false); !slices.EqualFunc(got, sorted(one), bytes.Equal) {
				t.Errorf("dropped: %d events of %d ids differ", len(got), len(one))
			}
			if n := int64(len(want) - len(one)); r.Counts.Duplicates+r.Counts.Conflicts != n {
				t.Errorf("%+v; want %d duplicates and conflicts", r.Counts, n)
			}
			laketest.Clean(t, dir)
		})
	}
}

func TestASecondImportAddsNothing(t *testing.T) {
	dir, l, store := laketest.New(t)
	from := bucket(t, eventgen.Options{Events: 1000, Days: 3, EventsPerObject: 20})
	first := importAll(t, l, store, ingest.Options{}, from)
	size := l.Snapshot().LogSize()
	for _, again := range []string{"in the same session", "after reopening", "without the index"} {
		switch again {
		case "after reopening":
			l.Close()
			l = laketest.Reopen(t, dir)
		case "without the index":
			l.Close()
			os.Remove(filepath.Join(dir, "local/index.db"))
			l = laketest.Reopen(t, dir)
		}
		r := importAll(t, l, store, ingest.Options{}, from)
		if r.Known != first.Read || r.Counts.Offered != 0 || l.Snapshot().LogSize() != size {
			t.Errorf("%s: %d of %d files known, %+v, log of %d entries; want %d", again, r.Known, first.Read, r.Counts, l.Snapshot().LogSize(), size)
		}
	}

	// The same bucket copied elsewhere: other times, other folder, same objects.
	elsewhere := t.TempDir()
	if err := os.CopyFS(elsewhere, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if r := importAll(t, l, store, ingest.Options{KeepDuplicates: true}, elsewhere); r.Known != first.Read {
		t.Errorf("copied: %d of %d files known", r.Known, first.Read)
	}
}

func TestTheOrderOfBucketsDoesNotMatter(t *testing.T) {
	buckets, _ := filepath.Glob("../../shared/data/s3-*")
	buckets = laketest.Few(0, buckets)
	for i := range 2 {
		buckets = append(buckets, bucket(t, eventgen.Options{Events: 200, Days: 2, EventsPerObject: 20, DuplicatePercent: 10, Seed: uint64(i + 1)}))
	}
	reversed := slices.Clone(buckets)
	slices.Reverse(reversed)
	var want [][]byte
	for i, order := range laketest.Few(3, [][][]string{{buckets}, {reversed}, single(buckets), single(reversed)}) {
		dir, l, store := laketest.New(t)
		for _, paths := range order {
			importAll(t, l, store, ingest.Options{}, paths...)
		}
		got := laketest.Raw(t, l, store, false)
		if i == 0 {
			want = got
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("order %d: %d events; want the same %d", i, len(got), len(want))
		}
		laketest.Clean(t, dir)
	}
}

func single(buckets []string) (out [][]string) {
	for _, b := range buckets {
		out = append(out, []string{b})
	}
	return out
}

// What does not fit waits on disk, and makes no segment more.
func TestLittleMemoryLosesNothing(t *testing.T) {
	from := bucket(t, eventgen.Options{Events: 800, Days: 2, EventsPerObject: 20, DuplicatePercent: 20})
	_, l, store := laketest.New(t)
	want := importAll(t, l, store, ingest.Options{}, from)
	dir, small, other := laketest.New(t)
	got := importAll(t, small, other, ingest.Options{MemoryBytes: 256 << 10}, from)
	if got.Counts != want.Counts || len(got.Segments) != len(want.Segments) {
		t.Errorf("with little memory %+v in %d segments; with enough %+v in %d", got.Counts, len(got.Segments), want.Counts, len(want.Segments))
	}
	if !slices.EqualFunc(laketest.Raw(t, small, other, false), laketest.Raw(t, l, store, false), bytes.Equal) {
		t.Error("the events differ")
	}
	laketest.Clean(t, dir)
}
