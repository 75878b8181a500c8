package lake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path"
	"slices"
	"time"

	"tarn/internal/vfs"
	"tarn/lake/internal/segment"
)

// hotDir holds what is accepted and not sealed yet: the journal and small files.
const (
	hotDir       = "hot"
	manifestFile = "hot/MANIFEST"
)

// manifest names the files of the hot tier. Whoever reads the lake takes a size of
// the log, then the manifest, which must stand on that size or a smaller one.
type manifest struct {
	V int `json:"v"`
	// LogSize is the size of the log when it was written.
	LogSize int64 `json:"log_size"`
	// Journal is the first file of the journal whose events are in no file yet.
	Journal int64     `json:"journal"`
	Files   []hotFile `json:"files"`
	// Retired are files that readers may still be reading.
	Retired []retired `json:"retired"`
}

// hotFile is a small segment of a day that is not sealed yet.
type hotFile struct {
	Store   string  `json:"store"`
	Segment Segment `json:"segment"`
	// Arrived is when the newest of its events was accepted.
	Arrived time.Time `json:"arrived"`
	// The file is there for logs of at least Since entries, and fewer than Until,
	// if that is not zero: so it comes and goes in one step with what the log says.
	Since int64 `json:"since,omitempty"`
	Until int64 `json:"until,omitempty"`
}

// retired is a file that is no longer there for those who come now.
type retired struct {
	Store   string    `json:"store"`
	Segment string    `json:"segment"`
	Day     string    `json:"day"`
	At      time.Time `json:"at"`
}

// retiredFor is how long a file is kept for the queries that read it: longer than
// any may take.
const retiredFor = 15 * time.Minute

const (
	manifestVersion = 1
	manifestMagic   = "TARNHOT1"
)

// there reports whether the file is there for a log of that size.
func (f hotFile) there(size int64) bool { return f.Since <= size && (f.Until == 0 || size < f.Until) }

// key tells the day, and whether it holds conflicts.
func (f hotFile) key() hotKey { return hotKey{dayNumber(f.Segment.Day), f.Segment.Conflicts} }

// at returns what is there for a log of that size, by store.
func (m *manifest) at(size int64) map[string][]Segment {
	out := map[string][]Segment{}
	for _, f := range m.Files {
		if f.there(size) {
			out[f.Store] = append(out[f.Store], f.Segment)
		}
	}
	return out
}

// settled returns the manifest without what a log of that size has decided: files
// that have come stay, those that have gone are retired.
func (m *manifest) settled(size int64, now time.Time) *manifest {
	out := *m
	out.Files, out.Retired = nil, slices.Clone(m.Retired)
	for _, f := range m.Files {
		if f.Until > 0 && f.Until <= size {
			out.Retired = append(out.Retired, retired{f.Store, f.Segment.ID, f.Segment.Day, now})
			continue
		}
		if f.Since <= size {
			f.Since = 0
		}
		out.Files = append(out.Files, f)
	}
	return &out
}

// cut returns the manifest as it is where the log ends with that size for good:
// what was to come or go with a later entry will not.
func (m *manifest) cut(size int64, now time.Time) *manifest {
	out := m.settled(size, now)
	out.Files = slices.DeleteFunc(out.Files, func(f hotFile) bool { return f.Since > size })
	for i := range out.Files {
		out.Files[i].Until = 0
	}
	return out
}

// replace returns the manifest with files added, and others retired.
func (m *manifest) replace(add []hotFile, gone []string, now time.Time) *manifest {
	out := *m
	out.Files, out.Retired = nil, slices.Clone(m.Retired)
	for _, f := range m.Files {
		if slices.Contains(gone, f.Segment.ID) {
			out.Retired = append(out.Retired, retired{f.Store, f.Segment.ID, f.Segment.Day, now})
		} else {
			out.Files = append(out.Files, f)
		}
	}
	out.Files = append(out.Files, add...)
	return &out
}

// readManifest returns the manifest; an empty one where there is none.
func readManifest(fsys vfs.FS) (*manifest, error) {
	content, err := vfs.ReadFile(fsys, manifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return &manifest{}, nil
	}
	if err != nil {
		return nil, err
	}
	m, err := decodeManifest(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", manifestFile, err)
	}
	return m, nil
}

func decodeManifest(content []byte) (*manifest, error) {
	head, body, _ := bytes.Cut(content, []byte("\n"))
	if string(head) != manifestHead(body) {
		return nil, fmt.Errorf("%w: it is not what was written", ErrCorrupt)
	}
	m := &manifest{}
	if err := json.Unmarshal(body, m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if m.V != manifestVersion {
		return nil, newer("hot tier of version %d", m.V)
	}
	for i := range m.Files {
		s := &m.Files[i].Segment
		if s.hot, s.accepted = true, true; s.Format > segment.Format {
			return nil, newer("hot file %s has format %d", s.ID, s.Format)
		}
	}
	return m, nil
}

// manifestHead is the first line: what the file is, and the CRC-32C of the rest.
func manifestHead(body []byte) string {
	return fmt.Sprintf("%s %08x", manifestMagic, crc32.Checksum(body, castagnoli))
}

// write puts the manifest in place of the one on disk.
func (m *manifest) write(fsys vfs.FS) error {
	m.V = manifestVersion
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := vfs.WriteFile(fsys, manifestFile, append([]byte(manifestHead(body)+"\n"), body...)); err != nil {
		return fmt.Errorf("write %s: %w", manifestFile, err)
	}
	return fsys.SyncDir(hotDir)
}

// dir is the folder of a segment's files.
func (s Segment) dir(storeID string) string {
	if s.hot {
		return path.Join(hotDir, storeID, s.Day)
	}
	return segmentDir(storeID, s.Day)
}
