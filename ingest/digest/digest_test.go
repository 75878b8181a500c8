package digest_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"tarn/ingest/digest"
)

// bucket is a copy of a bucket: files by key, and what else is known.
type bucket struct {
	logs, digests map[string][]byte // unpacked
	keys          digest.Keys
	signatures    digest.Signatures
}

func (b bucket) clone() bucket {
	return bucket{maps.Clone(b.logs), maps.Clone(b.digests), b.keys, maps.Clone(b.signatures)}
}

// check returns the verdicts of the log files by how often they are met, the keys of
// those that are not verified, and the findings.
func (b bucket) check(t *testing.T) (counts map[digest.Verdict]int, other map[string]digest.Verdict, findings []string) {
	t.Helper()
	var objects []digest.Object
	for key, text := range b.digests {
		objects = append(objects, digest.Object{Key: key, Open: func() (io.ReadCloser, string, error) { return io.NopCloser(bytes.NewReader(text)), "", nil }})
	}
	book, err := digest.Check(objects, digest.Options{Keys: b.keys, Signatures: b.signatures,
		Present: func(key string) bool { _, ok := b.logs[key]; return ok }})
	if err != nil {
		t.Fatal(err)
	}
	counts, other = map[digest.Verdict]int{}, map[string]digest.Verdict{}
	for key, text := range b.logs {
		v := book.Judge(key, sha256.Sum256(text))
		if counts[v]++; v != digest.Verified {
			other[key] = v
		}
	}
	for _, f := range book.Findings {
		findings = append(findings, string(f.Kind)+" "+f.Key[strings.LastIndex(f.Key, "_")+1:])
	}
	return counts, other, findings
}

const region = "AWSLogs/111122223333/CloudTrail%s/eu-west-1/2026/01/02/111122223333_CloudTrail%s_eu-west-1_"

func logKey(hour int) string {
	return fmt.Sprintf(region+"202601%02dT%02d30Z_abc.json.gz", "", "", 2, hour)
}
func digestKey(hour int) string {
	return fmt.Sprintf(region+"trail_eu-west-1_202601%02dT%02d0000Z.json.gz", "-Digest", "-Digest", 2, hour)
}

// signer is one for all tests: keys are slow to make.
func signer(t *testing.T) digest.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return digest.Signer{Key: key}
}

// hours makes a bucket of six hours, with a log file and a digest each.
func hours(t *testing.T, s digest.Signer) bucket {
	t.Helper()
	b := bucket{map[string][]byte{}, map[string][]byte{}, digest.Keys{s.Fingerprint(): &s.Key.PublicKey}, digest.Signatures{}}
	var last *digest.Sealed
	for hour := range 6 {
		b.logs[logKey(hour)] = fmt.Append(nil, "log of hour ", hour)
		d := digest.Digest{Account: "111122223333", Bucket: "bucket", Object: "prefix/" + digestKey(hour+1),
			Start: time.Date(2026, 1, 2, hour, 0, 0, 0, time.UTC), End: time.Date(2026, 1, 2, hour+1, 0, 0, 0, time.UTC),
			Logs: []digest.Log{digest.NewLog("bucket", "prefix/"+logKey(hour), b.logs[logKey(hour)])}}
		sealed, err := s.Seal(d, last)
		if err != nil {
			t.Fatal(err)
		}
		b.digests[digestKey(hour+1)], b.signatures[digestKey(hour+1)] = sealed.Text, sealed.Signature
		last = sealed
	}
	return b
}

