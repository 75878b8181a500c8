package lake

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tarn/internal/hint"
	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

// VerifyOptions say how to verify.
type VerifyOptions struct {
	// Key is as in Options. Where it is at hand, the lake must be signed by it;
	// where not, by the key that the lake names itself.
	Key string
	// Known are verification keys of the lake that somebody got elsewhere: the lake's
	// present key must be one of them, or follow from one by signatures.
	Known []string
	// Checkpoint, if not nil, is a checkpoint that somebody kept: the lake must be a
	// continuation of what it was then.
	Checkpoint []byte
	// Policy, if not nil, is a C2SP tlog-policy: a checkpoint must have the
	// cosignatures of witnesses that it wants.
	Policy []byte
	// FS and Far are as in Options.
	FS  vfs.FS
	Far Far
	// Part, if not nil, says of which stores, by id, the sealed files can be reached
	// from a folder that has the log alone. The others, and what is not sealed, lie
	// with the lake itself and are not looked at.
	Part func(storeID string) bool
	// Deep compares all columns of all events, and the needle filters, with the
	// events' bytes. Without it some columns of a few events of each segment are.
	Deep bool
	// Notes, if not empty, is a file outside of the lake in which the verification
	// notes how far it has come. One that was interrupted is gone on with: what is
	// noted there and was not touched since is not read again. docs/integrity.md says
	// what such a verdict means.
	Notes string
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// Progress, if not nil, hears of each file that was read: its bytes, and the
	// events in it. It may be called from several goroutines.
	Progress func(bytes, events int64)
}

// Problem is something that is not as it was sealed.
type Problem struct {
	// Path is the file, relative to the lake.
	Path string `json:"path"`
	// What says what is wrong with it.
	What string `json:"what"`
	// Column names a column that is not what the event in that row says, counted from
	// 0, or a needle filter that denies a value of the column: what stands there, and
	// what should.
	Row    *int64 `json:"row,omitempty"`
	Column string `json:"column,omitempty"`
	Stands string `json:"stands,omitempty"`
	Should string `json:"should,omitempty"`
}

// Report is what Verify found.
type Report struct {
	// Problems are ordered by path; without any, and without unread files, the
	// lake is what was sealed.
	Problems []Problem `json:"problems"`
	// Unread are the files and folders that the system did not let us read:
	// nothing is known about them.
	Unread []Problem `json:"unread"`
	// Orphans are files that the log does not name: what an interrupted import
	// left, or what somebody put there. They are no part of the lake.
	Orphans []string `json:"orphans"`
	// Notes are remarks that are no problems.
	Notes []string `json:"notes"`
	// Breaks are where the chain of signatures is broken, because the owner declared
	// a key lost.
	Breaks []Key `json:"key_breaks,omitempty"`
	// Continues tells of VerifyOptions.Checkpoint, Witnessed of what witnesses remember
	// and of VerifyOptions.Policy.
	Continues *Continues `json:"continues,omitempty"`
	Witnessed *Witnessed `json:"witnessed,omitempty"`
	// LogSize, Segments, Events and Bytes say how much was read.
	LogSize  int64 `json:"log_size"`
	Segments int64 `json:"segments"`
	Events   int64 `json:"events"`
	Bytes    int64 `json:"bytes"`
	// Compared is of how many events the columns were compared with their bytes.
	Compared int64 `json:"compared"`
	// Resumed is what was not read, because an interrupted verification had read it.
	Resumed *Resumed `json:"resumed,omitempty"`
	// Checkpoint is the newest checkpoint, a signed note.
	Checkpoint string `json:"checkpoint"`
}

// verifier collects a report from several goroutines.
type verifier struct {
	fsys    vfs.FS
	disk    *noting   // fsys, and what it keeps in mind
	reach   *reaching // behind it; nil if all lies in the folder
	opts    VerifyOptions
	keys    entrylog.Keys // that the lake names
	checked entrylog.Checked
	notes   *notes  // nil if none are taken
	policy  *policy // nil if there is none

	processors chan struct{} // one place for each

	mu       sync.Mutex
	report   Report
	expected map[string]bool
	counts   map[string]*recount // by store
	audit    *audit              // has the log as far as it was checked
}

// Verify reads everything in the lake and compares it with the log of record:
// every byte of every sealed file, every event against its segment's tree hash,
// the log against its checkpoints, the index against the log. It reads Parquet
// with other code than wrote it. The error is for a lake that cannot be read at
// all; everything else is in the report.
func Verify(ctx context.Context, dir string, o VerifyOptions) (r *Report, err error) {
	wanted, err := o.policy()
	if err != nil {
		return nil, err
	}
	l, err := at(dir, Options{Key: o.Key, FS: o.FS, Far: o.Far})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	disk := &noting{FS: l.fsys, unread: map[string]error{}}
	entries, err := disk.List(entrylog.Dir)
	if err != nil && unreadable(err) {
		return nil, hint.Add(err, askForRights)
	}
	if err != nil || len(entries) == 0 {
		return nil, errors.Join(err, noLake(dir))
	}
	// What is read is not removed meanwhile.
	reading := l.pinNow()
	defer func() { err = errors.Join(err, release(reading)) }()
	v := &verifier{fsys: disk, disk: disk, reach: l.reach, opts: o, policy: wanted, audit: newAudit(), processors: make(chan struct{}, runtime.GOMAXPROCS(0)),
		counts: map[string]*recount{}, expected: map[string]bool{},
		report: Report{Problems: []Problem{}, Unread: []Problem{}, Orphans: []string{}, Notes: []string{}}}
	err = v.all(ctx, l.fsys.Path(indexFile))
	v.closeNotes(err == nil)
	if err != nil {
		return nil, err
	}
	return &v.report, nil
}

// all verifies the log, then what it names.
func (v *verifier) all(ctx context.Context, index string) error {
	s, err := v.log(v.opts.Key)
	if err := errors.Join(err, v.logUnread()); err != nil {
		return err
	}
	if v.reach != nil {
		v.reach.state.Store(s)
	}
	v.format(s)
	v.hot(s)
	v.expect(s)
	if err := v.openNotes(v.opts.Notes, s); err != nil {
		return err
	}
	g, inner := errgroup.WithContext(ctx)
	switch {
	case len(v.disk.unread) > 0:
		v.remark("the index was not compared with the log, because not all of that could be read")
	case len(v.report.Problems) == 0:
		g.Go(func() error { return v.work(inner, func() error { v.index(index, s); return nil }) })
	default:
		v.remark("the index was not compared with the log, because that is damaged; keep it")
	}
	g.Go(func() error { return v.work(inner, func() error { v.sidecars(s); return nil }) })
	g.Go(func() error { return v.segments(inner, s) })
	if err := g.Wait(); err != nil {
		return err
	}
	v.expiries(s)
	v.orphans()
	v.settle()
	return nil
}

var errMissing = errors.New("is missing")

func (v *verifier) problem(path, format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Problems = append(v.report.Problems, Problem{Path: path, What: fmt.Sprintf(format, args...)})
}

// remark notes what is no problem, once.
func (v *verifier) remark(what string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !slices.Contains(v.report.Notes, what) {
		v.report.Notes = append(v.report.Notes, what)
	}
}

func (v *verifier) read(bytes, events int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Bytes += bytes
	v.report.Events += events
	if v.opts.Progress != nil {
		v.opts.Progress(bytes, events)
	}
}
