package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

// expect notes which files there must be, or may be.
func (v *verifier) expect(s *state) {
	for _, name := range []string{formatFile, lockFile, manifestFile, ballastFile, probeFile} {
		v.expected[name] = true
	}
	for _, st := range s.stores {
		for _, seg := range slices.Concat(s.hot[st.ID], s.segments[st.ID]) {
			v.keep(seg, st.ID)
			v.report.Segments++
		}
	}
	for _, c := range s.commits {
		for _, list := range []*Sidecar{c.Sources, c.Rejects} {
			if list != nil {
				v.expected[list.Name] = true
			}
		}
	}
}

// sidecars checks the lists that commits name.
func (v *verifier) sidecars(s *state) {
	for _, c := range s.commits {
		for _, list := range []*Sidecar{c.Sources, c.Rejects} {
			if list == nil || !v.reaches(c.Store) {
				continue
			}
			n := int64(0)
			err := readLines(v.fsys, *list, func(any) error { n++; return nil })
			if err == nil && n != list.Lines {
				err = fmt.Errorf("has %d lines; the log says %d", n, list.Lines)
			}
			if errors.Is(err, fs.ErrNotExist) {
				err = errMissing
			}
			if err != nil {
				v.problem(list.Name, "%v", err)
			}
			v.read(list.Bytes, 0)
		}
	}
}

// orphans looks for files that nothing names. The log has looked after its own, and
// of the hot tier those that are being written look the same; its writer removes
// what is left over.
func (v *verifier) orphans() {
	err := vfs.Walk(v.fsys, ".", func(name string, d fs.DirEntry) error {
		dir, _, _ := strings.Cut(name, "/")
		if dir != entrylog.Dir && dir != tmpDir && dir != hotDir && dir != pinsDir && !v.expected[name] && !strings.HasSuffix(name, ".tmp") && !isLocal(name) {
			v.report.Orphans = append(v.report.Orphans, name)
		}
		return nil
	})
	if err != nil {
		v.problem(".", "%v", err)
	}
}
