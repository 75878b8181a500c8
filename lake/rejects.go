package lake

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path"

	"tarn/internal/vfs"
)

// spool holds the records rejected from sources that are not complete yet. They
// are listed by the commit that lists their source: so what an interrupted
// import rejected is not listed again by the import that completes it, and an
// input of nothing but rejects does not fill the memory.
type spool struct {
	name string
	file vfs.File
	size int64
}

// stretch is a part of the spool: the rejects of one source.
type stretch struct{ from, to int64 }

func (a *Appender) newSpool() (*spool, error) {
	if err := a.lake.fsys.MkdirAll(tmpDir); err != nil {
		return nil, err
	}
	name := path.Join(tmpDir, a.opts.Import+".rejects")
	file, err := a.lake.fsys.Append(name)
	if err != nil {
		return nil, err
	}
	return &spool{name: name, file: file}, nil
}

// add keeps a reject of the source that is being read.
func (p *spool) add(s *source, r Reject) error {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return err
	}
	if s.rejects.to == 0 {
		s.rejects.from = p.size
	}
	n, err := p.file.Write(line.Bytes())
	p.size += int64(n)
	s.rejects.to = p.size
	return err
}

// listRejects writes the rejects of the sources into a list of their own; nil if there
// are none.
func (a *Appender) listRejects(done []*source) (*Sidecar, error) {
	var list *lines
	for _, s := range done {
		if s.Counts.Rejected == 0 {
			continue
		}
		if list == nil {
			var err error
			if list, err = a.newLines(rejectsDir); err != nil {
				return nil, err
			}
		}
		from := io.NewSectionReader(a.rejects.file, s.rejects.from, s.rejects.to-s.rejects.from)
		if _, err := io.Copy(list.zip, from); err != nil {
			return nil, err
		}
		list.count += s.Counts.Rejected
	}
	if list == nil {
		return nil, nil
	}
	return list.seal(a.lake.fsys)
}

// emptySpool forgets the rejects if no source waits that has any.
func (a *Appender) emptySpool() error {
	if a.rejects == nil || a.rejects.size == 0 {
		return nil
	}
	for _, s := range a.sources {
		if s.Counts.Rejected > 0 {
			return nil
		}
	}
	a.rejects.size = 0
	return a.lake.fsys.Truncate(a.rejects.name, 0)
}

// closeSpool removes the spool. What a crash leaves of it is swept.
func (a *Appender) closeSpool() error {
	if a.rejects == nil {
		return nil
	}
	err := errors.Join(a.rejects.file.Close(), a.lake.fsys.Remove(a.rejects.name))
	a.rejects = nil
	return err
}
