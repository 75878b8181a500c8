package bucket

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"tarn/internal/s3"
)

// objects are what is known to lie in a bucket: a line of JSON for each, the last one of
// a name counts. It is no evidence: what is not known is asked of the bucket.
type objects struct {
	mu    sync.Mutex
	file  *os.File
	at    string
	known map[string]object
}

// object is a file in the bucket, and what holds it there.
type object struct {
	At      string    `json:"at"` // the place: a lake may have lain elsewhere before
	Name    string    `json:"name"`
	Bytes   int64     `json:"bytes"`
	Version string    `json:"version,omitempty"`
	Mode    string    `json:"mode,omitempty"`
	Until   time.Time `json:"until,omitzero"`
	Hold    bool      `json:"hold,omitempty"`
	Gone    bool      `json:"gone,omitempty"` // it has expired and was removed
}

func (o object) lock() s3.Lock { return s3.Lock{Mode: o.Mode, Until: o.Until, Hold: o.Hold} }

// readObjects reads what is known of a place. A line that was cut off is forgotten.
func readObjects(dir string, at s3.URI) (map[string]object, error) {
	known := map[string]object{}
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(objectsFile)))
	if errors.Is(err, fs.ErrNotExist) {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var o object
		if json.Unmarshal(lines.Bytes(), &o) == nil && o.Name != "" && o.At == at.String() {
			known[o.Name] = o
		}
	}
	return known, lines.Err()
}

// openObjects opens them for more.
func openObjects(dir string, at s3.URI) (*objects, error) {
	known, err := readObjects(dir, at)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, filepath.FromSlash(objectsFile)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	return &objects{file: f, at: at.String(), known: known}, err
}

func (o *objects) get(name string) (object, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	one, ok := o.known[name]
	return one, ok
}

// ofTheLog are the parts of the log of record, and FORMAT.
func (o *objects) ofTheLog() (all []object) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for name, is := range o.known {
		if _, _, _, part := partOf(name); (part || name == "FORMAT") && !is.Gone {
			all = append(all, is)
		}
	}
	return all
}

// put notes an object. What is noted may be lost with the machine: it is found again.
func (o *objects) put(one object) error {
	one.At = o.at
	line, err := json.Marshal(one)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known[one.Name] = one
	_, err = o.file.Write(append(line, '\n'))
	return err
}

func (o *objects) close() error { return errors.Join(o.file.Sync(), o.file.Close()) }

// VersionsOf tells the versions of the objects at a place of the lake in dir, by their
// names in it, as far as they are known.
func VersionsOf(dir string, at s3.URI) (func(name string) string, error) {
	known, err := readObjects(dir, at)
	return func(name string) string { return known[name].Version }, err
}
