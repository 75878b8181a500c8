package jobs

import (
	"bytes"
	"errors"
	"io"
	"path"
	"time"

	"tarn/internal/vfs"
	"tarn/lake/statedb"
)

// smallBytes is how large results are that go into state.db, together with how their
// query ended: most are small, and a file of their own is two more syncs.
const smallBytes = 16 << 10

// output takes the results of a query: some, and no more. It has them in memory until
// they are no small ones.
type output struct {
	jobs  *Jobs
	name  string // of the file, if there is one
	file  vfs.File
	small []byte // what is in no file yet
	n     int64
}

func (j *Jobs) output(q statedb.Query) *output { return &output{jobs: j, name: fileOf(q)} }

// Write is io.Writer's.
func (o *output) Write(b []byte) (int, error) {
	if o.n+int64(len(b)) > o.jobs.o.ResultBytes {
		return 0, errLarge
	}
	return len(b), o.end(b)
}

// end writes what has no limit.
func (o *output) end(b []byte) error {
	o.n += int64(len(b))
	o.small = append(o.small, b...)
	if len(o.small) < blockBytes {
		return nil
	}
	return o.spill()
}

// spill writes to the file what is in memory.
func (o *output) spill() error {
	if o.file == nil {
		if err := o.jobs.folder(path.Dir(o.name)); err != nil {
			return err
		}
		f, err := o.jobs.fsys.Create(o.name)
		if err != nil {
			return err
		}
		o.file = f
	}
	_, err := o.file.Write(o.small)
	o.small = o.small[:0]
	return err
}

// keep makes the results durable, but for those that stay in o.small.
func (o *output) keep() error {
	if o.file == nil && len(o.small) <= smallBytes {
		return nil
	}
	err := o.spill()
	o.small = nil
	if o.file == nil {
		return err
	}
	return errors.Join(err, o.file.Sync(), o.file.Close(), o.jobs.fsys.SyncDir(path.Dir(o.name)))
}

// discard removes them.
func (o *output) discard() error {
	o.small, o.n = nil, 0
	if o.file == nil {
		return nil
	}
	_ = o.file.Close() // it may be closed, and nobody reads it
	return o.jobs.fsys.Remove(o.name)
}

// resultFile is where results are read.
type resultFile interface {
	io.ReaderAt
	io.Closer
	Size() (int64, error)
}

// inMemory are results that state.db had.
type inMemory struct{ *bytes.Reader }

func (m inMemory) Size() (int64, error) { return m.Reader.Size(), nil }
func (inMemory) Close() error           { return nil }

// resultsOf opens the results of a query, which has some.
func (j *Jobs) resultsOf(q statedb.Query) (resultFile, error) {
	if q.Bytes <= smallBytes {
		if small, err := j.o.State.Results(q.ID); small != nil || err != nil {
			return inMemory{bytes.NewReader(small)}, err
		}
	}
	return j.fsys.Open(fileOf(q))
}

// Encoded opens the results of a query that has a format of its own: the file that the
// engine wrote. Close it.
func (j *Jobs) Encoded(q statedb.Query) (io.ReadCloser, error) {
	if !hasResults(q) || q.Format == "" {
		return nil, ErrNoResults
	}
	f, err := j.resultsOf(q)
	if err != nil {
		return nil, err
	}
	return encoded{io.NewSectionReader(f, 0, q.Bytes), f}, nil
}

type encoded struct {
	io.Reader
	io.Closer
}

// fileOf is the file of a query's results, in a folder for its day.
func fileOf(q statedb.Query) string { return path.Join(q.Created.UTC().Format(time.DateOnly), q.ID) }

// folder makes the folder of a day.
func (j *Jobs) folder(day string) error {
	j.days.Lock()
	defer j.days.Unlock()
	if day == j.day {
		return nil
	}
	err := errors.Join(j.fsys.MkdirAll(day), j.fsys.SyncDir("."))
	if err == nil {
		j.day = day
	}
	return err
}
