package ingest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"tarn/ingest"
	"tarn/ingest/digest"
	"tarn/lake"
	"tarn/lake/laketest"
)

const digested = "AWSLogs/111122223333/CloudTrail%s/eu-west-1/2026/01/02/111122223333_CloudTrail%s_eu-west-1_"

// chained is a copied bucket of three log files with an event each, signed by three
// digests.
type chained struct {
	dir string
	digest.Keys
	digest.Signatures
}

func (c chained) log(hour int) string {
	return filepath.Join(c.dir, fmt.Sprintf(digested+"20260102T%02d30Z_abc.json.gz", "", "", hour))
}

func newChained(t *testing.T) chained {
	t.Helper()
	s := digest.Signer{Key: newSigner(t).key}
	c := chained{t.TempDir(), digest.Keys{s.Fingerprint(): &s.Key.PublicKey}, digest.Signatures{}}
	var last *digest.Sealed
	for hour := range 3 {
		text := fmt.Sprintf(`{"Records":[%s]}`, event(fmt.Sprint("event-", hour)))
		key, _ := filepath.Rel(c.dir, c.log(hour))
		save(t, c.log(hour), zipped(text))
		d := digest.Digest{Account: "111122223333", Bucket: "b", Object: fmt.Sprintf(digested+"t_eu-west-1_20260102T%02d0000Z.json.gz", "-Digest", "-Digest", hour+1),
			Start: time.Date(2026, 1, 2, hour, 0, 0, 0, time.UTC), End: time.Date(2026, 1, 2, hour+1, 0, 0, 0, time.UTC),
			Logs: []digest.Log{digest.NewLog("b", key, []byte(text))}}
		var err error
		if last, err = s.Seal(d, last); err != nil {
			t.Fatal(err)
		}
		save(t, filepath.Join(c.dir, d.Object), zipped(string(last.Text)))
		c.Signatures[d.Object] = last.Signature
	}
	return c
}

func save(t *testing.T, name, content string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(content), 0o666)); err != nil {
		t.Fatal(err)
	}
}

func TestDigestsJudgeFiles(t *testing.T) {
	c := newChained(t)
	const forged = `{"Records":[{"eventID":"forged","eventTime":"2026-01-02T03:04:05Z"}]}`
	save(t, c.log(1), zipped(forged))
	for _, tt := range []struct {
		name     string
		digests  ingest.Digests
		verdicts map[digest.Verdict]int64
		stored   int64
		rejected int64
	}{
		{"off", ingest.Digests{Mode: ingest.Off}, nil, 3, 0},
		{"report", ingest.Digests{Keys: c.Keys, Signatures: c.Signatures}, map[digest.Verdict]int64{digest.Verified: 2, digest.Mismatch: 1}, 3, 0},
		{"report without metadata", ingest.Digests{Keys: c.Keys}, map[digest.Verdict]int64{digest.Verified: 1, digest.Mismatch: 1, digest.UnsignedHead: 1}, 3, 0},
		{"require", ingest.Digests{Mode: ingest.Require, Keys: c.Keys, Signatures: c.Signatures}, map[digest.Verdict]int64{digest.Verified: 2, digest.Mismatch: 1}, 2, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, l, store := laketest.New(t)
			r := importAll(t, l, store, ingest.Options{Digests: tt.digests}, c.dir)
			var got map[digest.Verdict]int64
			if r.Judged != nil {
				got = r.Judged.Verdicts
			}
			if diff := cmp.Diff(tt.verdicts, got); diff != "" || r.Counts.Stored != tt.stored || r.Counts.Rejected != tt.rejected {
				t.Errorf("stored %d, rejected %d\n%s", r.Counts.Stored, r.Counts.Rejected, diff)
			}
			if (r.Judged.Bad() > 0) != (tt.verdicts[digest.Mismatch] > 0) {
				t.Errorf("bad: %d", r.Judged.Bad())
			}
			kept(t, l, tt.verdicts, tt.rejected > 0, c.log(1))
			if again := importAll(t, l, store, ingest.Options{Digests: tt.digests}, c.dir); again.Known != 3 || again.Counts.Offered != 0 {
				t.Errorf("again: %+v", again)
			}
			l.Close()
			laketest.Clean(t, dir)
		})
	}
}

// kept checks that the log counts the verdicts, and that the rejects have the bytes of
// the file that was not taken.
func kept(t *testing.T, l *lake.Lake, verdicts map[digest.Verdict]int64, quarantined bool, file string) {
	t.Helper()
	snap := l.Snapshot()
	defer snap.Release()
	counted := map[digest.Verdict]int64{}
	var raw []byte
	for _, c := range snap.Commits() {
		for v, n := range c.Digests {
			counted[digest.Verdict(v)] += n
		}
		if err := snap.Rejects(c, func(r lake.Reject) error { raw = append(raw, r.Raw...); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if len(counted)+len(verdicts) > 0 && !cmp.Equal(counted, verdicts) {
		t.Errorf("the log counts %v; want %v", counted, verdicts)
	}
	if !quarantined {
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(raw, want) {
		t.Errorf("of the file %d bytes are kept; it has %d", len(raw), len(want))
	}
}

// A large changed file is kept whole.
func TestQuarantineKeepsEveryByte(t *testing.T) {
	c := newChained(t)
	large := []byte(`{"Records":[` + event("x") + `],"note":"`)
	for i := range 4 << 20 {
		large = append(large, byte('a'+i*i%23))
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(w, bytes.NewReader(append(large, `"}`...)))
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	save(t, c.log(1), b.String())
	_, l, store := laketest.New(t)
	r := importAll(t, l, store, ingest.Options{Digests: ingest.Digests{Mode: ingest.Require, Keys: c.Keys, Signatures: c.Signatures}}, c.dir)
	if r.Counts.Rejected != 5 || r.Counts.Stored != 2 {
		t.Errorf("%+v", r.Counts)
	}
	kept(t, l, map[digest.Verdict]int64{digest.Verified: 2, digest.Mismatch: 1}, true, c.log(1))
}

func TestDigestsAreNotRequiredOfStreams(t *testing.T) {
	_, l, store := laketest.New(t)
	from, err := ingest.List([]string{"-"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = ingest.Import(t.Context(), l, store, from, ingest.Options{Digests: ingest.Digests{Mode: ingest.Require}, Stdin: strings.NewReader("{}")})
	if !errors.Is(err, ingest.ErrRequire) {
		t.Error(err)
	}
}
