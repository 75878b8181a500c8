package ingest_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"tarn/ingest"
	"tarn/lake"
	"tarn/lake/laketest"
)

// Wherever an archive ends too early: what came before is stored, the place is
// named, and the whole archive brings the rest, once.
func TestAnArchiveCutAnywhere(t *testing.T) {
	var entries []entry
	var all []string
	for i, name := range []string{"a.json", "AWSLogs/1/b.json.gz", "c.txt", strings.Repeat("long/", 30) + "d.json"} {
		first, second := event(fmt.Sprint(i, "x")), event(fmt.Sprint(i, "y"))
		content := logOf(first, strings.Repeat(" ", 600)+second)
		if strings.HasSuffix(name, ".gz") {
			content = zipped(content)
		}
		entries = append(entries, regular(name, content))
		if name != "c.txt" {
			all = append(all, first, second)
		}
	}
	whole := pack(t, entries...)
	dir := t.TempDir()
	complete := put(t, dir, "whole.tar", string(whole))
	cuts := []int{1, 511, 700, len(whole) - 1025}
	for at := 0; at < len(whole)-1024; at += 512 {
		cuts = append(cuts, at)
	}
	for _, at := range laketest.Few(6, cuts) {
		for _, o := range []ingest.Options{{}, {KeepDuplicates: true}, {Stdin: piped(t, string(whole[:at]))}} {
			path := put(t, dir, "cut.tar", string(whole[:at]))
			if o.Stdin != nil {
				if at < 512 {
					continue // of which nobody knows that it was an archive
				}
				path = "-"
			}
			p := laketest.NewPlace(t)
			r := bring(t, p, o, path)
			if len(r.Unread) != 1 || !strings.Contains(r.Unread[0].Err.Error(), fmt.Sprintf("cut off at byte %d", at)) ||
				!strings.HasPrefix(r.Unread[0].Path, ingest.Archive{Path: path}.Name()) || r.Counts.Rejected > 0 {
				t.Errorf("cut at %d: %+v, %+v; want the archive and the place", at, r.Unread, r.Counts)
			}
			for i, e := range all {
				inside := bytes.Index(whole, []byte(e))
				if inside >= 0 && inside+len(e) <= at && !o.KeepDuplicates && !slices.Contains(p.Events(t), e) {
					t.Errorf("cut at %d: event %d, which ends at %d, is not there", at, i, inside+len(e))
				}
			}
			if again := bring(t, p, ingest.Options{KeepDuplicates: o.KeepDuplicates}, complete); again.Known != r.Read || len(again.Unread) > 0 {
				t.Errorf("cut at %d, then the whole: %s; want %d known", at, counts(again), r.Read)
			}
			laketest.Same(t, "events", all, p.Events(t))
			p.Sound(t)
		}
	}
}

// A packed archive that is broken is told from one that is whole, also where
// only its last bytes are.
func TestABrokenPackedArchive(t *testing.T) {
	archive := string(pack(t, regular("a.json", logOf(event("a"))), regular("b.json", logOf(event("b")))))
	zip := zipped(archive)
	bad := []byte(zip)
	bad[len(bad)-6] ^= 0xff
	middle := []byte(archive)
	middle[1024+148] ^= 0x01 // the checksum of the second header
	for _, tt := range []struct {
		name, in, want string
		read           int64
	}{
		{"gzip cut off in its sum", zip[:len(zip)-3], "cut off", 2},
		{"gzip with a wrong sum", string(bad), "gzip stream is damaged", 2},
		{"zstd cut off", zstandard(archive)[:100], "at byte", 0},
		{"zstd that is no tar", zstandard(logOf(event("a"))), "no tar archive", 0},
		{"a damaged header", string(middle), "damaged before byte 1536, behind a.json", 1},
		{"text behind the end", archive + strings.Repeat("no header ", 60), "damaged before byte", 2},
		{"blanks that never end", zstandard(string(pack(t, regular("a.txt", strings.Repeat(" ", 80<<20))))), "holds no log files", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := bring(t, laketest.NewPlace(t), ingest.Options{}, put(t, t.TempDir(), "a.tar", tt.in))
			if len(r.Unread) != 1 || !strings.Contains(r.Unread[0].Err.Error(), tt.want) || r.Read != tt.read {
				t.Errorf("%s, %+v; want %d files and %q", counts(r), r.Unread, tt.read, tt.want)
			}
		})
	}
}

