package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

// Far brings sealed files that are not in the lake's folder: they never change, so a
// copy of one is the one, wherever it lies. It is safe for concurrent use.
type Far interface {
	// Bring returns where on this machine a copy of the file is, checked against what
	// was sealed, and fetches it if need be; fs.ErrNotExist if nobody has it.
	Bring(ctx context.Context, f SealedFile) (path string, err error)
	// Has reports whether a copy is on this machine already.
	Has(f SealedFile) bool
	// Dir is the folder below which copies lie, by their names in the lake.
	Dir() string
}

// ErrFar means that a file lies elsewhere and could not be fetched from there.
var ErrFar = errors.New("cannot be fetched from where it lies")

// fetchers is how many files are fetched at a time.
const fetchers = 8

// reaching is a lake's disk together with what lies elsewhere.
type reaching struct {
	vfs.FS
	far Far
	// state tells what was sealed under a name. It may be older than the lake's: what
	// is newer lies here.
	state atomic.Pointer[state]
}

// Open implements [vfs.FS].
func (r *reaching) Open(name string) (vfs.File, error) {
	f, err := r.FS.Open(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	told := r.state.Load()
	if told == nil {
		return nil, err
	}
	sealed, ok := told.sealedNamed(name)
	if !ok {
		return nil, err
	}
	at, failed := r.far.Bring(context.Background(), sealed)
	if errors.Is(failed, fs.ErrNotExist) {
		return nil, err
	}
	if failed != nil {
		return nil, fmt.Errorf("%s: %w: %w", name, ErrFar, failed)
	}
	open, err := os.Open(at)
	if err != nil {
		return nil, err
	}
	return readOnly{open}, nil
}

// Path implements [vfs.FS]: of what is not here, it is where a copy will be.
func (r *reaching) Path(name string) string {
	here := r.FS.Path(name)
	if !strings.HasPrefix(name, segmentsDir+"/") || path.Ext(name) == "" {
		return here
	}
	if _, err := os.Stat(here); errors.Is(err, fs.ErrNotExist) {
		return filepath.Join(r.far.Dir(), filepath.FromSlash(name))
	}
	return here
}

// sealedNamed finds what the log says was sealed under a name.
func (s *state) sealedNamed(name string) (SealedFile, bool) {
	parts := strings.Split(name, "/")
	if len(parts) == 4 && parts[0] == segmentsDir {
		list := s.segments[parts[1]]
		i, _ := slices.BinarySearchFunc(list, parts[2], func(g Segment, day string) int { return strings.Compare(g.Day, day) })
		for ; i < len(list) && list[i].Day == parts[2]; i++ {
			for _, f := range list[i].Sealed(parts[1]) {
				if f.Name == name {
					return f, true
				}
			}
		}
		return SealedFile{}, false
	}
	for _, c := range s.commits {
		for _, f := range c.sealed() {
			if f.Name == name {
				return f, true
			}
		}
	}
	return SealedFile{}, false
}

// Sealed are the segment's files as they were sealed: of events, of their tree hashes, of
// its filters.
func (s Segment) Sealed(storeID string) []SealedFile {
	base := path.Join(s.dir(storeID), s.ID)
	var all []SealedFile
	for _, f := range []sealedFile{same(base+parquetExt, s.Parquet), same(base+treeExt, s.Tree), needles(base+needlesExt, s.Needles)} {
		all = append(all, SealedFile{Name: f.name, Bytes: f.bytes, Store: storeID, Day: s.Day, want: f})
	}
	all[0].SHA256, all[1].SHA256 = s.Parquet.SHA256, s.Tree.SHA256
	return all
}

// sealed are the lists that came with a commit.
func (c Commit) sealed() (all []SealedFile) {
	for _, list := range []*Sidecar{c.Sources, c.Rejects} {
		if list != nil {
			all = append(all, SealedFile{Name: list.Name, Bytes: list.Bytes, SHA256: list.SHA256, Store: c.Store, Day: c.Time.UTC().Format(time.DateOnly), want: same(list.Name, list.File)})
		}
	}
	return all
}

// Sealed returns the sealed files of a store, of segments first, in order of day.
func (s *Snapshot) Sealed(storeID string) (all []SealedFile) {
	for _, seg := range s.state.segments[storeID] {
		all = append(all, seg.Sealed(storeID)...)
	}
	for _, c := range s.state.commits {
		if c.Store == storeID {
			all = append(all, c.sealed()...)
		}
	}
	return all
}

// Held reports whether a hold covers a store's day.
func (s *Snapshot) Held(storeID, day string) bool { return len(s.state.holdsOn(storeID, day)) > 0 }

// Away returns those of the segments whose Parquet files would have to be fetched from
// elsewhere.
func (s *Snapshot) Away(storeID string, segments []Segment) (away []Segment) {
	r := s.lake.reach
	if r == nil {
		return nil
	}
	for _, seg := range segments {
		if name := path.Join(seg.dir(storeID), seg.ID+parquetExt); !seg.hot && !r.near(name) && !r.far.Has(seg.Sealed(storeID)[0]) {
			away = append(away, seg)
		}
	}
	return away
}

// Fetch brings the Parquet files of segments that lie elsewhere to where Path says that
// they are, several at a time. Call it before others open them.
func (s *Snapshot) Fetch(ctx context.Context, storeID string, segments []Segment) error {
	return s.fetch(ctx, storeID, segments, 0)
}

// FetchNeedles does the same with the filters that MayHold asks.
func (s *Snapshot) FetchNeedles(ctx context.Context, storeID string, segments []*Segment) error {
	if s.lake.reach == nil {
		return nil
	}
	all := make([]Segment, len(segments))
	for i, seg := range segments {
		all[i] = *seg
	}
	return s.fetch(ctx, storeID, all, 2)
}

func (s *Snapshot) fetch(ctx context.Context, storeID string, segments []Segment, which int) error {
	r := s.lake.reach
	if r == nil {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(fetchers)
	for _, seg := range segments {
		f := seg.Sealed(storeID)[which]
		if seg.hot || r.near(f.Name) {
			continue
		}
		g.Go(func() error {
			_, err := r.far.Bring(ctx, f)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%w: %s: %w", ErrCorrupt, f.Name, err)
			}
			if err != nil {
				return fmt.Errorf("%s: %w: %w", f.Name, ErrFar, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// folders are those of the folders that are there, and the one where what is fetched comes.
func (r *reaching) folders(dirs []string, storeID string) []string {
	dirs = slices.DeleteFunc(dirs, func(dir string) bool {
		_, err := os.Stat(dir)
		return errors.Is(err, fs.ErrNotExist)
	})
	far := filepath.Join(r.far.Dir(), segmentsDir, storeID)
	if err := os.MkdirAll(far, 0o700); err != nil {
		return dirs // fetching will say so
	}
	return append(dirs, far)
}

// near reports whether a file is in the lake's folder.
func (r *reaching) near(name string) bool {
	_, err := os.Stat(r.FS.Path(name))
	return err == nil
}

// LogPart is how much of one of the log's two files a snapshot stands on.
type LogPart struct {
	Name  string // in the lake
	Bytes int64
}

// LogParts are the files of the log of record, as far as they make the snapshot: the
// entries, and the checkpoints up to that of its size.
func (s *Snapshot) LogParts() (entries, checkpoints LogPart, err error) {
	entries = LogPart{entrylog.EntriesFile, s.state.pos.Bytes}
	checkpoints = LogPart{Name: entrylog.CheckpointsFile}
	checkpoints.Bytes, err = entrylog.CheckpointsUpTo(s.lake.fsys, s.state.pos.Size)
	return entries, checkpoints, err
}

// CopyLog makes, or brings up to date, a lake in a folder that has the log of record
// of another, and none of its files: who opens it needs a Far. The other one may
// consist of nothing but FORMAT and the log's two files. A log that is not a continuation
// of what the folder has is an error.
func CopyLog(from, to string) (err error) {
	disk, err := vfs.OpenOS(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, disk.Close()) }()
	id, err := readFormat(disk)
	if err != nil {
		return err
	}
	newest, keys, err := entrylog.Newest(disk, keyOf)
	if err != nil {
		return err
	}
	t, err := openTarget(to, nil, id, keys)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if ok, err := t.log.Of(disk); err != nil || !ok {
		return errors.Join(err, fmt.Errorf("%w: the log in %s is not a continuation of the one in %s", ErrCorrupt, from, to))
	}
	if newest.Size < t.log.Size() {
		return fmt.Errorf("%w: the log has %d entries; it had %d", ErrCorrupt, newest.Size, t.log.Size())
	}
	if err := t.log.Follow(disk, newest.Size); err != nil || t.whole {
		return err
	}
	return errors.Join(vfs.WriteFile(t.fsys, formatFile, formatText(id)), t.fsys.SyncDir("."), gone(t.fsys.Remove(unfinishedFile)))
}

// ShowNewest writes the newest checkpoint of a folder's log to where readers look for it:
// for a copy of the log's two files.
func ShowNewest(dir string) (err error) {
	disk, err := vfs.OpenOS(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, disk.Close()) }()
	var newest []byte
	_, _, err = entrylog.Checkpoints(disk, func(signed []byte) error {
		newest = signed
		return nil
	})
	if err == nil && newest == nil {
		err = fmt.Errorf("%w: there is no checkpoint", ErrCorrupt)
	}
	if err != nil {
		return err
	}
	return vfs.WriteFile(disk, entrylog.CheckpointFile, newest)
}

// Keep brings the sealed files of a store that lie elsewhere into the lake's folder, which
// is open for writing, and returns how many there were.
func (l *Lake) Keep(ctx context.Context, snap *Snapshot, storeID string) (files int64, err error) {
	if l.reach == nil {
		return 0, nil
	}
	for _, f := range snap.Sealed(storeID) {
		if l.reach.near(f.Name) {
			continue
		}
		at, err := l.reach.far.Bring(ctx, f)
		if err != nil {
			return files, fmt.Errorf("%s: %w: %w", f.Name, ErrFar, err)
		}
		if err := l.keep(at, f.Name); err != nil {
			return files, err
		}
		files++
	}
	return files, nil
}

// keep copies a file into its place, as a commit does.
func (l *Lake) keep(from, name string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	tmp := path.Join(tmpDir, path.Base(name))
	if err := gone(l.fsys.Remove(tmp)); err != nil {
		return err
	}
	out, err := l.fsys.Create(tmp)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	dir := path.Dir(name)
	if err := l.fsys.MkdirAll(dir); err != nil {
		return err
	}
	if err := l.fsys.Rename(tmp, name); err != nil {
		return err
	}
	return errors.Join(l.fsys.SyncDir(dir), l.fsys.SyncDir(path.Dir(dir)), l.fsys.SyncDir(segmentsDir))
}
