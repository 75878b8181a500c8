package s3_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tarn/internal/s3"
	"tarn/interop/s3test"
	tarnlake "tarn/lake"
)

// parquets are the Parquet files below a folder, by their names in it.
func parquets(t *testing.T, dir string) (all []string) {
	t.Helper()
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".parquet") {
			name, _ := filepath.Rel(dir, path)
			all = append(all, filepath.ToSlash(name))
		}
		return nil
	})
	return all
}

// moved is a lake whose store lies in a bucket.
func moved(t *testing.T, s *s3test.Server, days int) (l *lake, events int) {
	t.Helper()
	s.Bucket(t, "trail", false)
	s.Bucket(t, "audit", true)
	events = fill(t, s, "trail", "", days, 6)
	l = newLake(t, s, "TARN_CACHE="+t.TempDir())
	l.run(t, 0, "import", "s3://trail")
	l.run(t, 0, "store", "update", "cloudtrail", "--lock", "compliance")
	_, said := l.run(t, 0, "store", "move", "cloudtrail", "--to", "s3://audit/main")
	if !strings.Contains(said, "cloudtrail lies in s3://audit/main: ") {
		t.Error(said)
	}
	return l, events
}

func TestLakeInABucket(t *testing.T) {
	s := s3test.Start(t)
	l, events := moved(t, s, 5)
	if left := parquets(t, filepath.Join(l.dir, "segments")); len(left) > 0 {
		t.Errorf("still on disk: %v", left)
	}
	s.Use(t)
	c := open(t, s3.Settings{})
	var names []string
	_ = c.List(t.Context(), s3.URI{Bucket: "audit", Key: "main/segments/"}, "", func(page []s3.Object) error {
		for _, o := range page {
			names = append(names, o.Key)
			day, _ := time.Parse(time.DateOnly, strings.Split(o.Key, "/")[3])
			held, err := c.LockOf(t.Context(), o)
			if err != nil || held.Mode != s3.Compliance || !held.Until.Equal(day.AddDate(0, 0, 2558)) {
				t.Errorf("%s: %+v %v", o.Key, held, err)
			}
		}
		return nil
	})
	if len(names) != 3*5 {
		t.Errorf("%d objects", len(names))
	}
	// A day's question fetches that day's segment, once.
	const day = "SELECT count(DISTINCT eventID) AS n FROM cloudtrail WHERE eventTime >= '2026-02-01' AND eventTime < '2026-02-02'"
	if out, _ := l.run(t, 0, "query", "--explain", day); !strings.Contains(out, "to be fetched: 1, ") {
		t.Error(out)
	}
	if out, _ := l.run(t, 0, "query", "--format", "csv", day); out != "n\n30\n" {
		t.Error(out)
	}
	if out, _ := l.run(t, 0, "query", "--explain", day); strings.Contains(out, "to be fetched") {
		t.Error(out)
	}
	if got := l.count(t); got != events {
		t.Errorf("%d events of %d", got, events)
	}
	// What comes later goes there too; what is there is known again.
	key, text := logFile("later", "111122223333", "eu-central-1", "2026-03-01", 3)
	s.Put(t, "trail", key, text)
	l.run(t, 0, "import", "s3://trail")
	l.run(t, 0, "store", "move", "cloudtrail", "--to", "s3://audit/main")
	l.run(t, 0, "verify")
	// Another machine has the bucket alone.
	other := newLake(t, s, "TARN_CACHE="+t.TempDir())
	other.dir = "s3://audit/main"
	if got := other.count(t); got != events+3 {
		t.Errorf("%d events of %d from the bucket", got, events+3)
	}
	if _, said := other.run(t, 2, "import", "s3://trail"); !strings.Contains(said, "can be read here") {
		t.Error(said)
	}
	other.run(t, 0, "verify")
	other.run(t, 0, "inspect")
	// What a power failure left of its copy of the log is fetched again.
	key, text = logFile("last", "111122223333", "eu-central-1", "2026-03-02", 2)
	s.Put(t, "trail", key, text)
	l.run(t, 0, "import", "s3://trail")
	l.run(t, 0, "store", "move", "cloudtrail", "--to", "s3://audit/main")
	copies, _ := filepath.Glob(filepath.Join(cacheOf(other), "*.log", "log", "entries"))
	if len(copies) != 1 {
		t.Fatalf("copies of the log: %v", copies)
	}
	if text, err := os.ReadFile(copies[0]); err != nil || os.WriteFile(copies[0], make([]byte, len(text)), 0o600) != nil {
		t.Fatal(err)
	}
	if got := other.count(t); got != events+5 {
		t.Errorf("%d events of %d from the bucket", got, events+5)
	}
	// And back.
	l.run(t, 0, "store", "move", "cloudtrail", "--to", "local")
	if n := len(parquets(t, filepath.Join(l.dir, "segments"))); n != 7 {
		t.Errorf("%d files were brought back", n)
	}
	l.run(t, 0, "verify")
}