// Names lead nowhere, links are not followed, and what is no file of a usual
// kind is left alone; each is counted.
func TestHostileMembers(t *testing.T) {
	kind := func(typeflag byte, name, link string) entry {
		return entry{tar.Header{Typeflag: typeflag, Name: name, Linkname: link, Mode: 0o644}, ""}
	}
	far := regular("far.json", logOf(event("far")))
	far.ModTime, far.Format = time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC), tar.FormatGNU
	long := strings.Repeat("long/", 100) + "n.json"
	gnu := regular(long, logOf(event("gnu")))
	gnu.Format = tar.FormatGNU
	packed := pack(t,
		regular("/etc/abs.json", logOf(event("abs"))), regular("../../up.json", logOf(event("up"))),
		regular("x/../../AWSLogs/1/CloudTrail/in.json", logOf(event("in"))), regular("bad\xffname\x1b[31m.json", logOf(event("bad"))),
		gnu, regular("pax/"+long, logOf(event("pax"))), regular(strings.Repeat("d/", 3000)+"e.json", logOf(event("too long"))), far,
		kind(tar.TypeDir, "dir.json/", ""), kind(tar.TypeSymlink, "link.json", "/etc/passwd"), kind(tar.TypeLink, "hard.json", "far.json"),
		kind(tar.TypeChar, "dev.json", ""), kind(tar.TypeFifo, "fifo.json", ""), kind(tar.TypeSymlink, "notes", "/"),
		regular("AWSLogs/1/CloudTrail-Digest/d.json.gz", "x"), regular("empty.json", ""), regular("", "x"),
	)
	dir := t.TempDir()
	path := put(t, dir, "in/a.tar", string(packed))
	p := laketest.NewPlace(t)
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		r := importAll(t, l, st, ingest.Options{}, path)
		if r.Read != 8 || r.Links != 2 || r.Others != 5 || r.Digests != 1 || r.Counts.Rejected != 1 || len(r.Unread) > 0 {
			t.Errorf("%s, %+v; want 8 read, 2 links, 5 others, 1 digest, 1 reject", counts(r), r.Unread)
		}
		for _, key := range []string{"etc/abs.json", "up.json", "AWSLogs/1/CloudTrail/in.json", "bad\uFFFDname\x1b[31m.json", long, "pax/" + long, "far.json", "empty.json"} {
			if _, seen, err := l.Imported(st, lake.Source{Key: key}); !seen || err != nil {
				t.Errorf("%.60q is not in the ledger: %v", key, err)
			}
		}
		if r := importAll(t, l, st, ingest.Options{}, path); r.Known != 8 || r.Counts.Offered > 0 {
			t.Errorf("again: %s; want 8 known", counts(r))
		}
	})
	var want []string
	for _, id := range []string{"abs", "up", "in", "bad", "gnu", "pax", "far"} {
		want = append(want, event(id))
	}
	laketest.Same(t, "events", want, p.Events(t))
	p.Sound(t)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("beside the archive there is %v, %v; want nothing", left, err)
	}
}

// sparse is a member of nothing but a hole of a gigabyte, as GNU tar
// writes it.
func sparse(t *testing.T, name string) []byte {
	t.Helper()
	h := regular(name, "")
	h.Format = tar.FormatGNU
	block := pack(t, h)[:512]
	block[156] = tar.TypeGNUSparse
	const length = "10000000000"
	copy(block[386:], length) // where the only stretch of data is, and how long
	copy(block[398:], "00000000000")
	copy(block[483:], length) // the file's own length
	copy(block[148:156], "        ")
	sum := 0
	for _, c := range block {
		sum += int(c)
	}
	copy(block[148:], fmt.Sprintf("%06o\x00 ", sum))
	return block
}

// A sparse member may claim any length. It is not read, and that is told.
func TestASparseMemberIsNotRead(t *testing.T) {
	packed := append(sparse(t, "hole.json"), pack(t, regular("a.json", logOf(event("a"))))...)
	r := bring(t, laketest.NewPlace(t), ingest.Options{}, put(t, t.TempDir(), "a.tar", string(packed)))
	if len(r.Unread) != 1 || !strings.Contains(r.Unread[0].Err.Error(), "sparse") || r.Read != 1 {
		t.Errorf("%s, %+v; want the sparse member unread and the other read", counts(r), r.Unread)
	}
}

// An archive without log files, or without anything, is told to be that.
func TestAnArchiveOfNothing(t *testing.T) {
	for name, packed := range map[string][]byte{
		"nothing": pack(t), "zeros": make([]byte, 512), "other files": pack(t, regular("a.txt", "x")), "digests": pack(t, regular("AWSLogs/1/CloudTrail-Digest/d.json", "x")),
	} {
		_, l, st := laketest.New(t)
		_, err := ingest.Import(t.Context(), l, st, list(t, put(t, t.TempDir(), "a.tar", string(packed))), ingest.Options{})
		if !errors.Is(err, ingest.ErrNothing) || !strings.Contains(err.Error(), "a.tar") {
			t.Errorf("Import of an archive of %s = %v; want ErrNothing", name, err)
		}
	}
}

