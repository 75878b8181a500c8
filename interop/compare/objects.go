package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

	"tarn/internal/eventgen"
)

// generated is what the generator says of the bucket.
type generated struct {
	Events   int   `json:"events"`
	Objects  int   `json:"objects"`
	RawBytes int64 `json:"rawBytes"`
	GzBytes  int64 `json:"gzBytes"`
}

// data are the options of the bucket.
func data(events int) eventgen.Options { return eventgen.Options{Events: events} }

// fill makes the bucket in a process of its own: this one must stay small, since a new
// process is said to have had the memory of that which started it.
func (t tools) fill(ctx context.Context, dir string, events int) (b bucket, g generated, err error) {
	c, said := command(ctx, t.self, "child", "generate", dir, strconv.Itoa(events))
	out, err := c.Output()
	if err != nil {
		return b, g, fmt.Errorf("generate: %w\n%s", err, said)
	}
	if err := json.Unmarshal(out, &g); err != nil {
		return b, g, err
	}
	return bucket{dir, g.Events}, g, settle(dir)
}

func generate(dir, events string) error {
	n, err := strconv.Atoi(events)
	if err != nil {
		return err
	}
	s, err := eventgen.WriteBucket(dir, data(n))
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(generated{s.Records, s.Objects, s.RawBytes, s.GzBytes})
}

// objects are the log files below dir.
func objects(dir string) (paths []string, err error) {
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".json.gz") {
			paths = append(paths, path)
		}
		return err
	})
	return paths, err
}

// readObject reads a log file, gunzipped, into what is empty then.
func readObject(path string, into *bytes.Buffer) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	zip, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	into.Reset()
	if _, err := into.ReadFrom(zip); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
