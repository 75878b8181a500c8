package lake

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/sync/errgroup"

	"tarn/internal/hint"
	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/index"
)

// VerifyOptions say how to verify.
type VerifyOptions struct {
	// Key is as in Options. Where it is at hand, the lake must be signed by it;
	// where not, by the key that the lake names itself.
	Key string
	// FS is as in Options.
	FS vfs.FS
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// Progress, if not nil, hears of each file that was read: its bytes, and the
	// events in it. It may be called from several goroutines.
	Progress func(bytes, events int64)
}

// Problem is something that is not as it was sealed.
type Problem struct {
	// Path is the file, relative to the lake.
	Path string `json:"path"`
	// What says what is wrong with it.
	What string `json:"what"`
}

// Report is what Verify found.
type Report struct {
	// Problems are ordered by path; without any, and without unread files, the
	// lake is what was sealed.
	Problems []Problem `json:"problems"`
	// Unread are the files and folders that the system did not let us read:
	// nothing is known about them.
	Unread []Problem `json:"unread"`
	// Orphans are files that the log does not name: what an interrupted import
	// left, or what somebody put there. They are no part of the lake.
	Orphans []string `json:"orphans"`
	// Notes are remarks that are no problems.
	Notes []string `json:"notes"`
	// LogSize, Segments, Events and Bytes say how much was read.
	LogSize  int64 `json:"log_size"`
	Segments int64 `json:"segments"`
	Events   int64 `json:"events"`
	Bytes    int64 `json:"bytes"`
	// Checkpoint is the newest checkpoint, a signed note.
	Checkpoint string `json:"checkpoint"`
}

// verifier collects a report from several goroutines.
type verifier struct {
	fsys   vfs.FS
	disk   *noting // fsys, and what it keeps in mind
	opts   VerifyOptions
	signed note.Verifier // the key that the lake names

	mu       sync.Mutex
	report   Report
	expected map[string]bool
	counts   map[string]*recount // by store
	audit    *audit              // has the log as far as it was checked
}

// Verify reads everything in the lake and compares it with the log of record:
// every byte of every sealed file, every event against its segment's tree hash,
// the log against its checkpoints, the index against the log. It reads Parquet
// with other code than wrote it. The error is for a lake that cannot be read at
// all; everything else is in the report.
func Verify(ctx context.Context, dir string, o VerifyOptions) (r *Report, err error) {
	l, err := at(dir, Options{Key: o.Key, FS: o.FS})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	disk := &noting{FS: l.fsys, unread: map[string]error{}}
	entries, err := disk.List(entrylog.Dir)
	if err != nil && unreadable(err) {
		return nil, hint.Add(err, askForRights)
	}
	if err != nil || len(entries) == 0 {
		return nil, errors.Join(err, noLake(dir))
	}
	// What is read is not removed meanwhile.
	reading := l.pinForVerify()
	defer func() { err = errors.Join(err, release(reading)) }()
	v := &verifier{fsys: disk, disk: disk, opts: o, audit: newAudit(), counts: map[string]*recount{}, expected: map[string]bool{
		formatFile: true, lockFile: true, manifestFile: true, ballastFile: true, probeFile: true,
	}, report: Report{Problems: []Problem{}, Unread: []Problem{}, Orphans: []string{}, Notes: []string{}}}
	s, err := v.log(o.Key)
	if err := errors.Join(err, v.logUnread()); err != nil {
		return nil, err
	}
	v.format(s)
	v.hot(s)
	switch {
	case len(v.disk.unread) > 0:
		v.report.Notes = append(v.report.Notes, "the index was not compared with the log, because not all of that could be read")
	case len(v.report.Problems) == 0:
		v.index(l.fsys.Path(indexFile), s)
	default:
		v.report.Notes = append(v.report.Notes, "the index was not compared with the log, because that is damaged; keep it")
	}
	if err := v.segments(ctx, s); err != nil {
		return nil, err
	}
	v.sidecars(s)
	v.expiries(s)
	v.orphans()
	v.settle()
	return &v.report, nil
}

