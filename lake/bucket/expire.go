package bucket

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"tarn/internal/s3"
)

// expire removes from the bucket what has expired: the objects of segments whose last
// files the purger has removed from the lake's folder, which it does when everything that
// could keep them has been asked (lake.Purge). What a lock still holds stays, until the
// next time.
func (p *pusher) expire(ctx context.Context) error {
	for _, id := range p.o.Place.Stores {
		for _, x := range p.snap.Expired(id) {
			files := x.Sealed(id)
			purged := true
			for _, f := range files {
				_, err := os.Stat(filepath.Join(p.o.Dir, filepath.FromSlash(f.Name)))
				purged = purged && errors.Is(err, fs.ErrNotExist)
			}
			if !purged {
				continue
			}
			for _, f := range files {
				if err := p.remove(ctx, f.Name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// remove removes the version of an object that was put there.
func (p *pusher) remove(ctx context.Context, name string) error {
	is, ok := p.objects.get(name)
	if !ok || is.Gone {
		return nil
	}
	err := p.o.Client.Delete(ctx, s3.Object{URI: p.o.Place.URI.Join(name), Version: is.Version})
	if errors.Is(err, s3.ErrDenied) {
		p.locked.Add(1)
		return nil
	}
	if err != nil && !errors.Is(err, s3.ErrNotFound) {
		return err
	}
	p.removed.Add(1)
	is.Gone = true
	return p.objects.put(is)
}