func TestEveryTamperingIsFound(t *testing.T) {
	s := signer(t)
	whole := hours(t, s)
	edit := func(b bucket, key, old, new string) {
		b.digests[key] = bytes.Replace(b.digests[key], []byte(old), []byte(new), 1)
	}
	hashOf := func(text string) string { return digest.NewLog("", "", []byte(text)).Hash }
	for _, tt := range []struct {
		name     string
		change   func(bucket)
		other    map[int]digest.Verdict // by hour
		findings []string
	}{
		{"nothing", func(bucket) {}, nil, nil},
		{"without metadata, nobody vouches for the newest", func(b bucket) { clear(b.signatures) },
			map[int]digest.Verdict{5: digest.UnsignedHead}, nil},
		{"without keys, nobody vouches for any", func(b bucket) { clear(b.keys) },
			map[int]digest.Verdict{0: digest.UnsignedHead, 1: digest.UnsignedHead, 2: digest.UnsignedHead, 3: digest.UnsignedHead, 4: digest.UnsignedHead, 5: digest.UnsignedHead}, nil},
		{"a log is changed", func(b bucket) { b.logs[logKey(2)] = []byte("another") }, map[int]digest.Verdict{2: digest.Mismatch}, nil},
		{"a log is changed, and no key", func(b bucket) { b.logs[logKey(2)] = []byte("another"); clear(b.keys) },
			map[int]digest.Verdict{0: digest.UnsignedHead, 1: digest.UnsignedHead, 2: digest.Mismatch, 3: digest.UnsignedHead, 4: digest.UnsignedHead, 5: digest.UnsignedHead}, nil},
		{"a log is gone", func(b bucket) { delete(b.logs, logKey(2)) }, nil, []string{"missing_log abc.json.gz"}},
		{"a log that nobody names", func(b bucket) { b.logs[strings.Replace(logKey(9), "abc", "new", 1)] = nil },
			map[int]digest.Verdict{-9: digest.NotCovered}, nil},
		{"a log and its digest are changed", func(b bucket) {
			b.logs[logKey(2)] = []byte("another")
			edit(b, digestKey(3), hashOf("log of hour 2"), hashOf("another"))
		}, map[int]digest.Verdict{2: digest.ChainGap}, []string{"invalid_digest 20260102T030000Z.json.gz"}},
		{"the same without metadata", func(b bucket) {
			clear(b.signatures)
			b.logs[logKey(2)] = []byte("another")
			edit(b, digestKey(3), hashOf("log of hour 2"), hashOf("another"))
		}, map[int]digest.Verdict{2: digest.ChainGap, 5: digest.UnsignedHead}, []string{"invalid_digest 20260102T030000Z.json.gz"}},
		{"a log is taken out of its digest", func(b bucket) {
			edit(b, digestKey(3), "prefix/"+logKey(2), "prefix/"+logKey(8))
		}, map[int]digest.Verdict{2: digest.ChainGap}, []string{"invalid_digest 20260102T030000Z.json.gz"}},
		{"a digest is gone", func(b bucket) { delete(b.digests, digestKey(3)) },
			map[int]digest.Verdict{2: digest.ChainGap}, []string{"missing_digest 20260102T030000Z.json.gz", "missing_digest 20260102T030000Z.json.gz"}},
		{"two digests are gone, and no metadata", func(b bucket) {
			clear(b.signatures)
			delete(b.digests, digestKey(3))
			delete(b.digests, digestKey(4))
		}, map[int]digest.Verdict{1: digest.UnsignedHead, 2: digest.ChainGap, 3: digest.ChainGap, 5: digest.UnsignedHead}, []string{"missing_digest 20260102T040000Z.json.gz"}},
		{"the newest digest is gone, and its metadata is known", func(b bucket) { delete(b.digests, digestKey(6)) },
			map[int]digest.Verdict{5: digest.NotCovered}, []string{"missing_digest 20260102T060000Z.json.gz"}},
		{"the newest digest is edited", func(b bucket) { edit(b, digestKey(6), "log", "lag") },
			map[int]digest.Verdict{5: digest.ChainGap}, []string{"invalid_digest 20260102T060000Z.json.gz"}},
		{"a digest lies elsewhere", func(b bucket) {
			b.digests[digestKey(3)], b.digests[digestKey(4)] = b.digests[digestKey(4)], b.digests[digestKey(3)]
		},
			map[int]digest.Verdict{2: digest.ChainGap, 3: digest.ChainGap}, []string{"invalid_digest 20260102T030000Z.json.gz", "invalid_digest 20260102T040000Z.json.gz"}},
		{"a digest is no digest", func(b bucket) { b.digests[digestKey(3)] = []byte("{}") },
			map[int]digest.Verdict{2: digest.NotCovered}, []string{"invalid_digest 20260102T030000Z.json.gz"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := whole.clone()
			b.keys = maps.Clone(whole.keys)
			tt.change(b)
			_, other, findings := b.check(t)
			want := map[string]digest.Verdict{}
			for hour, v := range tt.other {
				key := logKey(max(hour, -hour))
				if hour < 0 {
					key = strings.Replace(key, "abc", "new", 1)
				}
				want[key] = v
			}
			if diff := cmp.Diff(want, other); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if !slices.Equal(findings, tt.findings) {
				t.Errorf("found %q; want %q", findings, tt.findings)
			}
		})
	}
}

