package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/internal/s3"
	"tarn/lake"
	"tarn/lake/bucket"
)

// cacheDir is where fetched files come.
func (a *app) cacheDir() (string, error) {
	if dir := a.config.get("cache"); dir != "" {
		return filepath.Abs(dir)
	}
	dir := a.getenv("XDG_CACHE_HOME")
	if dir == "" && a.getenv("HOME") != "" {
		dir = filepath.Join(a.getenv("HOME"), ".cache")
	}
	if dir == "" {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "tarn"), nil
}

// cacheSize is a number of bytes.
var cacheSize = regexp.MustCompile(`^([0-9]+) ?(MB|GB|TB)$`)

func (a *app) cacheLimit() (int64, error) {
	d := a.config.get("cache-size")
	m := cacheSize.FindStringSubmatch(d)
	if m == nil {
		return 0, usage(fmt.Errorf("cache-size %q", d), "a size such as 500MB or 20GB")
	}
	n, err := strconv.ParseInt(m[1], 10, 32)
	return n * map[string]int64{"MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}[m[2]], err
}

// far is who fetches what lies in a bucket; nil where all is in the lake's folder. In a
// server, a store may be moved meanwhile.
func (a *app) far() lake.Far {
	if place, err := a.place(); err == nil && place.URI.Bucket == "" && !a.serves {
		return nil
	}
	if a.cache == nil {
		a.cache = &bucket.Cache{Find: a.findFar}
	}
	return a.cache
}

// findFar finds out where what is not in the lake's folder lies, and where it may come.
func (a *app) findFar() (f bucket.Found, err error) {
	place, err := a.place()
	if err != nil {
		return f, err
	}
	dir, err := a.cacheDir()
	if err != nil {
		return f, err
	}
	if f.Limit, err = a.cacheLimit(); err != nil {
		return f, err
	}
	if f.Versions, err = bucket.VersionsOf(a.lakeDir, place.URI); err != nil {
		return f, err
	}
	if place.URI.Bucket != "" {
		f.Client, err = a.openS3(context.Background())
	}
	sum := sha256.Sum256([]byte(place.URI.String()))
	f.URI, f.Folder = place.URI, filepath.Join(dir, hex.EncodeToString(sum[:8]))
	return f, err
}

// place is where the lake's stores lie.
func (a *app) place() (bucket.Place, error) {
	if a.farLake.Bucket != "" {
		return bucket.Place{URI: a.farLake}, nil
	}
	return bucket.PlaceOf(a.lakeDir)
}

// lakeInBucket makes a folder of this machine stand for a lake in a bucket, which can be
// read.
func (a *app) lakeInBucket() error {
	uri, err := s3.ParseURI(a.lakeDir)
	if err != nil {
		return usage(fmt.Errorf("the lake: %w", err), "a folder, or s3://BUCKET/PREFIX")
	}
	dir, err := a.cacheDir()
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(uri.String()))
	a.farLake, a.lakeDir = uri, filepath.Join(dir, hex.EncodeToString(sum[:8])+".lake")
	return nil
}

// mirror brings the folder that stands for a lake in a bucket up to date.
func (a *app) mirror(ctx context.Context) error {
	if a.farLake.Bucket == "" || a.mirrored {
		return nil
	}
	client, err := a.openS3(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(a.lakeDir), 0o700); err != nil {
		return err
	}
	err = bucket.Mirror(ctx, client, a.farLake, a.lakeDir)
	if errors.Is(err, lake.ErrLocked) {
		err = nil // somebody else does that at this moment
	}
	if errors.Is(err, lake.ErrNoLake) {
		err = hint.Add(err, "a lake comes into a bucket with: tarn store move STORE --to s3://BUCKET/PREFIX")
	}
	a.mirrored = err == nil
	return err
}

// view opens the lake for reading.
func (a *app) view() (*lake.Lake, error) {
	if err := a.mirror(context.Background()); err != nil {
		return nil, err
	}
	return lake.View(a.lakeDir, a.options())
}

// push brings to the bucket what is to lie there and does not yet.
func (a *app) push(ctx context.Context, l *lake.Lake, place bucket.Place) (*bucket.PushReport, error) {
	client, err := a.openS3(ctx)
	if err != nil {
		return nil, err
	}
	_, live := terminal(a.err)
	meter := a.meter(progress.Options{Label: "push", Unit: "bytes", Live: live})
	defer meter.Finish()
	snap := l.Snapshot()
	defer snap.Release()
	return bucket.Push(ctx, snap, bucket.PushOptions{Client: client, Dir: a.lakeDir, Place: place, Progress: func(done, total int64) {
		meter.SetTotal(total)
		meter.SetDone(done)
	}})
}

// pushImport brings what an import sealed to the bucket, if its store lies there.
func (a *app) pushImport(ctx context.Context, l *lake.Lake, store lake.Store) error {
	place, err := bucket.PlaceOf(a.lakeDir)
	if err != nil || !place.Has(store.ID) || a.guest != nil {
		return err // a server does that
	}
	if _, err = a.push(ctx, l, place); err != nil {
		return hint.Add(fmt.Errorf("the events are in the lake, and not all in %s: %w", place.URI, err), "tarn store move "+store.Name+" --to "+place.URI.String()+" brings the rest")
	}
	return nil
}

// drop lets go of copies on disk of what the bucket has.
func (a *app) drop(ctx context.Context, place bucket.Place) (*bucket.DropReport, error) {
	if p := a.theirPurger(); p != nil {
		return p.drop(ctx)
	}
	client, err := a.openS3(ctx)
	if err != nil {
		return nil, err
	}
	return bucket.Drop(ctx, a.lakeDir, place, client)
}

// verifiesPart has a verification look at what is in the bucket, where that is the lake.
func (a *app) verifiesPart(ctx context.Context, o *lake.VerifyOptions) error {
	if a.farLake.Bucket == "" {
		return nil
	}
	client, err := a.openS3(ctx)
	if err != nil {
		return err
	}
	stores, err := bucket.Stores(ctx, client, a.farLake)
	o.Part = func(id string) bool { return slices.Contains(stores, id) }
	return err
}
