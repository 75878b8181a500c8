package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"syscall"

	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

// copier copies a lake as it was at one moment.
type copier struct {
	from   *Lake
	state  *state
	hot    *manifest // settled
	to     *target
	o      BackupOptions
	files  []sealedFile
	dirs   map[string]bool // whose names are not durable yet
	done   int64
	total  int64
	buffer []byte
	report *BackupReport
}

func newCopier(from *Lake, s *state, m *manifest, to *target, o BackupOptions) *copier {
	c := &copier{from: from, state: s, hot: m.cut(s.pos.Size, from.moment()), to: to, o: o, dirs: map[string]bool{}, buffer: make([]byte, 1<<20)}
	c.report = &BackupReport{Lake: s.lake, LogSize: s.pos.Size, Problems: []Problem{}, Unread: []Problem{}}
	c.files, c.report.Events = sealedFiles(s, c.hot.Files)
	for _, f := range c.files {
		c.report.Files++
		c.report.Bytes += f.bytes
	}
	return c
}

// run copies files that nothing names yet, then the log together with the files of
// the hot tier that come and go with it, so that at any moment the folder is the
// former copy or the new one; and removes at last what is not named any more.
func (c *copier) run(ctx context.Context) (*BackupReport, error) {
	missing, err := c.missing(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range missing {
		if err := c.copy(ctx, f); err != nil {
			return nil, err
		}
	}
	for _, step := range []func() error{c.sync, c.announce, c.follow, c.format, c.settle, c.clear} {
		if err := errors.Join(ctx.Err(), step()); err != nil {
			return nil, err
		}
	}
	return c.report, c.purge(ctx)
}

// missing returns the files that are to be copied, and measures the work.
func (c *copier) missing(ctx context.Context) (files []sealedFile, err error) {
	if c.o.Check {
		c.total = c.report.Bytes
	}
	var needed int64
	for _, f := range c.files {
		there, err := c.present(f)
		if err := errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		if !there {
			files = append(files, f)
			needed += f.bytes
		}
	}
	c.total = c.done + needed
	if c.to.folder == nil {
		return files, nil
	}
	free, _, err := c.to.folder.Free()
	if err == nil && needed > free {
		err = fmt.Errorf("%s: %w: %d MB are to be copied, %d MB are free", c.to.dir, syscall.ENOSPC, needed>>20+1, free>>20)
	}
	return files, err
}

// present reports whether the copy has the file.
func (c *copier) present(f sealedFile) (bool, error) {
	there, err := c.to.fsys.Open(f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer there.Close()
	size, err := there.Size()
	if err != nil || !c.o.Check {
		return size == f.bytes, err
	}
	whole := size == f.bytes && f.check(there, size) == nil
	if whole {
		c.progress(f.bytes)
	} else {
		c.report.Mended++
	}
	return whole, nil
}

func (c *copier) progress(bytes int64) {
	c.done += bytes
	if c.o.Progress != nil {
		c.o.Progress(c.done, c.total)
	}
}

// copy copies a file, if it is what was sealed. The error is for a copy that
// cannot be written.
func (c *copier) copy(ctx context.Context, f sealedFile) error {
	tmp := path.Join(tmpDir, path.Base(f.name))
	err := c.write(ctx, f, tmp)
	var p *sourceError
	if errors.As(err, &p) {
		c.blame(f.name, p.err)
		return gone(c.to.fsys.Remove(tmp))
	}
	if err != nil {
		return err
	}
	dir := path.Dir(f.name)
	if err := c.to.fsys.MkdirAll(dir); err != nil {
		return err
	}
	c.dirs[dir] = true
	c.report.Copied++
	c.report.CopiedBytes += f.bytes
	return c.to.fsys.Rename(tmp, f.name)
}

// sourceError is what is wrong with a file that is to be copied.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }

func (c *copier) blame(name string, err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.report.Problems = append(c.report.Problems, Problem{name, errMissing.Error()})
	case unreadable(err):
		c.report.Unread = append(c.report.Unread, Problem{name, "could not be read: " + reason(err).Error()})
	default:
		c.report.Problems = append(c.report.Problems, Problem{name, err.Error()})
	}
}

// write makes a durable copy under a temporary name, and compares it with what the
// log says.
func (c *copier) write(ctx context.Context, f sealedFile, tmp string) error {
	in, err := c.from.fsys.Open(f.name)
	if err != nil {
		return &sourceError{err}
	}
	defer in.Close()
	size, err := in.Size()
	if err != nil {
		return &sourceError{err}
	}
	if err := c.to.fsys.MkdirAll(tmpDir); err != nil {
		return err
	}
	out, err := c.to.fsys.Create(tmp)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := c.pour(ctx, in, out, size); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	wrong := f.check(out, size)
	if wrong == nil {
		return nil
	}
	if err := f.check(in, size); err != nil {
		return &sourceError{err}
	}
	return fmt.Errorf("%s: what was written there is not what is read: %w", c.to.fsys.Path(f.name), wrong)
}

func (c *copier) pour(ctx context.Context, in, out vfs.File, size int64) error {
	for at := int64(0); at < size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := in.ReadAt(c.buffer[:min(size-at, int64(len(c.buffer)))], at)
		if n == 0 && err != nil {
			return &sourceError{err}
		}
		if _, err := out.Write(c.buffer[:n]); err != nil {
			return err
		}
		at += int64(n)
		c.progress(int64(n))
	}
	return nil
}

