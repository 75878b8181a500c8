package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/pin"
	"tarn/lake/internal/proof"
)

// purgeGrace is how long after the entry that lets a segment expire its files stay,
// for readers that have not pinned them: the longest time that a query may take
// without, and an hour.
const purgeGrace = retiredFor + time.Hour

// PurgeOptions say how to purge. The zero value is good for production.
type PurgeOptions struct {
	// Key is as in VerifyOptions: where it is at hand, the log must be signed by it.
	Key string
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// FS is as in Options.
	FS vfs.FS
	// Unlock, if not nil, is called with the path of a file, relative to the lake,
	// right before it is removed: who locks sealed files lets this one go.
	Unlock func(name string) error
	// Seen, if not nil, is what the caller saw of the log before: Purge refuses a log
	// that does not continue it, and notes what it has seen itself.
	Seen *Seen
	// Look has nothing removed: the report says what would be.
	Look bool
}

// PurgeReport says what Purge did.
type PurgeReport struct {
	// Segments, Files and Bytes are what it removed.
	Segments int64 `json:"segments"`
	Files    int64 `json:"files"`
	Bytes    int64 `json:"bytes"`
	// Waiting are expired segments of which files are still there, in order of day.
	Waiting []Waiting `json:"waiting"`
}

// Waiting is an expired segment whose files may not be removed yet, and why.
type Waiting struct {
	Store   string `json:"store"` // its id
	Segment string `json:"segment"`
	Day     string `json:"day"`
	Bytes   int64  `json:"bytes"`
	// Why says what keeps it: the grace, a hold, a reader, clocks that do not agree.
	Why string `json:"why"`
	// Until is when the grace is over, where that is what keeps it.
	Until time.Time `json:"until,omitzero"`
}

// Purge removes the files of segments that have expired: those of which an entry
// of the log says so, lawfully (Verify checks the same), more than the grace ago,
// that no hold covers and no reader has pinned. It decides alone: it reads the log
// of record itself, from its beginning, and checks it against the signed
// checkpoint; the index is not asked. It needs neither the lake's lock nor its key,
// and may run in a process of its own while others write and read. Interrupted at
// any moment, it does no harm: nothing that exists names these files any more, and
// the next one goes on.
func Purge(ctx context.Context, dir string, o PurgeOptions) (*PurgeReport, error) {
	l, err := at(dir, Options{Key: o.Key, FS: o.FS, Now: o.Now})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	l.preparePins()
	r, err := l.purge(ctx, o)
	if err != nil {
		return r, fmt.Errorf("purge %s: %w", dir, err)
	}
	return r, nil
}

func (l *Lake) purge(ctx context.Context, o PurgeOptions) (*PurgeReport, error) {
	p := &purger{l: l, o: o, now: l.moment(), changed: map[string]bool{}, report: &PurgeReport{Waiting: []Waiting{}}}
	// First the log, then the pins: pinAt says why.
	var err error
	if p.audit, err = l.signedLog(ctx, p.o.Seen); err != nil {
		return p.report, err
	}
	if p.pins, err = pin.Held(l.fsys.Path(pinsDir)); err != nil {
		return p.report, fmt.Errorf("look who reads: %w", err)
	}
	for _, st := range p.audit.state.stores {
		if err := p.look(st); err != nil {
			return p.report, err
		}
		for _, x := range p.audit.state.expired[st.ID] {
			if err := errors.Join(ctx.Err(), p.segment(ctx, st, x)); err != nil {
				return p.report, err
			}
		}
	}
	p.report.sortWaiting()
	return p.report, p.folders()
}

// signedLog follows the whole log of record, and checks that it is the signed one.
// Where seen is given, it must be a continuation of that, and is noted.
func (l *Lake) signedLog(ctx context.Context, seen *Seen) (*audit, error) {
	id, err := readFormat(l.fsys)
	if err != nil {
		return nil, err
	}
	newest, err := entrylog.Shown(l.fsys) // checked below, with the keys that the log names
	if err != nil {
		return nil, err
	}
	a := newAudit()
	a.tree = &proof.Growing{}
	if err := seen.followed(ctx, a, l.fsys, newest.Size); err != nil {
		return nil, err
	}
	if err := a.followSigned(ctx, l.fsys, newest); err != nil {
		return nil, err
	}
	if a.state.lake != id {
		return nil, fmt.Errorf("%w: %s is of another lake", ErrCorrupt, entrylog.EntriesFile)
	}
	if err := seen.leads(l.fsys, a); err != nil {
		return nil, err
	}
	held, _, err := loadKey(l.opts, id)
	if err == nil && held.public != a.state.keyInUse().Key || errors.Is(err, errOtherLake) {
		return nil, fmt.Errorf("%w: the log is not signed with the key that you hold", ErrCorrupt)
	} else if err != nil && l.opts.Key != "" {
		return nil, err
	}
	seen.note(a.state.keyInUse().Key, newest)
	return a, nil
}

