package s3_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tarn/interop/s3test"
)

func zipped(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

func unzipped(t *testing.T, text []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// fill writes log files of 5 records for accounts, regions and days, and returns how many records.
func fill(t *testing.T, s *s3test.Server, bucket, prefix string, days, objects int) (records int) {
	t.Helper()
	first := time.Date(2026, 1, 30, 0, 0, 0, 0, time.UTC)
	for d := range days {
		for i := range objects {
			account, region := []string{"111122223333", "444455556666"}[i%2], []string{"eu-central-1", "us-west-2", "sa-east-1"}[i%3]
			key, text := logFile(fmt.Sprintf("e%d-%d", d, i), account, region, first.AddDate(0, 0, d).Format(time.DateOnly), 5)
			s.Put(t, bucket, prefix+key, text)
			records += 5
		}
	}
	return records
}

func TestImport(t *testing.T) {
	s := s3test.Start(t)
	s.Bucket(t, "trail", false)
	n := fill(t, s, "trail", "org/", 4, 24)
	s.Put(t, "trail", "org/AWSLogs/111122223333/CloudTrail/", nil)
	s.Put(t, "trail", "org/notes.txt", []byte("no log"))
	l := newLake(t, s)
	_, said := l.run(t, 0, "import", "s3://trail/org/")
	if got := l.count(t); got != n || !strings.Contains(said, "96 read, 1 no logs by their name") {
		t.Errorf("%d events of %d; %s", got, n, said)
	}
	for _, again := range []string{"s3://trail", "s3://trail/org", "s3://trail/org/AWSLogs/1"} {
		if _, said := l.run(t, 0, "import", again); !strings.Contains(said, " 0 read, ") || !strings.Contains(said, "imported before") {
			t.Errorf("import %s again: %s", again, said)
		}
	}
	// A copy on disk is the same files; so is one object by its name.
	if _, said := l.run(t, 0, "import", filepath.Join(s.Root, "trail", "org")); !strings.Contains(said, " 0 events stored") {
		t.Error(said)
	}
	key, text := logFile("changed", "111122223333", "eu-central-1", "2026-01-30", 2)
	s.Put(t, "trail", "org/"+key, text)
	if _, said := l.run(t, 0, "import", "s3://trail/org/"+key); !strings.Contains(said, "2 events stored") {
		t.Error(said)
	}
	// It is written again as it was, at another time: its bytes tell.
	time.Sleep(1100 * time.Millisecond) // times of objects have whole seconds
	s.Put(t, "trail", "org/"+key, text)
	if _, said := l.run(t, 0, "import", "s3://trail/org/"); !strings.Contains(said, "97 imported before") {
		t.Error(said)
	}
	l.run(t, 0, "verify")
}

func TestImportTakesAPart(t *testing.T) {
	s := s3test.Start(t)
	s.Bucket(t, "trail", false)
	fill(t, s, "trail", "", 6, 12)
	var lists, gets atomic.Int64
	watched := s.Faulty(t, func(r *http.Request) s3test.Fault {
		if r.URL.Query().Has("list-type") {
			lists.Add(1)
		} else {
			gets.Add(1)
		}
		return s3test.Fault{}
	})
	l := newLake(t, s, s3test.EnvFor(watched)...)
	_, said := l.run(t, 0, "import", "--from", "2026-02-02", "--to", "2026-02-02", "--account", "111122223333", "--region", "eu-central-1", "s3://trail/")
	// The day, and one on either side.
	if got := l.count(t); got != 2*5 || gets.Load() != 3*2 || !strings.Contains(said, "not listed, which the filter leaves out") {
		t.Errorf("%d events, %d objects read, %s", got, gets.Load(), said)
	}
	if lists.Load() > 9 {
		t.Errorf("%d lists", lists.Load())
	}
	if _, said := l.run(t, 0, "import", "s3://trail/"); !strings.Contains(said, "350 events stored") {
		t.Error(said)
	}
}

func TestImportsThatFailEndWell(t *testing.T) {
	s := s3test.Start(t)
	s.Bucket(t, "trail", false)
	n := fill(t, s, "trail", "", 2, 30)
	var asked atomic.Int64
	onGets := func(f func(n int64) s3test.Fault) string {
		asked.Store(0)
		return s.Faulty(t, func(r *http.Request) s3test.Fault {
			if !strings.HasSuffix(r.URL.Path, ".gz") {
				return s3test.Fault{}
			}
			return f(asked.Add(1))
		})
	}
	l := newLake(t, s)
	at := func(endpoint string) *lake {
		return &lake{l.dir, append(l.env, s3test.EnvFor(endpoint)...)}
	}
	for _, tt := range []struct {
		name  string
		fault func(int64) s3test.Fault
		code  int
		want  string
	}{
		{"all denied", func(int64) s3test.Fault { return s3test.Fault{Status: 403, Code: "AccessDenied"} }, 1, "10 objects in a row: s3://trail/AWSLogs/"},
		{"expired on the way", func(n int64) s3test.Fault {
			if n > 20 {
				return s3test.Fault{Status: 400, Code: "ExpiredToken"}
			}
			return s3test.Fault{}
		}, 1, "credentials (ExpiredToken"},
		{"one is denied", func(n int64) s3test.Fault {
			if n == 7 {
				return s3test.Fault{Status: 403, Code: "AccessDenied"}
			}
			return s3test.Fault{}
		}, 3, "1 path could not be read"},
		{"throttled, and broken off", func(n int64) s3test.Fault {
			switch n % 5 {
			case 1:
				return s3test.Fault{Status: 503, Code: "SlowDown"}
			case 2:
				return s3test.Fault{Reset: 100}
			}
			return s3test.Fault{}
		}, 0, "1 event store|events stored"},
	} {
		_, said := at(onGets(tt.fault)).run(t, tt.code, "import", "s3://trail/")
		if !strings.Contains(said, strings.Split(tt.want, "|")[0]) && !strings.Contains(said, tt.want[strings.Index(tt.want, "|")+1:]) {
			t.Errorf("%s: %s", tt.name, said)
		}
	}
	if got := l.count(t); got != n {
		t.Errorf("%d events of %d", got, n)
	}
	for _, tt := range []struct {
		what, path, want string
		env              []string
	}{
		{"no bucket", "s3://nobody/", "no such bucket", nil},
		{"nothing there", "s3://trail/elsewhere/", "no CloudTrail log files in s3://trail/elsewhere/", nil},
		{"no name", "s3:///x", "is no name of a bucket", nil},
		{"another secret", "s3://trail", "credentials (SignatureDoesNotMatch", []string{"AWS_SECRET_ACCESS_KEY=another"}},
		{"no credentials", "s3://trail", "credentials", []string{"AWS_SECRET_ACCESS_KEY=", "AWS_ACCESS_KEY_ID="}},
		{"nobody", "s3://trail", "access denied", []string{"TARN_S3_ANONYMOUS=on"}},
		{"no server", "s3://trail", "cannot be reached", s3test.EnvFor("http://127.0.0.1:1")},
	} {
		_, said := (&lake{l.dir, append(l.env, tt.env...)}).run(t, 1, "import", tt.path)
		if !strings.Contains(said, tt.want) || !strings.Contains(said, "hint: ") {
			t.Errorf("%s: %s", tt.what, said)
		}
	}
}

// TestKilledImports kills imports at random and begins them again.
func TestKilledImports(t *testing.T) {
	s := s3test.Start(t)
	s.Bucket(t, "trail", false)
	n := fill(t, s, "trail", "", 3, 200)
	l := newLake(t, s)
	for range 12 {
		c := l.command("import", "s3://trail/")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(20+rand.IntN(400))*time.Millisecond, func() { _ = c.Process.Kill() })
		_ = c.Wait()
		kill.Stop()
	}
	l.run(t, 0, "import", "s3://trail/")
	if got := l.count(t); got != n {
		t.Errorf("%d events of %d", got, n)
	}
	l.run(t, 0, "verify")
}

// TestRealBuckets imports what is in ../shared/data from a bucket and from disk: the same.
func TestRealBuckets(t *testing.T) {
	folders, _ := filepath.Glob("../../../shared/data/s3-*")
	if len(folders) == 0 {
		t.Skip("no ../shared/data")
	}
	s := s3test.Start(t)
	for _, folder := range folders {
		bucket := filepath.Base(folder)
		s.Bucket(t, bucket, false)
		err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if err == nil {
				key, _ := filepath.Rel(folder, path)
				s.Put(t, bucket, filepath.ToSlash(key), text)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		disk, remote := newLake(t, s), newLake(t, s)
		code := func(l *lake, path string) {
			c := l.command("import", path)
			_ = c.Run()
		}
		code(disk, folder)
		code(remote, "s3://"+bucket)
		const all = "SELECT eventID, eventJson FROM cloudtrail ORDER BY 1, 2"
		want, _ := disk.run(t, 0, "query", "--format", "csv", all)
		if got, _ := remote.run(t, 0, "query", "--format", "csv", all); got != want {
			t.Errorf("%s: %d bytes of events from the bucket, %d from disk", bucket, len(got), len(want))
		}
	}
}
