package duck

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
)

// Local runs SQL in this process. It is an Engine: one instance without any
// files parses, and the one of the last query's folders stays warm.
type Local struct {
	*Instance // parses

	options Options
	mu      sync.Mutex
	current *shared
}

// shared is an instance and who uses it.
type shared struct {
	*Instance
	grants string
	users  int
}

// parserOptions: a parser needs next to nothing.
func parserOptions(tempDir string) Options {
	return Options{Threads: 1, MemoryLimit: "512MB", TempDir: tempDir}
}

// NewLocal starts an engine in this process.
func NewLocal(ctx context.Context, o Options) (*Local, error) {
	parser, err := Start(ctx, parserOptions(o.TempDir), nil)
	if err != nil {
		return nil, err
	}
	return &Local{Instance: parser, options: o}, nil
}

// Open is Engine's.
func (l *Local) Open(ctx context.Context, job Job) (Session, error) {
	i, err := l.use(ctx, job.Folders)
	if err != nil {
		return nil, err
	}
	s, err := i.Open(ctx, job.Files, job.Macros)
	if err != nil {
		return nil, errors.Join(err, l.release(i))
	}
	return &localSession{s, sync.OnceValue(func() error { return l.release(i) })}, nil
}

// localSession gives its instance back.
type localSession struct {
	Session
	release func() error
}

// Close is Session's.
func (s *localSession) Close() error { return errors.Join(s.Session.Close(), s.release()) }

// use returns the instance that may read the folders.
func (l *Local) use(ctx context.Context, folders []string) (*shared, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	grants := Grants(folders)
	if l.current != nil && l.current.grants == grants {
		l.current.users++
		return l.current, nil
	}
	i, err := Start(ctx, l.options, folders)
	if err != nil {
		return nil, err
	}
	old := l.current
	l.current = &shared{i, grants, 1}
	if old != nil && old.users == 0 {
		err = old.Close()
	}
	return l.current, err
}

// release lets go of an instance. Only the newest stays when nobody uses it.
func (l *Local) release(i *shared) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i.users--; i.users > 0 || i == l.current {
		return nil
	}
	return i.Close()
}

// Close is Engine's. Sessions that are still open stay usable.
func (l *Local) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.Instance.Close()
	if old := l.current; old != nil {
		l.current = nil
		if old.users == 0 {
			err = errors.Join(err, old.Close())
		}
	}
	return err
}

// Grants is what tells one set of folders from another, in whatever order.
func Grants(folders []string) string {
	sorted := slices.Clone(folders)
	slices.Sort(sorted)
	return strings.Join(slices.Compact(sorted), "\x00")
}