// Whoever signs a chain of his own with another key, even of the same fingerprint's
// name, convinces nobody.
func TestAnotherKeyVouchesForNothing(t *testing.T) {
	forged := hours(t, signer(t))
	true1 := signer(t)
	for name := range forged.keys {
		forged.keys = digest.Keys{name: &true1.Key.PublicKey}
	}
	counts, _, findings := forged.check(t)
	if counts[digest.Verified] != 0 || len(findings) == 0 {
		t.Errorf("%v, %v", counts, findings)
	}
	clear(forged.signatures)
	if counts, _, _ = forged.check(t); counts[digest.Verified] != 0 {
		t.Errorf("without metadata: %v", counts)
	}
}

// shared is real log files with a chain, and what became of copies that were
// tampered with.
func TestSharedChains(t *testing.T) {
	const data = "../../../shared/data"
	if _, err := os.Stat(data); err != nil {
		t.Skip("without ../shared/data no chain is checked that another program signed")
	}
	for _, dir := range globbed(t, filepath.Join(data, "digest-*")) {
		name := strings.TrimPrefix(filepath.Base(dir), "digest-")
		whole := readBucket(t, filepath.Join(data, name))
		var err error
		if whole.keys, err = digest.ReadKeys(readFile(t, filepath.Join(dir, "list-public-keys.json"))); err != nil {
			t.Fatal(err)
		}
		if whole.signatures, err = digest.ReadSignatures(readFile(t, filepath.Join(dir, "s3-object-metadata.json"))); err != nil {
			t.Fatal(err)
		}
		var expected struct {
			Digests   int `json:"digests"`
			Reference int `json:"log_files_referenced"`
		}
		parse(t, filepath.Join(dir, "EXPECTED.json"), &expected)
		counts, _, findings := whole.check(t)
		if counts[digest.Verified] != expected.Reference || len(whole.digests) != expected.Digests || len(findings) > 0 || counts[digest.Mismatch] > 0 {
			t.Errorf("%s: %v, %v; want %d verified by %d digests", name, counts, findings, expected.Reference, expected.Digests)
		}
		tampered(t, dir, whole, expected.Reference)
	}
}

// tampered checks the copies that were tampered with.
func tampered(t *testing.T, dir string, whole bucket, all int) {
	t.Helper()
	var cases map[string]struct{ Replace, Delete string }
	parse(t, filepath.Join(dir, "tampered", "EXPECT.json"), &cases)
	for name, c := range cases {
		b := whole.clone()
		key := c.Replace + c.Delete
		files := b.logs
		if _, ok := b.digests[key]; ok {
			files = b.digests
		}
		if _, ok := files[key]; !ok {
			t.Fatalf("%s: no %s", name, key)
		}
		delete(files, key)
		if c.Replace != "" {
			files[key] = unpacked(t, filepath.Join(dir, "tampered", name, key))
		}
		counts, other, findings := b.check(t)
		last := key[strings.LastIndex(key, "_")+1:]
		got := fmt.Sprint(counts[digest.Verified] < all, " ", other[key], " ", findings)
		want := map[string]string{
			"1-log-changed":    "true mismatch []",
			"2-digest-edited":  "true  [invalid_digest " + last + "]",
			"3-log-missing":    "true  [missing_log " + last + "]",
			"4-digest-missing": "true  [missing_digest " + last + "]",
		}[name]
		if got != want {
			t.Errorf("%s: %s, %v; want %s", name, got, counts, want)
		}
	}
}

func globbed(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatal(pattern, err)
	}
	return found
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parse(t *testing.T, name string, v any) {
	t.Helper()
	if err := json.Unmarshal(readFile(t, name), v); err != nil {
		t.Fatal(name, err)
	}
}

func unpacked(t *testing.T, name string) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(readFile(t, name)))
	if err != nil {
		t.Fatal(name, err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(name, err)
	}
	return b
}

func readBucket(t *testing.T, dir string) bucket {
	t.Helper()
	b := bucket{logs: map[string][]byte{}, digests: map[string][]byte{}}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json.gz") {
			return err
		}
		key := filepath.ToSlash(path[strings.Index(path, "AWSLogs"):])
		into := b.logs
		if strings.Contains(key, "/CloudTrail-Digest/") {
			into = b.digests
		}
		into[key] = unpacked(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// No digest file breaks the reader.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(`{"digestS3Bucket":"b"}`), "aa")
	f.Add([]byte("\x1f\x8b"), "")
	f.Fuzz(func(t *testing.T, text []byte, signature string) {
		objects := []digest.Object{{Key: digestKey(1), Open: func() (io.ReadCloser, string, error) { return io.NopCloser(bytes.NewReader(text)), "", nil }}}
		book, err := digest.Check(objects, digest.Options{Signatures: digest.Signatures{digestKey(1): signature}})
		if err == nil && book.Valid > 0 {
			t.Error("valid without a key")
		}
	})
}
