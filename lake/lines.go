package lake

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/klauspost/compress/zstd"

	"tarn/internal/vfs"
)

// lines writes a sidecar of JSON lines, compressed, line by line.
type lines struct {
	dir, tmp string
	name     string
	file     vfs.File
	zip      *zstd.Encoder
	json     *json.Encoder
	count    int64
}

func (a *Appender) newLines(dir string) (*lines, error) {
	a.lists++
	base := fmt.Sprintf("%s-%d.jsonl.zst", a.opts.Import, a.lists)
	l := &lines{dir: dir, tmp: path.Join(tmpDir, dir+"-"+base), name: path.Join(dir, base)}
	if err := a.lake.fsys.MkdirAll(tmpDir); err != nil {
		return nil, err
	}
	var err error
	if l.file, err = a.lake.fsys.Create(l.tmp); err != nil {
		return nil, err
	}
	if l.zip, err = zstd.NewWriter(l.file); err != nil {
		return nil, errors.Join(err, l.file.Close())
	}
	l.json = json.NewEncoder(l.zip)
	l.json.SetEscapeHTML(false)
	return l, nil
}

func (l *lines) add(v any) error {
	l.count++
	return l.json.Encode(v)
}

// seal makes the list durable under its name and describes it for the log.
func (l *lines) seal(fsys vfs.FS) (*Sidecar, error) {
	err := l.zip.Close()
	if err == nil {
		err = l.file.Sync()
	}
	if err = errors.Join(err, l.file.Close()); err != nil {
		return nil, fmt.Errorf("write %s: %w", l.name, err)
	}
	content, err := vfs.ReadFile(fsys, l.tmp)
	if err != nil {
		return nil, err
	}
	if err := fsys.MkdirAll(l.dir); err != nil {
		return nil, err
	}
	if err := fsys.Rename(l.tmp, l.name); err != nil {
		return nil, err
	}
	if err := errors.Join(fsys.SyncDir(l.dir), fsys.SyncDir(".")); err != nil {
		return nil, err
	}
	file := File{Bytes: int64(len(content)), SHA256: encodeHash(sha256.Sum256(content))}
	return &Sidecar{Name: l.name, Lines: l.count, File: file}, nil
}

// readLines calls fn with each line of a sidecar, after checking its hash.
func readLines[T any](fsys vfs.FS, s Sidecar, fn func(T) error) error {
	content, err := vfs.ReadFile(fsys, s.Name)
	if err != nil {
		return fmt.Errorf("read %s: %w", s.Name, err)
	}
	if encodeHash(sha256.Sum256(content)) != s.SHA256 {
		return fmt.Errorf("%w: %s is not the file that was sealed", ErrCorrupt, s.Name)
	}
	zip, err := zstd.NewReader(bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("read %s: %w", s.Name, err)
	}
	defer zip.Close()
	for d := json.NewDecoder(bufio.NewReader(zip)); ; {
		var v T
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read %s: %w", s.Name, err)
		}
		if err := fn(v); err != nil {
			return err
		}
	}
}
