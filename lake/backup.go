package lake

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"tarn/internal/vfs"
	"tarn/lake/internal/lock"
)

// BackupOptions say how to make a backup, or a lake of one.
type BackupOptions struct {
	// Check has the files that are there already read and compared too; those that
	// are not what they should be are copied again.
	Check bool
	// Progress, if not nil, hears how many bytes are done, and of how many.
	Progress func(done, total int64)
	// FS is the disk that the copy's files lie on; nil means the folder itself.
	FS vfs.FS
	// Pinned says that whoever has the lake open for writing pins it (Pin) since before
	// this one was opened for reading.
	Pinned bool
}

// BackupReport says what Backup or Restore did.
type BackupReport struct {
	// Lake is the lake's id, LogSize the size of its log that the copy stands on,
	// and Checkpoint that log's newest checkpoint, a signed note.
	Lake       string `json:"lake"`
	LogSize    int64  `json:"log_size"`
	Checkpoint string `json:"checkpoint"`
	// Events, Files and Bytes are what the copy has, without the log.
	Events int64 `json:"events"`
	Files  int64 `json:"files"`
	Bytes  int64 `json:"bytes"`
	// Copied and CopiedBytes are what of it was not there before. Mended are those
	// of them that were there and were not what they should be (BackupOptions.Check).
	Copied      int64 `json:"copied"`
	CopiedBytes int64 `json:"copied_bytes"`
	Mended      int64 `json:"mended"`
	// Problems are files that are not what was sealed, Unread those that could not be
	// read. The copy is without them, unless it had them before.
	Problems []Problem `json:"problems"`
	Unread   []Problem `json:"unread"`
}

// Backup makes dir a copy of the lake as it is at this moment, or brings one up to
// it: everything that was accepted by now is in it. The copy is a lake itself, for
// View and Verify; it is without the signing key. Writing goes on meanwhile. An
// interrupted backup leaves the former one as it was, and the next one goes on.
func (l *Lake) Backup(ctx context.Context, dir string, o BackupOptions) (*BackupReport, error) {
	if l.log == nil && !o.Pinned {
		return nil, ErrReadOnly
	}
	if o.FS == nil {
		if err := apart(l.fsys.Path("."), dir); err != nil {
			return nil, err
		}
	}
	s := l.now()
	keys, err := s.verifiers()
	if err != nil {
		return nil, err
	}
	t, err := openTarget(dir, o.FS, s.lake, keys)
	if err != nil {
		return nil, err
	}
	r, err := l.backup(ctx, t, o)
	return r, errors.Join(err, t.close())
}

func (l *Lake) backup(ctx context.Context, t *target, o BackupOptions) (r *BackupReport, err error) {
	if err := t.follows(l.fsys, l.now().pos.Size); err != nil {
		return nil, err
	}
	reading := l.pinAt(l.now().pos.Size)
	defer func() { err = errors.Join(err, release(reading)) }()
	if o.Pinned {
		return newCopier(l, l.state, l.manifest, t, o).run(ctx)
	}
	s, m, err := l.hot.pin(ctx)
	if err != nil {
		return nil, err
	}
	defer l.hot.unpin()
	return newCopier(l, s, m, t, o).run(ctx)
}

// Pin brings what was accepted into files and into the log, and keeps the lake's files
// until the function that it returns is called: a process that opens it for reading
// meanwhile can make a backup of it (BackupOptions.Pinned).
func (l *Lake) Pin(ctx context.Context) (unpin func(), err error) {
	if l.log == nil {
		return nil, ErrReadOnly
	}
	if _, _, err := l.hot.pin(ctx); err != nil {
		return nil, err
	}
	return l.hot.unpin, nil
}

// Restore makes a lake in dir of the backup in the folder from. There must be
// nothing in dir but what an interrupted Restore of it left, which it goes on from.
func Restore(ctx context.Context, from, dir string, o BackupOptions) (*BackupReport, error) {
	l, err := View(from, Options{})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	// Who may not write there need not fear that somebody does; a writer is refused.
	held, err := lock.Acquire(l.fsys.Path(lockFile))
	if errors.Is(err, ErrLocked) {
		return nil, fmt.Errorf("%s is %w: restore from a backup that nobody writes to", from, err)
	}
	if held != nil {
		defer held.Release()
	}
	if o.FS == nil {
		if err := apart(l.fsys.Path("."), dir); err != nil {
			return nil, err
		}
		if err := empty(dir); err != nil {
			return nil, err
		}
	}
	keys, err := l.state.verifiers()
	if err != nil {
		return nil, err
	}
	t, err := openTarget(dir, o.FS, l.state.lake, keys)
	if err != nil {
		return nil, err
	}
	r, err := newCopier(l, l.state, l.manifest, t, o).run(ctx)
	return r, errors.Join(err, t.close())
}