// sync makes the names of what was copied durable, from the leaves up.
func (c *copier) sync() error {
	all := map[string]bool{".": true}
	for d := range c.dirs {
		for ; d != "."; d = path.Dir(d) {
			all[d] = true
		}
	}
	for _, d := range slices.Backward(slices.Sorted(maps.Keys(all))) {
		if err := c.to.fsys.SyncDir(d); err != nil {
			return err
		}
	}
	return nil
}

// announce writes a manifest that is true of the former copy, and of the new one
// once its log has grown.
func (c *copier) announce() error {
	was, err := readManifest(c.to.fsys)
	if err != nil || was.V+c.hot.V == 0 {
		return err
	}
	size := c.to.log.Size()
	m := was.cut(size, c.from.moment()).until(c.state.pos.Size, c.hot.Files)
	m.LogSize, m.Journal = size, c.hot.Journal
	return c.writeManifest(m)
}

func (c *copier) writeManifest(m *manifest) error {
	if err := c.to.fsys.MkdirAll(hotDir); err != nil {
		return err
	}
	if err := m.write(c.to.fsys); err != nil {
		return err
	}
	return c.to.fsys.SyncDir(".")
}

// follow brings the log up to that of the lake: from here on it is the new copy.
func (c *copier) follow() error {
	if err := c.to.log.Follow(c.from.fsys, c.state.pos.Size); err != nil {
		return err
	}
	shown, err := vfs.ReadFile(c.to.fsys, entrylog.CheckpointFile)
	c.report.Checkpoint = string(shown)
	return err
}

// format says that there is a lake, where there was none.
func (c *copier) format() error {
	if c.to.whole {
		return nil
	}
	if err := c.to.fsys.SyncDir("."); err != nil {
		return err
	}
	if err := vfs.WriteFile(c.to.fsys, formatFile, formatText(c.state.lake)); err != nil {
		return err
	}
	return c.to.fsys.SyncDir(".")
}

// purge removes what has expired from the copy too: it is a lake, whose own log says
// so by now.
func (c *copier) purge(ctx context.Context) error {
	if len(c.state.tombs) == 0 {
		return nil
	}
	l := notYet(Options{Now: c.from.opts.Now})
	l.fsys = c.to.fsys
	l.preparePins()
	_, err := l.purge(ctx, PurgeOptions{})
	return err
}

// settle writes the manifest of the new copy alone.
func (c *copier) settle() error {
	if c.hot.V == 0 {
		return nil
	}
	m := *c.hot
	m.LogSize, m.Retired = c.state.pos.Size, nil
	return c.writeManifest(&m)
}

// clear removes files of the hot tier that were in the former copy alone.
func (c *copier) clear() error {
	is := names(c.hot.Files)
	err := vfs.Walk(c.to.fsys, hotDir, func(name string, _ fs.DirEntry) error {
		id, _, _ := strings.Cut(path.Base(name), ".")
		if name == manifestFile || is[id] {
			return nil
		}
		return gone(c.to.fsys.Remove(name))
	})
	return errors.Join(err, gone(c.to.fsys.Remove(unfinishedFile)))
}