var errMissing = errors.New("is missing")

func (v *verifier) problem(path, format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Problems = append(v.report.Problems, Problem{path, fmt.Sprintf(format, args...)})
}

func (v *verifier) read(bytes, events int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Bytes += bytes
	v.report.Events += events
	if v.opts.Progress != nil {
		v.opts.Progress(bytes, events)
	}
}

// log checks the log of record and returns what it says. The error is for a key
// that was named and is not there, and for the log of a newer version.
func (v *verifier) log(given string) (*state, error) {
	s := v.audit.state
	key, err := v.key(given)
	if err != nil || key == nil {
		return s, err
	}
	v.signed = key
	checked := entrylog.Check(v.fsys, key)
	for _, e := range checked.Entries {
		err := v.apply(e)
		if errors.Is(err, ErrNewer) && len(checked.Problems) == 0 {
			// The log is whole and signed: nobody has changed anything, and a
			// program that does not know all acts cannot tell more.
			return nil, err
		}
		if err != nil {
			v.problem(entrylog.EntriesFile, "%v", err)
		}
	}
	for _, p := range checked.Problems {
		where, what, _ := strings.Cut(p, ": ")
		v.problem(where, "%s", what)
	}
	v.report.Checkpoint = string(checked.Newest.Note)
	v.report.LogSize = s.pos.Size
	return s, nil
}

// key returns the key that the lake names itself, nil if it names none. Where a
// key is at hand, it must be the same one.
func (v *verifier) key(given string) (note.Verifier, error) {
	named, err := firstKey(v.fsys)
	if err != nil {
		v.problem(entrylog.EntriesFile, "%v", err)
		return nil, nil
	}
	key, err := note.NewVerifier(named)
	if err != nil {
		v.problem(entrylog.EntriesFile, "the key in entry 0: %v", err)
		return nil, nil
	}
	_, held, err := loadKey(given, strings.TrimPrefix(key.Name(), originPrefix))
	switch {
	case errors.Is(err, errOtherLake):
		v.problem(entrylog.EntriesFile, "the lake is not the one of the key that you hold: %v", err)
	case err != nil && given != "":
		return nil, err
	case err != nil:
		v.report.Notes = append(v.report.Notes,
			"the signing key is not at hand, so the log was checked with the key that it names itself: "+named)
	case held != named:
		v.problem(entrylog.EntriesFile, "entry 0 names another key than the one that you hold")
	}
	return key, nil
}

func (v *verifier) format(s *state) {
	b, err := vfs.ReadFile(v.fsys, formatFile)
	if err == nil && bytes.Equal(b, formatText(s.lake)) {
		return
	}
	if errors.Is(err, fs.ErrNotExist) {
		v.problem(formatFile, "%v", errMissing)
		return
	}
	if _, err := readFormat(v.fsys); errors.Is(err, ErrNewer) {
		v.problem(formatFile, "%v, or the file was changed", err)
		return
	}
	v.problem(formatFile, "is not that of the lake in the log")
}

// covered is the log's size at this moment: a writer may have gone on since the
// log was checked, and brought the index up to it.
func (v *verifier) covered() int64 {
	newest, err := entrylog.Latest(v.fsys, v.signed)
	if err != nil {
		return 0
	}
	return newest.Size
}