// pin brings what was accepted into files and into the log, and returns what the
// lake then is. No file of it is removed until unpin.
func (h *hot) pin(ctx context.Context) (*state, *manifest, error) {
	for {
		s, m, err := h.tryPin()
		if !errors.Is(err, errCrowded) {
			return s, m, err
		}
		// Somebody merges: when that is done there is place.
		if err := errors.Join(ctx.Err(), h.tidy()); err != nil {
			return nil, nil, err
		}
	}
}

func (h *hot) tryPin() (*state, *manifest, error) {
	h.work.Lock()
	defer h.work.Unlock()
	// A source may count as imported because its events are live events that stand
	// in the journal alone. With no commit from here on, the flush brings them along.
	h.committing.Lock()
	defer h.committing.Unlock()
	if err := h.flushLocked(); err != nil {
		return nil, nil, err
	}
	if err := h.record(hotChange{}); err != nil {
		return nil, nil, err
	}
	h.lake.mu.Lock()
	defer h.lake.mu.Unlock()
	h.pins++
	return h.lake.state, h.lake.manifest, nil
}

func (h *hot) unpin() {
	h.lake.mu.Lock()
	defer h.lake.mu.Unlock()
	h.pins--
}

// KeyAtHand is ErrNoKey, with advice, unless the lake's signing key is where it
// was said to be. Reading needs none.
func (l *Lake) KeyAtHand() error {
	k, _, err := loadKey(l.opts, l.now().lake)
	if err == nil && k.public != l.now().keyInUse().Key {
		err = l.notInUse(k.public)
	}
	return err
}

// sealedFile is a file to copy, and how to tell that it is what was sealed.
type sealedFile struct {
	name  string
	bytes int64
	check func(vfs.File, int64) error
}

// sealedFiles are the files that a state and the files of the hot tier name, those
// first that are the newest.
func sealedFiles(s *state, hot []hotFile) (all []sealedFile, events int64) {
	add := func(store string, seg Segment) {
		base := path.Join(seg.dir(store), seg.ID)
		all = append(all, same(base+parquetExt, seg.Parquet), same(base+treeExt, seg.Tree), needles(base+needlesExt, seg.Needles))
		events += seg.Rows
	}
	for _, f := range hot {
		add(f.Store, f.Segment)
	}
	for _, st := range s.stores {
		for _, seg := range s.segments[st.ID] {
			add(st.ID, seg)
		}
	}
	for _, c := range s.commits {
		for _, list := range []*Sidecar{c.Sources, c.Rejects} {
			if list != nil {
				all = append(all, same(list.Name, list.File))
			}
		}
	}
	return all, events
}

func same(name string, want File) sealedFile {
	return sealedFile{name, want.Bytes, func(f vfs.File, size int64) error { return sameFile(f, size, want) }}
}

// needles are checked by their header, whose hash the log has, and that the header
// has of the filters.
func needles(name string, want File) sealedFile {
	return sealedFile{name, want.Bytes, func(f vfs.File, size int64) error { return sameNeedles(f, size, want) }}
}

// names are those of the files in the hot tier.
func names(files []hotFile) map[string]bool {
	out := map[string]bool{}
	for _, f := range files {
		out[f.Segment.ID] = true
	}
	return out
}

// until returns the manifest of a backup that grows to a log of that size: the
// files of the former one go with it, and others come.
func (m *manifest) until(size int64, next []hotFile) *manifest {
	out := *m
	was, is := names(m.Files), names(next)
	out.Files = slices.Clone(m.Files)
	for i, f := range out.Files {
		if !is[f.Segment.ID] {
			out.Files[i].Until = size
		}
	}
	for _, f := range next {
		if !was[f.Segment.ID] {
			f.Since = size
			out.Files = append(out.Files, f)
		}
	}
	return &out
}
