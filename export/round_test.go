package export_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/export"
	"tarn/ingest"
	"tarn/ingest/digest"
	"tarn/internal/eventgen"
	"tarn/internal/s3"
	"tarn/lake"
	"tarn/lake/laketest"
)

// later is a time at which all hours are over.
var later = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

var as = s3.URI{Bucket: "bucket", Key: "pre/fix"}

// keys are new ones that sign, behind those that signed before.
func keys(t *testing.T, before ...*export.Keys) *export.Keys {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s := digest.Signer{Key: key}
	k := &export.Keys{Current: s, Own: map[string]digest.Signer{s.Fingerprint(): s},
		Public: []export.PublicKey{{Value: x509.MarshalPKCS1PublicKey(&key.PublicKey), Fingerprint: s.Fingerprint()}}}
	for _, b := range before {
		maps.Copy(k.Own, b.Own)
		k.Public = append(k.Public, b.Public...)
	}
	return k
}

// generated is a lake with generated events of three days.
func generated(t *testing.T, events int) (*lake.Lake, lake.Store) {
	t.Helper()
	bucket := t.TempDir()
	if _, err := eventgen.WriteBucket(bucket, eventgen.Options{Events: events, Days: 3, NoStory: true}); err != nil {
		t.Fatal(err)
	}
	_, l, store := laketest.New(t)
	imported(t, l, store, ingest.Options{}, bucket)
	return l, store
}