// TestWhoeverWritesToTheBucketChangesNothing puts other objects over sealed files, and marks
// over them that say they are deleted.
func TestWhoeverWritesToTheBucketChangesNothing(t *testing.T) {
	s := s3test.Start(t)
	l, events := moved(t, s, 3)
	s.Use(t)
	c := open(t, s3.Settings{})
	n := 0
	_ = c.List(t.Context(), s3.URI{Bucket: "audit", Key: "main/"}, "", func(page []s3.Object) error {
		for _, o := range page {
			if n++; n%2 == 0 {
				put(t, c, o.URI, "something else", s3.PutOptions{})
			} else if err := c.Delete(t.Context(), s3.Object{URI: o.URI}); err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	if n < 10 {
		t.Errorf("%d objects", n)
	}
	if got := l.count(t); got != events {
		t.Errorf("%d events of %d", got, events)
	}
	other := newLake(t, s, "TARN_CACHE="+t.TempDir())
	other.dir = "s3://audit/main"
	if got := other.count(t); got != events {
		t.Errorf("%d events of %d", got, events)
	}
	// Six things that a lock refuses, to the very versions.
	versions, err := c.Versions(t.Context(), s3.URI{Bucket: "audit", Key: "main/FORMAT"})
	if err != nil || len(versions) == 0 {
		t.Fatal(versions, err)
	}
	if err := c.Delete(t.Context(), versions[0]); err == nil {
		t.Error("a locked version was removed")
	}
}

func TestHoldsAndLongerPeriodsReachTheBucket(t *testing.T) {
	s := s3test.Start(t)
	l, _ := moved(t, s, 3)
	l.run(t, 0, "hold", "place", "--store", "cloudtrail", "--from", "2026-01-31", "--to", "2026-01-31", "--reason", "case 1")
	l.run(t, 0, "store", "update", "cloudtrail", "--retention", "3000d")
	_, said := l.run(t, 0, "store", "move", "cloudtrail", "--to", "s3://audit/main")
	// Three files of three days, the list of the import, FORMAT and two parts of the log.
	if !strings.Contains(said, "13 locked anew") {
		t.Error(said)
	}
	s.Use(t)
	c := open(t, s3.Settings{})
	logLocked(t, c, time.Now().UTC().AddDate(0, 0, 3000))
	_ = c.List(t.Context(), s3.URI{Bucket: "audit", Key: "main/segments/"}, "", func(page []s3.Object) error {
		for _, o := range page {
			name := strings.Split(o.Key, "/")[3]
			day, _ := time.Parse(time.DateOnly, name)
			held, err := c.LockOf(t.Context(), o)
			if err != nil || !held.Until.Equal(day.AddDate(0, 0, 3001)) || held.Hold != (name == "2026-01-31") {
				t.Errorf("%s: %+v %v", o.Key, held, err)
			}
		}
		return nil
	})
}

// logLocked checks that whatever is no segment is locked in compliance mode beyond a day.
func logLocked(t *testing.T, c *s3.Client, beyond time.Time) {
	t.Helper()
	n := 0
	_ = c.List(t.Context(), s3.URI{Bucket: "audit", Key: "main/"}, "", func(page []s3.Object) error {
		for _, o := range page {
			if strings.HasPrefix(o.Key, "main/segments/") {
				continue
			}
			n++
			if held, err := c.LockOf(t.Context(), o); err != nil || held.Mode != s3.Compliance || held.Until.Before(beyond) {
				t.Errorf("%s: %+v, %v; want a lock beyond %s", o.Key, held, err, beyond)
			}
		}
		return nil
	})
	if n < 4 {
		t.Errorf("%d objects beside the segments", n)
	}
}

// A log is of use as a whole: when a store is locked, its beginning is, too.
func TestALockReachesTheLogsBeginning(t *testing.T) {
	s := s3test.Start(t)
	s.Bucket(t, "trail", false)
	s.Bucket(t, "audit", true)
	fill(t, s, "trail", "", 2, 3)
	l := newLake(t, s, "TARN_CACHE="+t.TempDir())
	l.run(t, 0, "import", "s3://trail")
	l.run(t, 0, "store", "move", "cloudtrail", "--to", "s3://audit/main")
	l.run(t, 0, "store", "update", "cloudtrail", "--lock", "compliance")
	l.run(t, 0, "store", "move", "cloudtrail", "--to", "s3://audit/main")
	s.Use(t)
	logLocked(t, open(t, s3.Settings{}), time.Now().UTC().AddDate(0, 0, 2557))
}

func TestMovesThatFailEndWell(t *testing.T) {
	s := s3test.Start(t)
	s.Bucket(t, "trail", false)
	s.Bucket(t, "plain", false)
	s.Bucket(t, "audit", true)
	events := fill(t, s, "trail", "", 2, 6)
	l := newLake(t, s, "TARN_CACHE="+t.TempDir())
	l.run(t, 0, "import", "s3://trail")
	l.run(t, 0, "store", "update", "cloudtrail", "--lock", "governance")
	for to, want := range map[string]string{"s3://plain/x": "no Object Lock", "s3://nobody/x": "no such bucket"} {
		if _, said := l.run(t, 1, "store", "move", "cloudtrail", "--to", to); !strings.Contains(said, want) || !strings.Contains(said, "hint: ") {
			t.Errorf("%s: %s", to, said)
		}
	}
	if n := len(parquets(t, filepath.Join(l.dir, "segments"))); n != 2 {
		t.Errorf("%d segments on disk", n)
	}
	// Interrupted at any request, and again.
	for stop := int64(1); stop < 12; stop += 2 {
		var asked atomic.Int64
		breaks := s.Faulty(t, func(r *http.Request) s3test.Fault {
			if asked.Add(1) > stop {
				return s3test.Fault{Status: 403, Code: "AccessDenied"}
			}
			return s3test.Fault{}
		})
		broken := &lake{l.dir, append(l.env, s3test.EnvFor(breaks)...)}
		c := broken.command("store", "move", "cloudtrail", "--to", "s3://audit/main")
		// Each attempt leaves less to the next: in the end few requests are enough.
		if out, err := c.CombinedOutput(); (err == nil) != (asked.Load() <= stop) {
			t.Errorf("%d requests of %d: %v\n%s", stop, asked.Load(), err, out)
		}
		if got := l.count(t); got != events {
			t.Fatalf("%d events of %d", got, events)
		}
	}
	l.run(t, 0, "store", "move", "cloudtrail", "--to", "s3://audit/main")
	gone := &lake{l.dir, append(l.env, s3test.EnvFor("http://127.0.0.1:1")...)}
	if _, said := gone.run(t, 1, "query", "SELECT count(*), min(eventID) FROM cloudtrail"); !strings.Contains(said, "cannot be reached") {
		t.Error(said)
	}
	small := &lake{l.dir, append(l.env, "TARN_CACHE_SIZE=0MB")}
	if _, said := small.run(t, 1, "query", "SELECT count(*), min(eventID) FROM cloudtrail"); !strings.Contains(said, "cache-size") {
		t.Error(said)
	}
	if got := l.count(t); got != events {
		t.Errorf("%d events of %d", got, events)
	}
	// A file in the cache that was changed is not believed by verify.
	for _, name := range parquets(t, cacheOf(l)) {
		if err := os.WriteFile(filepath.Join(cacheOf(l), name), []byte(fmt.Sprint("changed", name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l.run(t, 0, "verify")
}

func cacheOf(l *lake) string {
	for _, v := range l.env {
		if dir, ok := strings.CutPrefix(v, "TARN_CACHE="); ok {
			return dir
		}
	}
	return ""
}

// TestWhatExpiresGoes lets a day expire, has the purger remove it, and pushes.
func TestWhatExpiresGoes(t *testing.T) {
	s := s3test.Start(t)
	s.Bucket(t, "trail", false)
	s.Bucket(t, "audit", true)
	old := time.Now().UTC().AddDate(0, 0, -20)
	for i, day := range []time.Time{old, time.Now().UTC().AddDate(0, 0, -5)} {
		key, text := logFile(fmt.Sprint("day", i), "111122223333", "eu-central-1", day.Format(time.DateOnly), 2)
		s.Put(t, "trail", key, text)
	}
	l := newLake(t, s, "TARN_CACHE="+t.TempDir())
	l.run(t, 0, "import", "s3://trail")
	const to = "s3://audit/main"
	l.run(t, 0, "store", "move", "cloudtrail", "--to", to)
	l.run(t, 0, "store", "update", "cloudtrail", "--retention", "10d")
	l.run(t, 0, "retention", "apply")
	if _, said := l.run(t, 0, "store", "move", "cloudtrail", "--to", to); strings.Contains(said, "expired and removed") {
		t.Errorf("before the grace: %s", said)
	}
	purged, err := tarnlake.Purge(t.Context(), l.dir, tarnlake.PurgeOptions{Now: func() time.Time { return time.Now().Add(2 * time.Hour) }})
	if err != nil || purged.Segments != 1 {
		t.Fatalf("%+v %v", purged, err)
	}
	if _, said := l.run(t, 0, "store", "move", "cloudtrail", "--to", to); !strings.Contains(said, "3 expired and removed") {
		t.Error(said)
	}
	s.Use(t)
	left, err := open(t, s3.Settings{}).Versions(t.Context(), s3.URI{Bucket: "audit", Key: "main/segments/"})
	if err != nil || len(left) != 3 || strings.Contains(left[0].Key, old.Format(time.DateOnly)) {
		t.Errorf("%v %v", left, err)
	}
	if got := l.count(t); got != 2 {
		t.Errorf("%d events", got)
	}
	l.run(t, 0, "verify")
}
