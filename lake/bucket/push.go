package bucket

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tarn/internal/hint"
	"tarn/internal/s3"
	"tarn/lake"
)

// PushOptions say what to push, and where.
type PushOptions struct {
	// Client asks the bucket.
	Client *s3.Client
	// Dir is the lake's folder, Place what lies in which bucket.
	Dir   string
	Place Place
	// Progress, if not nil, hears how many bytes of how many are there.
	Progress func(done, total int64)
}

// PushReport says what Push did.
type PushReport struct {
	// Files and Bytes are what was put there, Locks how many objects were locked for
	// longer, held, or let go of.
	Files, Bytes, Locks int64
	// Known counts the files that were there already.
	Known int64
	// Removed counts the objects that had expired and were removed, Locked those that
	// have expired and that a lock still holds.
	Removed, Locked int64
}

const (
	// pushers is how many files are put at a time.
	pushers = 8
	// logKeeps is how much longer than any event the log is locked: it is read after them.
	logKeeps = 366
)

// ErrOther means that there is another object under the name of a sealed file.
var ErrOther = errors.New("there is another object of that name")

// Push brings the sealed files of the place's stores to the bucket, each locked as its
// store says: in the store's mode, until the end of its day and the retention period;
// held while a hold covers its day. Behind them it brings the log of record, as far as
// the snapshot goes, so that whoever follows the log there finds what it names. What is
// there already is compared, and its lock made longer if need be; what has expired is
// removed. It may be interrupted at any moment, and called again.
func Push(ctx context.Context, snap *lake.Snapshot, o PushOptions) (r *PushReport, err error) {
	p := &pusher{o: o, snap: snap}
	if p.objects, err = openObjects(o.Dir, o.Place.URI); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.objects.close()) }()
	if err := p.plan(ctx); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{p.files, p.log, p.expire} {
		if err = step(ctx); err != nil {
			break
		}
	}
	return p.report(), err
}

type pusher struct {
	o       PushOptions
	snap    *lake.Snapshot
	objects *objects
	work    []task
	total   int64
	longest time.Time // lock of all
	mode    string    // the strongest of all
	holds   bool      // the bucket can hold

	pushed, bytes, locks, known, done, removed, locked atomic.Int64
}

// task is a file, and what is to hold it.
type task struct {
	file lake.SealedFile
	lock s3.Lock
}

func (p *pusher) report() *PushReport {
	return &PushReport{Files: p.pushed.Load(), Bytes: p.bytes.Load(), Locks: p.locks.Load(), Known: p.known.Load(),
		Removed: p.removed.Load(), Locked: p.locked.Load()}
}

// modes are what the locks of stores are in S3.
var modes = map[lake.LockMode]string{lake.LockGovernance: s3.Governance, lake.LockCompliance: s3.Compliance}

// plan lists what is to be there.
func (p *pusher) plan(ctx context.Context) error {
	has, err := p.o.Client.Locks(ctx, p.o.Place.URI.Bucket)
	if err != nil {
		return err
	}
	p.holds = has
	locks := false
	for _, id := range p.o.Place.Stores {
		st, err := p.snap.Store(id)
		if errors.Is(err, lake.ErrStoreNotFound) {
			continue // its days are over; what is locked stays
		}
		if err != nil {
			return err
		}
		mode := modes[st.Lock]
		locks = locks || mode != ""
		if mode == s3.Compliance || p.mode == "" {
			p.mode = mode
		}
		for _, f := range p.snap.Sealed(id) {
			l := p.lockOf(st, f, mode)
			p.work = append(p.work, task{f, l})
			p.total += f.Bytes
			if l.Until.After(p.longest) {
				p.longest = l.Until
			}
		}
	}
	if locks && !has {
		return hint.Add(fmt.Errorf("%s: %w, and a store's lock is to hold there", p.o.Place.URI, s3.ErrNoLock),
			"Object Lock is chosen when a bucket is made: aws s3api create-bucket --object-lock-enabled-for-bucket")
	}
	return nil
}