// endless is an archive that is never whole anywhere: one member of blanks
// between a beginning and an end.
func endless(t *testing.T, name string, size int64, begin, end string) io.Reader {
	t.Helper()
	var b bytes.Buffer
	h := regular(name, "").Header
	h.Size = size
	if err := tar.NewWriter(&b).WriteHeader(&h); err != nil {
		t.Fatal(err)
	}
	blanks := io.LimitReader(blank{}, size-int64(len(begin)+len(end)))
	pad := make([]byte, (512-size%512)%512)
	return io.MultiReader(&b, strings.NewReader(begin), blanks, strings.NewReader(end), bytes.NewReader(pad), bytes.NewReader(pack(t, regular("z.json", logOf(event("z"))))))
}

type blank struct{}

func (blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// Memory does not grow with a member, nor with what is passed over.
func TestALargeMemberIsReadInLittleMemory(t *testing.T) {
	const size = 200 << 20
	begin := `{"Records":[` + event("a") + ","
	for _, keep := range laketest.Few(0, []bool{false, true}) {
		p := laketest.NewPlace(t)
		for again := range 2 {
			o := ingest.Options{KeepDuplicates: keep, Stdin: endless(t, "a.json", size, begin, event("b")+"]}")}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r := bring(t, p, o, "-")
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > size/2 {
				t.Errorf("%d bytes of memory for a member of %d", n, size)
			}
			if len(r.Unread) > 0 || r.Read+r.Known != 2 || again > 0 && r.Known != 2 {
				t.Errorf("keep %t: %s, %+v; want two files", keep, counts(r), r.Unread)
			}
		}
		laketest.Same(t, "events", []string{event("a"), event("b"), event("z")}, p.Events(t))
	}
}

// A large member whose time of change is not the one that the store has is
// compared by its bytes where taking it twice would store it twice.
func TestALargeMemberIsNotKeptTwice(t *testing.T) {
	large := logOf(event("a"), strings.Repeat(" ", 9<<20)+event("b"))
	dir := t.TempDir()
	put(t, dir, "a.json", large)
	path := put(t, t.TempDir(), "a.tar", string(pack(t, regular("a.json", large))))
	for _, keep := range []bool{false, true} {
		p := laketest.NewPlace(t)
		bring(t, p, ingest.Options{KeepDuplicates: keep}, dir)
		bring(t, p, ingest.Options{KeepDuplicates: keep}, path)
		bring(t, p, ingest.Options{KeepDuplicates: keep, Stdin: piped(t, large)}, "-")
		if keep { // another object, which is there once
			bring(t, p, ingest.Options{KeepDuplicates: keep, Stdin: piped(t, large)}, "-")
			laketest.Same(t, "events", []string{event("a"), event("a"), event("b"), event("b")}, p.Events(t))
			continue
		}
		laketest.Same(t, "events", []string{event("a"), event("b")}, p.Events(t))
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "tarn-member-*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// FuzzArchive: whatever bytes come, the import ends, what it counts adds up, and
// of an archive that the standard library reads whole every log is met.
func FuzzArchive(f *testing.F) {
	small := pack(f, regular("a.json", logOf(event("a"))), regular("AWSLogs/b.json.gz", zipped(logOf(event("b")))), regular(strings.Repeat("l/", 200)+"c.json", "{}"))
	for _, seed := range []string{string(small), zipped(string(small)), zstandard(string(small)), string(small[:1500]), string(small) + string(small), logOf(event("a")), ""} {
		f.Add([]byte(seed))
	}
	_, l, st := laketest.New(f)
	from, err := ingest.List([]string{"-"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := ingest.Import(t.Context(), l, st, from, ingest.Options{DryRun: true, Stdin: bytes.NewReader(in)})
		if err != nil && !errors.Is(err, ingest.ErrNothing) {
			t.Fatalf("%q: %v", in, err)
		}
		c := r.Counts
		if c.Offered != c.Stored+c.Duplicates+c.Conflicts+c.Filtered+c.Rejected {
			t.Errorf("%+v does not add up", c)
		}
		logs, whole := int64(0), false
		for tr := tar.NewReader(bytes.NewReader(in)); ; {
			h, err := tr.Next()
			if err != nil {
				whole = errors.Is(err, io.EOF) && logs > 0
				break
			}
			if h.Typeflag == tar.TypeReg && (strings.HasSuffix(h.Name, ".json") || strings.HasSuffix(h.Name, ".json.gz")) {
				logs++
			}
		}
		if met := r.Read + r.Digests + r.Others + int64(len(r.Unread)); whole && met < logs {
			t.Errorf("of %d logs in the archive %d were met", logs, met)
		}
	})
}