// followSigned follows the log up to a checkpoint, and checks that it was signed for
// that log.
func (a *audit) followSigned(ctx context.Context, fsys vfs.FS, newest entrylog.Checkpoint) error {
	if err := a.follow(ctx, fsys, newest.Size); err != nil {
		return err
	}
	keys, err := a.state.verifiers()
	if err == nil {
		_, err = keys.Open(newest.Note)
	}
	if err != nil {
		return err
	}
	if a.state.pos.Size != newest.Size || a.tree.Root() != newest.Root {
		return fmt.Errorf("%w: %s is not what its checkpoint was signed for", ErrCorrupt, entrylog.EntriesFile)
	}
	return nil
}

// purger removes files.
type purger struct {
	l      *Lake
	o      PurgeOptions
	audit  *audit
	pins   []int64
	now    time.Time
	report *PurgeReport
	// days are those of the store at hand of which there are folders.
	days map[string]bool
	// changed are the folders from which something was removed.
	changed map[string]bool
}

// look looks which folders there are of a store's days.
func (p *purger) look(st Store) error {
	p.days = map[string]bool{}
	if len(p.audit.state.expired[st.ID]) == 0 {
		return nil
	}
	entries, err := p.l.fsys.List(path.Join(segmentsDir, st.ID))
	for _, e := range entries {
		p.days[e.Name()] = true
	}
	return err
}

// segment removes the files of a segment, if it may.
func (p *purger) segment(ctx context.Context, st Store, x Expired) error {
	if !p.days[x.Day] {
		return nil
	}
	names, err := p.there(x.files(st.ID))
	if err != nil || len(names) == 0 {
		return err
	}
	if err := p.goOn(ctx); err != nil {
		return err
	}
	w := Waiting{Store: st.ID, Segment: x.ID, Day: x.Day, Bytes: x.Bytes()}
	if w.Why, w.Until = p.why(st, x); w.Why != "" {
		p.report.Waiting = append(p.report.Waiting, w)
		return nil
	}
	p.report.Segments++
	p.report.Bytes += x.Bytes()
	for _, name := range names {
		if err := p.remove(name); err != nil {
			return err
		}
		p.report.Files++
	}
	return nil
}

// goOn follows what was written to the log meanwhile: thousands of files take their
// time, in which somebody may place a hold.
func (p *purger) goOn(ctx context.Context) error {
	newest, err := entrylog.Shown(p.l.fsys)
	if err == nil && newest.Size == p.audit.state.pos.Size {
		return nil
	}
	if err == nil {
		err = p.audit.followSigned(ctx, p.l.fsys, newest)
	}
	return err
}

// there returns those of the files that are there.
func (p *purger) there(files []string) (names []string, err error) {
	dir := path.Dir(files[0])
	entries, err := p.l.fsys.List(dir)
	if len(entries) == 0 && !p.o.Look { // whoever was interrupted has left it
		p.changed[dir] = true
	}
	for _, e := range entries {
		if name := path.Join(dir, e.Name()); slices.Contains(files, name) {
			names = append(names, name)
		}
	}
	return names, err
}

// why says what keeps the files of a segment; empty if nothing does.
func (p *purger) why(st Store, x Expired) (why string, until time.Time) {
	if what := p.audit.unlawful[x.ID]; what != "" {
		return what, until
	}
	if err := p.audit.at(p.now).Doubt(); err != nil {
		return err.Error(), until
	}
	if ids := p.audit.state.holdsOn(st.ID, x.Day); len(ids) > 0 {
		return "held by " + strings.Join(ids, ", "), until
	}
	if len(p.pins) > 0 && p.pins[0] <= p.audit.since[x.ID] {
		return fmt.Sprintf("read by somebody since the log had %d entries", p.pins[0]), until
	}
	if until = x.At.Add(purgeGrace); p.now.Before(until) {
		return "queries may still read it", until
	}
	if p.o.Unlock == nil && p.locked(x.files(st.ID)) {
		return "locked by the immutable flag: tarn-locker removes it", time.Time{}
	}
	return "", time.Time{}
}

func (p *purger) remove(name string) error {
	if p.o.Look {
		return nil
	}
	if p.o.Unlock != nil {
		if err := p.o.Unlock(name); err != nil {
			return fmt.Errorf("unlock %s: %w", name, err)
		}
	}
	p.changed[path.Dir(name)] = true
	return gone(p.l.fsys.Remove(name))
}

// folders makes durable what was removed, and removes the folders that are empty
// then. A writer that is about to put something there makes them again.
func (p *purger) folders() error {
	for dir := range p.changed {
		for dir != segmentsDir {
			if err := gone(p.l.fsys.SyncDir(dir)); err != nil {
				return err
			}
			err := p.l.fsys.Remove(dir)
			if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EEXIST) {
				break
			}
			if gone(err) != nil {
				return err
			}
			dir = path.Dir(dir)
		}
		if err := p.l.fsys.SyncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// sortWaiting puts what waits in order of day.
func (r *PurgeReport) sortWaiting() {
	slices.SortFunc(r.Waiting, func(a, b Waiting) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Segment, b.Segment))
	})
}