// lockOf is what is to hold a file: to the end of its day and the retention period. The
// day of an import's list is that of its commit.
func (p *pusher) lockOf(st lake.Store, f lake.SealedFile, mode string) s3.Lock {
	day, err := time.Parse(time.DateOnly, f.Day)
	if err != nil {
		return s3.Lock{} // no sealed file is without a day
	}
	l := s3.Lock{Hold: p.holds && p.snap.Held(st.ID, f.Day)}
	if mode != "" {
		l.Mode, l.Until = mode, day.AddDate(0, 0, 1+st.RetentionDays)
	}
	if !l.Until.After(time.Now()) { // older than the retention period: nothing is to hold it
		l.Mode, l.Until = "", time.Time{}
	}
	return l
}

// files puts the files there, several at a time.
func (p *pusher) files(ctx context.Context) error {
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(pushers)
	for _, t := range p.work {
		if inner.Err() != nil {
			break
		}
		g.Go(func() error {
			if err := p.file(inner, t); err != nil {
				return err
			}
			if done := p.done.Add(t.file.Bytes); p.o.Progress != nil {
				p.o.Progress(done, p.total)
			}
			return nil
		})
	}
	return g.Wait()
}

// file puts a file there, or sees that it is, and locks it as it is to be.
func (p *pusher) file(ctx context.Context, t task) error {
	if is, ok := p.objects.get(t.file.Name); ok && is.Bytes == t.file.Bytes {
		p.known.Add(1)
		return p.relock(ctx, is, t.lock)
	}
	f, err := os.Open(filepath.Join(p.o.Dir, filepath.FromSlash(t.file.Name)))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := t.file.Check(f); err != nil {
		return fmt.Errorf("%s: %w: %w", t.file.Name, lake.ErrCorrupt, err)
	}
	is, err := p.put(ctx, t.file.Name, f, t.file.Bytes, t.file.SHA256, t.lock)
	if err != nil {
		return err
	}
	return p.relock(ctx, is, t.lock)
}

