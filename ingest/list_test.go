package ingest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tarn/ingest"
	"tarn/internal/hint"
)

// put writes a file below a folder and returns its path.
func put(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func list(t *testing.T, paths ...string) *ingest.Listing {
	t.Helper()
	l, err := ingest.List(paths)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func keys(l *ingest.Listing) (keys []string) {
	for _, o := range l.Objects {
		keys = append(keys, o.Key)
	}
	return keys
}

const name = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/01/02/111122223333_CloudTrail_us-east-1_20260102T0305Z_abc.json.gz"

func TestKeysDoNotDependOnWhereTheBucketLies(t *testing.T) {
	for _, tt := range []struct{ name, path, root, want string }{
		{"the bucket", name, ".", name},
		{"a folder in it", name, "AWSLogs/111122223333/CloudTrail", name},
		{"the file itself", name, name, name},
		{"a user's prefix", "my/prefix/" + name, ".", name},
		{"a prefix like the folder", "AWSLogs/copies/" + name, ".", name},
		{"an organisation", strings.Replace(name, "AWSLogs/", "AWSLogs/o-abc123/", 1), ".", strings.Replace(name, "AWSLogs/", "AWSLogs/o-abc123/", 1)},
		{"a folder of odds and ends", "odds/ends/x.json", ".", "odds/ends/x.json"},
		{"a part of it", "odds/ends/x.json", "odds", "ends/x.json"},
		{"a file of it", "odds/ends/x.json", "odds/ends/x.json", "x.json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, tt.path, "{}")
			if d := cmp.Diff([]string{tt.want}, keys(list(t, filepath.Join(dir, tt.root)))); d != "" {
				t.Errorf("keys (-want +got):\n%s", d)
			}
			t.Chdir(dir)
			if d := cmp.Diff([]string{tt.want}, keys(list(t, tt.root))); d != "" {
				t.Errorf("keys of a relative path (-want +got):\n%s", d)
			}
		})
	}
}

func TestTheDayIsThatOfDelivery(t *testing.T) {
	for path, want := range map[string]string{
		name: "2026-01-02",
		"flat/111122223333_CloudTrail_us-east-1_20260304T0305Z_abc.json.gz": "2026-03-04",
		"2026/05/06/x.json": "2026-05-06",
		"2026/13/06/x.json": "",
		"some/x.json":       "",
	} {
		dir := t.TempDir()
		put(t, dir, path, "{}")
		got := ""
		if day := list(t, dir).Objects[0].Day; !day.IsZero() {
			got = day.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("day of %s = %q; want %q", path, got, want)
		}
	}
}

func TestFilesAreListedByDayThenKeyOnce(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []string{
		"AWSLogs/2/CloudTrail/r/2026/01/01/b.json.gz", "AWSLogs/1/CloudTrail/r/2026/01/02/a.json.gz", "AWSLogs/1/CloudTrail/r/2026/01/01/c.json",
		"AWSLogs/1/CloudTrail-Digest/r/2026/01/01/d.json.gz", "AWSLogs/1/CloudTrail-Digest/r/2026/01/02/d.json.gz", "AWSLogs/1/vpcflowlogs/x.log.gz", "README.md",
	} {
		put(t, dir, p, "12345")
	}
	want := []string{
		"AWSLogs/1/CloudTrail/r/2026/01/01/c.json", "AWSLogs/2/CloudTrail/r/2026/01/01/b.json.gz", "AWSLogs/1/CloudTrail/r/2026/01/02/a.json.gz",
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	for _, paths := range [][]string{
		{dir},
		{dir, dir},
		{dir, filepath.Join(dir, "AWSLogs")},
		{filepath.Join(dir, "AWSLogs", "1"), dir + "/./AWSLogs/../"},
		{link},
		{dir, link},
	} {
		l := list(t, paths...)
		if d := cmp.Diff(want, keys(l)); d != "" || l.Bytes != 15 {
			t.Errorf("List(%q): %d bytes; want 15. Keys (-want +got):\n%s", paths, l.Bytes, d)
		}
	}
	if l := list(t, dir); l.Digests != 2 || l.Others != 2 {
		t.Errorf("%d digests, %d others; want 2 and 2", l.Digests, l.Others)
	}
}

func TestListingRefuses(t *testing.T) {
	empty, digests, others := t.TempDir(), t.TempDir(), t.TempDir()
	put(t, digests, "AWSLogs/1/CloudTrail-Digest/r/2026/01/01/d.json.gz", "")
	put(t, others, "notes.txt", "")
	for _, tt := range []struct {
		name, path string
		want       error
		hint       string
	}{
		{"a path that is not there", filepath.Join(empty, "nowhere"), ingest.ErrNoPath, "AWSLogs"},
		{"a bucket's address", "s3://bucket/AWSLogs", ingest.ErrNoS3, ""},
		{"an empty folder", empty, ingest.ErrNothing, "s3://BUCKET"},
		{"a folder of digests", digests, ingest.ErrNothing, "1 digest"},
		{"a folder of other files", others, ingest.ErrNothing, ".json.gz"},
	} {
		_, err := ingest.List([]string{tt.path})
		if !errors.Is(err, tt.want) || !strings.Contains(strings.Join(hint.Of(err), "\n"), tt.hint) {
			t.Errorf("List of %s = %v, hints %q; want %v, a hint of %q", tt.name, err, hint.Of(err), tt.want, tt.hint)
		}
	}
}

// A listing of another folder's paths is what that folder's own process would make.
func TestListInAnotherFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/02/a.json", "logs/b.json.gz", "one.json", "x.tar"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	paths := []string{"./AWSLogs", "logs/", "one.json", "x.tar", filepath.Join(dir, "logs", "b.json.gz")}
	from, err := ingest.ListFrom(t.Context(), paths, ingest.From{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := ingest.ListFrom(t.Context(), []string{"."}, ingest.From{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	want, err := ingest.List(paths)
	if err != nil {
		t.Fatal(err)
	}
	wholeWant, err := ingest.List([]string{"."})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []*ingest.Listing{from, whole} {
		for i := range l.Objects {
			l.Objects[i].Dir = ""
		}
		for i := range l.Archives {
			l.Archives[i].Dir = ""
		}
	}
	if d := cmp.Diff(want, from, cmpopts.IgnoreUnexported(ingest.Listing{}, ingest.Object{}, ingest.Archive{})); d != "" {
		t.Errorf("-here +there\n%s", d)
	}
	if d := cmp.Diff(wholeWant, whole, cmpopts.IgnoreUnexported(ingest.Listing{}, ingest.Object{}, ingest.Archive{})); d != "" {
		t.Errorf("-here +there\n%s", d)
	}
}
