package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tarn/internal/s3"
	"tarn/lake"
)

// partBytes is how long an object with a part of the log may be.
const partBytes = 64 << 20

// partName names the part of a file of the log between two offsets: in order of name
// they are the file.
func partName(name string, from, to int64) string {
	return fmt.Sprintf("%s.%016d-%016d", name, from, to)
}

// partOf reads such a name.
func partOf(name string) (file string, from, to int64, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", 0, 0, false
	}
	first, second, dash := strings.Cut(name[i+1:], "-")
	from, err := strconv.ParseInt(first, 10, 64)
	to, err2 := strconv.ParseInt(second, 10, 64)
	return name[:i], from, to, dash && errors.Join(err, err2) == nil && from >= 0 && to > from && to-from <= partBytes && name == partName(name[:i], from, to)
}

// end is how much of a file of the log is known to be in the bucket.
func (p *pusher) end(name string) (end int64) {
	p.objects.mu.Lock()
	defer p.objects.mu.Unlock()
	var parts [][2]int64
	for known := range p.objects.known {
		if file, from, to, ok := partOf(known); ok && file == name {
			parts = append(parts, [2]int64{from, to})
		}
	}
	slices.SortFunc(parts, func(a, b [2]int64) int { return int(a[0] - b[0]) })
	for _, part := range parts {
		if part[0] <= end && part[1] > end {
			end = part[1]
		}
	}
	return end
}

// files are the log's, in the order in which they are read: what a checkpoint is of must
// be there when the checkpoint is.
var files = []string{"log/checkpoints", "log/entries"}

// Mirror makes, or brings up to date, a lake in the folder to that has the log of record
// that is in the bucket, checked against its signed checkpoints, and no other file: open
// it with a Cache. It is as new as the last Push.
func Mirror(ctx context.Context, client *s3.Client, at s3.URI, to string) error {
	raw := filepath.Join(to, "..", filepath.Base(to)+".log")
	err := mirror(ctx, client, at, raw, to)
	if !errors.Is(err, lake.ErrCorrupt) {
		return err
	}
	// It may be what a power failure left of the log's files here.
	if err := os.RemoveAll(filepath.Join(raw, "log")); err != nil {
		return err
	}
	return mirror(ctx, client, at, raw, to)
}

// mirror brings the log's files to raw, and from there what is signed of them to to.
func mirror(ctx context.Context, client *s3.Client, at s3.URI, raw, to string) error {
	if err := os.MkdirAll(filepath.Join(raw, "log"), 0o700); err != nil {
		return err
	}
	format, err := oldest(ctx, client, at.Join("FORMAT"), 1<<10)
	if errors.Is(err, s3.ErrNotFound) {
		return fmt.Errorf("%w: %s", lake.ErrNoLake, at)
	}
	if err == nil {
		err = writeFile(filepath.Join(raw, "FORMAT"), format)
	}
	if err != nil {
		return err
	}
	for _, name := range files {
		if err := grow(ctx, client, at, name, raw); err != nil {
			return err
		}
	}
	if err := lake.ShowNewest(raw); err != nil {
		return err
	}
	return lake.CopyLog(raw, to)
}

// oldest reads the first thing that was ever written under a key, which is ours: we write
// where nothing is.
func oldest(ctx context.Context, client *s3.Client, at s3.URI, limit int64) ([]byte, error) {
	all, err := client.Versions(ctx, at)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(o s3.Object) bool { return o.Key == at.Key })
	if i < 0 {
		return nil, fmt.Errorf("%s: %w", at, s3.ErrNotFound)
	}
	text, _, err := client.Read(ctx, all[i], limit)
	return text, err
}

// grow appends to a file of the log what the bucket has more of it.
func grow(ctx context.Context, client *s3.Client, at s3.URI, name, raw string) error {
	f, err := os.OpenFile(filepath.Join(raw, filepath.FromSlash(name)), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	prefix := at.Join(name + ".")
	parts, err := client.Versions(ctx, prefix)
	if err != nil {
		return err
	}
	last := ""
	for _, o := range parts {
		file, from, to, ok := partOf(name + "." + strings.TrimPrefix(o.Key, prefix.Key))
		if !ok || file != name || to <= size || o.Key == last {
			continue
		}
		if last = o.Key; from > size {
			return fmt.Errorf("%s: a part of the log before it, from byte %d on, is not there", o.URI, size)
		}
		text, _, err := client.Read(ctx, o, partBytes)
		if err == nil && int64(len(text)) != to-from {
			err = fmt.Errorf("%s: %w: it has %d bytes", o.URI, lake.ErrCorrupt, len(text))
		}
		if err == nil {
			_, err = f.WriteAt(text, from)
		}
		if err != nil {
			return err
		}
		size = to
	}
	return f.Sync()
}

// Stores are the ids of the stores that have something in the bucket.
func Stores(ctx context.Context, client *s3.Client, at s3.URI) ([]string, error) {
	folders, _, err := client.Folders(ctx, at.Join("segments/"))
	for i := range folders {
		folders[i] = path.Base(folders[i])
	}
	return folders, err
}
