package lake

import (
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/index"
)

// index compares the index with the log. It is no evidence, so one that is
// missing or behind is only noted; one that says otherwise is a problem.
func (v *verifier) index(path string, s *state) {
	x, err := index.Open(path, s.lake, packedLayout)
	if err != nil {
		v.remark("there is no usable index yet; the import that runs, or the next one, builds it")
		return
	}
	defer x.Close()
	if x.Meta.LogSize > s.pos.Size && x.Meta.LogSize > v.covered() {
		v.problem(indexFile, "is ahead of the log: it stands on %d entries, and there are %d. If the log is an old copy of itself, "+
			"keep everything as it is; if only the index is wrong, delete it, and the next import builds it anew", x.Meta.LogSize, s.pos.Size)
		return
	}
	want := newState()
	_, err = entrylog.Scan(v.fsys, entrylog.Position{}, x.Meta.LogSize, want.applyRaw)
	got := newState()
	if err == nil {
		err = got.load(x)
	}
	same := err == nil && got.equal(want)
	if same {
		same, err = v.sameSources(x, want)
	}
	if err != nil || !same {
		v.problem(indexFile, "differs from the log; delete it, and the next import builds it anew")
	}
}

// sameSources compares the sources that the index knows with the lists: a row
// too many would make an import pass over a file that was never read.
func (v *verifier) sameSources(x *index.Index, s *state) (bool, error) {
	// Of one object listed twice the index keeps one row, with either time.
	known, objects := map[index.Source]bool{}, map[index.Source]bool{}
	for _, c := range s.commits {
		if c.Sources == nil {
			continue
		}
		err := readLines(v.fsys, *c.Sources, func(src Source) error {
			if !src.Partial {
				row := indexSource(c.Store, src)
				known[row] = true
				row.Bytes, row.ModifiedMicros = 0, 0
				objects[row] = true
			}
			return nil
		})
		if err != nil {
			return true, nil // the list itself is reported
		}
	}
	n := 0
	same := true
	err := x.AllSources(func(src index.Source) error {
		n++
		same = same && known[src]
		return nil
	})
	return same && n == len(objects), err
}