// put puts an object there. One that is there already must be the same.
func (p *pusher) put(ctx context.Context, name string, content io.ReadSeeker, size int64, hash string, l s3.Lock) (object, error) {
	at := p.o.Place.URI.Join(name)
	if hash == "" {
		h := sha256.New()
		if _, err := io.Copy(h, content); err != nil {
			return object{}, err
		}
		hash = base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	with := s3.PutOptions{OnlyNew: true, SHA256: hash}
	if l.Mode != "" || l.Hold {
		with.Lock = &l
	}
	is := object{Name: name, Bytes: size, Mode: l.Mode, Until: l.Until, Hold: l.Hold}
	made, err := p.o.Client.Put(ctx, at, content, with)
	switch {
	case err == nil:
		is.Version = made.Version
		p.pushed.Add(1)
		p.bytes.Add(size)
	case errors.Is(err, s3.ErrExists):
		if is, err = p.there(ctx, name, size, hash); err != nil {
			return is, err
		}
	default:
		return is, err
	}
	return is, p.objects.put(is)
}

// there looks at what is under a name already: somebody put it there, and did not hear
// that it was.
func (p *pusher) there(ctx context.Context, name string, size int64, hash string) (object, error) {
	at := p.o.Place.URI.Join(name)
	found, err := p.o.Client.Head(ctx, at, "")
	if err != nil {
		return object{}, err
	}
	if found.Bytes != size || found.SHA256 != "" && found.SHA256 != hash {
		return object{}, hint.Add(fmt.Errorf("%s: %w", at, ErrOther), "choose another prefix; or look who put it there")
	}
	if found.SHA256 == "" { // nobody vouches for its bytes
		text, _, err := p.o.Client.Read(ctx, found, size)
		if sum := sha256.Sum256(text); err != nil || base64.StdEncoding.EncodeToString(sum[:]) != hash {
			return object{}, errors.Join(err, fmt.Errorf("%s: %w", at, ErrOther))
		}
	}
	l, err := p.o.Client.LockOf(ctx, found)
	p.known.Add(1)
	return object{Name: name, Bytes: size, Version: found.Version, Mode: l.Mode, Until: l.Until, Hold: l.Hold}, err
}

// relock makes a lock longer, and places or lifts a hold, where the log says so. S3 makes
// none shorter.
func (p *pusher) relock(ctx context.Context, is object, want s3.Lock) error {
	was := is.lock()
	at := s3.Object{URI: p.o.Place.URI.Join(is.Name), Version: is.Version}
	stronger := want.Mode == s3.Compliance && is.Mode != s3.Compliance
	if want.Mode != "" && (want.Until.After(is.Until) || stronger) {
		if want.Until.Before(is.Until) {
			want.Until = is.Until
		}
		if err := p.o.Client.Extend(ctx, at, want); err != nil {
			return err
		}
		is.Mode, is.Until = want.Mode, want.Until
	}
	if want.Hold != is.Hold {
		if err := p.o.Client.Hold(ctx, at, want.Hold); err != nil {
			return err
		}
		is.Hold = want.Hold
	}
	if is.lock() == was {
		return nil
	}
	p.locks.Add(1)
	return p.objects.put(is)
}

// log brings the log of record behind the files that it names: what was appended to its
// files since, an object for each time, and FORMAT.
func (p *pusher) log(ctx context.Context) error {
	entries, checkpoints, err := p.snap.LogParts()
	if err != nil {
		return err
	}
	l := p.logLock()
	format, err := os.ReadFile(filepath.Join(p.o.Dir, "FORMAT"))
	if err != nil {
		return err
	}
	if _, ok := p.objects.get("FORMAT"); !ok {
		if _, err := p.put(ctx, "FORMAT", bytes.NewReader(format), int64(len(format)), "", l); err != nil {
			return err
		}
	}
	// The entries first: a checkpoint without them could not be followed.
	for _, part := range []lake.LogPart{entries, checkpoints} {
		if err := p.part(ctx, part, l); err != nil {
			return err
		}
	}
	return p.keepLog(ctx, l)
}

// logLock is what is to hold the log, and FORMAT: for longer than any event.
func (p *pusher) logLock() s3.Lock {
	if p.mode == "" {
		return s3.Lock{}
	}
	l := s3.Lock{Mode: p.mode, Until: time.Now().AddDate(0, 0, logKeeps).Truncate(24 * time.Hour)}
	if longest := p.longest.AddDate(0, 0, logKeeps); l.Until.Before(longest) {
		l.Until = longest
	}
	return l
}

// keepLog locks what came before for as long as what came since needs it: without its
// beginning a log is none. An object's turn comes once in logKeeps days at most.
func (p *pusher) keepLog(ctx context.Context, l s3.Lock) error {
	if l.Mode == "" {
		return nil
	}
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(pushers)
	for _, is := range p.objects.ofTheLog() {
		weaker := is.Mode == "" || l.Mode == s3.Compliance && is.Mode != s3.Compliance
		if inner.Err() == nil && (weaker || is.Until.Before(p.longest)) {
			g.Go(func() error { return p.relock(inner, is, l) })
		}
	}
	return g.Wait()
}

// part brings what a file of the log has beyond what is there.
func (p *pusher) part(ctx context.Context, part lake.LogPart, l s3.Lock) error {
	from := p.end(part.Name)
	if from >= part.Bytes {
		return nil
	}
	f, err := os.Open(filepath.Join(p.o.Dir, filepath.FromSlash(part.Name)))
	if err != nil {
		return err
	}
	defer f.Close()
	for from < part.Bytes {
		to := min(part.Bytes, from+partBytes)
		text := make([]byte, to-from)
		if _, err := f.ReadAt(text, from); err != nil {
			return err
		}
		if _, err := p.put(ctx, partName(part.Name, from, to), bytes.NewReader(text), to-from, "", l); err != nil {
			return err
		}
		from = to
	}
	return nil
}