func imported(t *testing.T, l *lake.Lake, store lake.Store, o ingest.Options, paths ...string) *ingest.Result {
	t.Helper()
	from, err := ingest.List(paths)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ingest.Import(t.Context(), l, store, from, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// exporting exports into a folder, also where that fails.
func exporting(ctx context.Context, l *lake.Lake, store lake.Store, dir string, o export.Options) (*export.Result, error) {
	f, err := export.OpenFolder(dir, as)
	if err != nil {
		return nil, err
	}
	if o.As, o.Trail = as, "trail"; o.Now.IsZero() {
		o.Now = later
	}
	snap := l.Snapshot()
	defer snap.Release()
	r, err := export.Run(ctx, snap, store, f, o)
	var public []export.PublicKey
	if o.Keys != nil {
		public = o.Keys.Public
	}
	return r, errors.Join(err, f.Close(public))
}

func exported(t *testing.T, l *lake.Lake, store lake.Store, dir string, o export.Options) *export.Result {
	t.Helper()
	r, err := exporting(t.Context(), l, store, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tree is the files of an export, by name.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all[strings.TrimPrefix(filepath.ToSlash(path), filepath.ToSlash(dir))] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func sameTree(t *testing.T, want, got map[string]string) {
	t.Helper()
	if maps.Equal(want, got) {
		return
	}
	t.Errorf("names: -want +got\n%s", cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))))
	for name := range want {
		if other, ok := got[name]; ok && other != want[name] {
			t.Errorf("%s has other bytes", name)
		}
	}
}

// raws are all events of a store and its conflicts, sorted.
func raws(t *testing.T, l *lake.Lake, store lake.Store) (all []string) {
	t.Helper()
	for _, conflicts := range []bool{false, true} {
		for _, raw := range laketest.Raw(t, l, store, conflicts) {
			all = append(all, string(raw))
		}
	}
	slices.Sort(all)
	return all
}

// taken imports an export into a new lake that requires its digests.
func taken(t *testing.T, dir string) (*lake.Lake, lake.Store, *ingest.Result) {
	t.Helper()
	d := ingest.Digests{Mode: ingest.Require}
	for name, parse := range map[string]func([]byte) error{
		export.KeysFile:     func(b []byte) (err error) { d.Keys, err = digest.ReadKeys(b); return err },
		export.MetadataFile: func(b []byte) (err error) { d.Signatures, err = digest.ReadSignatures(b); return err },
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = parse(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	_, l, store := laketest.New(t)
	return l, store, imported(t, l, store, ingest.Options{Digests: d}, filepath.Join(dir, "AWSLogs"))
}

// verified checks that every log file is what a signed digest names.
func verified(t *testing.T, r *ingest.Result) {
	t.Helper()
	if n := r.Judged.Verdicts[digest.Verified]; n != int64(r.Read) || r.Judged.Unsigned > 0 || len(r.Judged.Findings) > 0 || r.Counts.Rejected > 0 {
		t.Errorf("%d of %d files verified; %+v, %+v", n, r.Read, r.Judged, r.Counts)
	}
}

// What is exported comes back byte for byte, signed throughout, and an export of that
// is the same files.
func TestRoundTrip(t *testing.T) {
	l, store := generated(t, 250)
	whole, parts, k := t.TempDir(), t.TempDir(), keys(t)
	r := exported(t, l, store, whole, export.Options{Keys: k})
	if r.Exported != int64(len(raws(t, l, store))) || r.Logs.New != r.Logs.Files || r.Digests.Files == 0 {
		t.Errorf("%+v", r)
	}
	small := exported(t, l, store, parts, export.Small(export.Options{Keys: k}))
	if small.Logs.Files <= r.Logs.Files || small.Exported != r.Exported || small.Digests.Files != r.Digests.Files {
		t.Errorf("in small files: %+v; in large ones: %+v", small, r)
	}
	for _, dir := range []string{whole, parts} {
		again, back, judged := taken(t, dir)
		verified(t, judged)
		laketest.Same(t, "the events", raws(t, l, store), raws(t, again, back))
		if dir == whole {
			other := t.TempDir()
			exported(t, again, back, other, export.Options{Keys: k})
			sameTree(t, tree(t, whole), tree(t, other))
		}
	}
}

// Real buckets of others, with all that is odd in them.
func TestRoundTripOfSharedData(t *testing.T) {
	for _, name := range []string{"s3-invictus", "s3-umccr-org", "s3-packed", "odd"} {
		dir := filepath.Join("../../shared/data", name)
		if _, err := os.Stat(dir); err != nil {
			t.Skip("without ../shared/data only generated events are exported")
		}
		_, l, store := laketest.New(t)
		imported(t, l, store, ingest.Options{}, dir)
		to := t.TempDir()
		exported(t, l, store, to, export.Options{Keys: keys(t)})
		again, back, judged := taken(t, to)
		verified(t, judged)
		laketest.Same(t, name, raws(t, l, store), raws(t, again, back))
	}
}

// Whatever the order in which it was written, and wherever it was interrupted, the
// result is the same.
func TestAgainWritesWhatIsMissing(t *testing.T) {
	l, store := generated(t, 250)
	dir, k := t.TempDir(), keys(t)
	exported(t, l, store, dir, export.Options{Keys: k})
	want := tree(t, dir)
	if r := exported(t, l, store, dir, export.Options{Keys: k}); r.Logs.New+r.Digests.New > 0 {
		t.Errorf("again: %+v", r)
	}
	for i, name := range slices.Sorted(maps.Keys(want)) {
		if i%3 == 0 && !strings.Contains(name, "-Digest/") || strings.HasSuffix(name, export.MetadataFile) {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	exported(t, l, store, dir, export.Options{Keys: k})
	sameTree(t, want, tree(t, dir))

	parts := t.TempDir()
	for n := int64(100); ; n += 150 { // interrupted here and there
		ctx, stop := context.WithCancel(t.Context())
		done := int64(0)
		_, err := exporting(ctx, l, store, parts, export.Options{Keys: k, Progress: func(events, _ int64) {
			if done += events; done > n {
				stop()
			}
		}})
		stop()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	sameTree(t, want, tree(t, parts))
}

// Exports of one time after the other are the export of all of it.
func TestChainsGoOn(t *testing.T) {
	l, store := generated(t, 250)
	whole, parts, k := t.TempDir(), t.TempDir(), keys(t)
	exported(t, l, store, whole, export.Options{Keys: k})
	first, last := spanOf(t, l, store)
	for from := first.Truncate(24 * time.Hour); from.Before(last); from = from.Add(13 * time.Hour) {
		exported(t, l, store, parts, export.Options{Keys: k, Filter: ingest.Filter{From: from.Truncate(time.Hour), To: from.Add(13 * time.Hour)}})
	}
	sameTree(t, tree(t, whole), tree(t, parts))
}

func spanOf(t *testing.T, l *lake.Lake, store lake.Store) (first, last time.Time) {
	t.Helper()
	snap := l.Snapshot()
	defer snap.Release()
	all := snap.Segments(store.ID, false)
	return all[0].MinTime, all[len(all)-1].MaxTime
}