// index compares the index with the log. It is no evidence, so one that is
// missing or behind is only noted; one that says otherwise is a problem.
func (v *verifier) index(path string, s *state) {
	x, err := index.Open(path, s.lake)
	if err != nil {
		v.report.Notes = append(v.report.Notes, "there is no usable index yet; the import that runs, or the next one, builds it")
		return
	}
	defer x.Close()
	if x.Meta.LogSize > s.pos.Size && x.Meta.LogSize > v.covered() {
		v.problem(indexFile, "is ahead of the log; delete it, and the next import builds it anew")
		return
	}
	want := newState()
	_, err = entrylog.Scan(v.fsys, entrylog.Position{}, x.Meta.LogSize, want.applyRaw)
	got := newState()
	if err == nil {
		err = got.load(x)
	}
	same := err == nil && got.equal(want)
	if same {
		same, err = v.sameSources(x, want)
	}
	if err != nil || !same {
		v.problem(indexFile, "differs from the log; delete it, and the next import builds it anew")
	}
}

// sameSources compares the sources that the index knows with the lists: a row
// too many would make an import pass over a file that was never read.
func (v *verifier) sameSources(x *index.Index, s *state) (bool, error) {
	// Of one object listed twice the index keeps one row, with either time.
	known, objects := map[index.Source]bool{}, map[index.Source]bool{}
	for _, c := range s.commits {
		if c.Sources == nil {
			continue
		}
		err := readLines(v.fsys, *c.Sources, func(src Source) error {
			if !src.Partial {
				row := indexSource(c.Store, src)
				known[row] = true
				row.Bytes, row.ModifiedMicros = 0, 0
				objects[row] = true
			}
			return nil
		})
		if err != nil {
			return true, nil // the list itself is reported
		}
	}
	n := 0
	same := true
	err := x.AllSources(func(src index.Source) error {
		n++
		same = same && known[src]
		return nil
	})
	return same && n == len(objects), err
}

// segments checks every segment, two at a time. Those with events of the hot tier
// come first, in order of numbers.
func (v *verifier) segments(ctx context.Context, s *state) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for _, st := range s.stores {
		all := slices.Concat(s.hot[st.ID], s.segments[st.ID])
		slices.SortStableFunc(all, func(a, b Segment) int {
			if a.accepted && b.accepted {
				return cmp.Compare(a.MinSeq, b.MinSeq)
			}
			return cmp.Compare(rank(a), rank(b))
		})
		v.count(st.ID).expect(all)
		v.count(st.ID).forget(s.expired[st.ID])
		for _, seg := range all {
			for _, ext := range []string{parquetExt, needlesExt, treeExt} {
				v.expected[path.Join(seg.dir(st.ID), seg.ID+ext)] = true
			}
			v.report.Segments++
			g.Go(func() error {
				v.segment(st, seg)
				return ctx.Err()
			})
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	v.recounted(s)
	return nil
}

func rank(s Segment) int {
	if s.accepted {
		return 0
	}
	return 1
}

// sidecars checks the lists that commits name.
func (v *verifier) sidecars(s *state) {
	for _, c := range s.commits {
		for _, list := range []*Sidecar{c.Sources, c.Rejects} {
			if list == nil {
				continue
			}
			v.expected[list.Name] = true
			n := int64(0)
			err := readLines(v.fsys, *list, func(any) error { n++; return nil })
			if err == nil && n != list.Lines {
				err = fmt.Errorf("has %d lines; the log says %d", n, list.Lines)
			}
			if errors.Is(err, fs.ErrNotExist) {
				err = errMissing
			}
			if err != nil {
				v.problem(list.Name, "%v", err)
			}
			v.read(list.Bytes, 0)
		}
	}
}

// orphans looks for files that nothing names. The log has looked after its own, and
// of the hot tier those that are being written look the same; its writer removes
// what is left over.
func (v *verifier) orphans() {
	err := vfs.Walk(v.fsys, ".", func(name string, d fs.DirEntry) error {
		dir, _, _ := strings.Cut(name, "/")
		if dir != entrylog.Dir && dir != tmpDir && dir != hotDir && dir != pinsDir && !v.expected[name] && !strings.HasSuffix(name, ".tmp") && !isLocal(name) {
			v.report.Orphans = append(v.report.Orphans, name)
		}
		return nil
	})
	if err != nil {
		v.problem(".", "%v", err)
	}
}
