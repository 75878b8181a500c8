package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"tarn/ingest/decode"
	"tarn/lake"
	"tarn/schemas"
	"tarn/schemas/selector"
)

// Options say how to import. The zero value is good.
type Options struct {
	// Import is the import's id; a new one if empty.
	Import string
	// KeepDuplicates stores every record as an event, also one whose id is taken.
	KeepDuplicates bool
	// Filter says which events are taken. It does not go with KeepDuplicates: a
	// file of which something was left out is read again, and what was taken of it
	// would be stored twice.
	Filter Filter
	// Digests says whether to check files by CloudTrail's digests.
	Digests Digests
	// DryRun reads and counts everything, and writes nothing. The lake may be open
	// for reading only, or not be there yet (lake.Unmade).
	DryRun bool
	// MemoryBytes bounds the events held in memory; zero means the lake's default.
	MemoryBytes int64
	// Stdin is what the path "-" stands for; nil is empty.
	Stdin io.Reader
	// Brief marks one of many small imports in a row, for which others wait.
	Brief bool
	// Progress, if not nil, hears how far the import is, often.
	Progress func(Progress)
}

// Progress says how far an import is.
type Progress struct {
	// Objects and Bytes are done; the totals are the listing's, and zero where an
	// archive, or a stream without a length, lets nobody know them beforehand.
	Objects, TotalObjects int
	Bytes, TotalBytes     int64
	// Records were taken out of the objects so far.
	Records int64
}

// Result accounts for an import: every file, every record.
type Result struct {
	// Receipt is the lake's: what it counts is durable.
	lake.Receipt
	// Read counts the files that were read, Known those that were in the store
	// already, Digests and Others those that hold no events, Links the links that
	// were not followed: those to folders, and all in archives.
	Read, Known, Digests, Others, Links int64
	// Unlisted is the listing's: folders of buckets that the filter leaves out.
	Unlisted int64
	// RejectedBefore counts the records that were rejected of the known files
	// when they were imported.
	RejectedBefore int64
	// Unread are files that could not be read, or not to their end.
	Unread []Unread
	// Rejects are the first records that were not taken; Receipt.Counts has
	// their number, and the lake keeps all of them.
	Rejects []lake.Reject
	// NoRecords counts files in which nothing was found that is an event or is known
	// to hold any.
	NoRecords int64
	// Signed are the signatures that were found beside results of queries.
	Signed []Signed
	// Judged is what CloudTrail's digests say; nil if they were not asked.
	Judged *Judged
	// Skipped counts files that were not opened because of the filter.
	Skipped Skipped
	// Seen, if not nil, is what there was while the filter let nothing pass.
	Seen *Seen
	// Filter is the filter in words; empty if there was none. DryRun means that
	// nothing was written.
	Filter string
	DryRun bool
}

// shownRejects is how many rejects a result carries.
const shownRejects = 5

// importer carries one import through.
type importer struct {
	lake   *lake.Lake
	app    sink
	family *schemas.Family
	opts   Options
	filter matcher
	// selectors are the store's; what they do not take is not asked of the filter.
	selectors *selector.Matcher
	now       Progress
	packed    *atomic.Int64 // bytes read of the archive that is being read, if any
	seen      Seen
	passed    bool // a record has passed the filter
	// rejected tells how many records of an object were rejected before; nil
	// until it is needed.
	rejected func(key string) int64
	signed   map[string]signed // signatures by path
	judge    *judge            // nil if the digests are not asked
	result   Result
}

// Import brings the listed files into the store, archives first: the days that
// these leave open are sealed together with the same days of the files, which
// come in order. It is ErrNothing if archives hold no log files and nothing else
// was listed. On an error, or when ctx is
// cancelled, what was committed by then stays and the result says what; the
// same import again goes on from there.
func Import(ctx context.Context, l *lake.Lake, store lake.Store, from *Listing, o Options) (*Result, error) {
	selectors, err := store.Selectors.Compile()
	if err != nil {
		return nil, err // lake.Open has looked at them
	}
	judge, err := o.Digests.judge(ctx, from)
	if err != nil {
		return nil, err
	}
	app, err := o.open(l, store)
	if err != nil {
		return nil, err
	}
	im := &importer{lake: l, app: app, family: store.Schema(), opts: o, selectors: selectors, filter: o.Filter.matcher(), signed: map[string]signed{}, judge: judge}
	im.result.Filter, im.result.DryRun = o.Filter.String(), o.DryRun
	im.now = Progress{TotalBytes: from.Bytes}
	if len(from.Archives) == 0 {
		im.now.TotalObjects = len(from.Objects)
	}
	im.result.Digests, im.result.Others, im.result.Links, im.result.Unlisted = from.Digests, from.Others, from.Links, from.Unlisted
	im.result.Unread = slices.Clone(from.Unread)
	im.result.Judged = judge.result()
	if err := im.run(ctx, from); err != nil {
		receipt, failed := app.Abandon()
		im.result.Receipt = receipt
		return &im.result, errors.Join(err, failed)
	}
	if im.result.Receipt, err = app.Finish(); err != nil {
		var failed error
		im.result.Receipt, failed = app.Abandon()
		err = errors.Join(err, failed)
	}
	if !im.passed && !im.seen.First.IsZero() {
		im.result.Seen = &im.seen
	}
	if err == nil && im.nothing() {
		err = from.nothing(im.result.Digests)
	}
	return &im.result, err
}

// nothing reports whether no object was met, not even one to be left alone.
func (im *importer) nothing() bool {
	r := &im.result
	return r.Read+r.Known+r.Skipped.Total()+int64(len(r.Unread)) == 0
}

func (im *importer) run(ctx context.Context, from *Listing) error {
	for _, a := range from.Archives {
		if err := im.archive(ctx, a); err != nil {
			return err
		}
	}
	fresh, err := im.unknown(ctx, from.Objects)
	if err != nil {
		return err
	}
	var day time.Time
	return readAll(ctx, im.lake, im.offer(fresh), func(f *file) error {
		// Logs arrive minutes late, so a day's last events lie in the next day's
		// folder: with it, three days are open.
		if f.Day.After(day) {
			day = f.Day
			if err := im.app.Advance(day.AddDate(0, 0, -1)); err != nil {
				return err
			}
		}
		return im.turn(ctx, f)
	})
}

// turn takes a file whose turn it is, or notes what becomes of it unread.
func (im *importer) turn(ctx context.Context, f *file) error {
	if f.passed == nil {
		return im.take(ctx, f)
	}
	f.passed(im)
	im.report()
	return nil
}

// unknown leaves out the objects that the filter takes nothing of, and those that
// the store has already.
func (im *importer) unknown(ctx context.Context, objects []Object) ([]Object, error) {
	var fresh []Object
	for _, o := range objects {
		var skipped Skipped
		if im.opts.Filter.skips(o, &skipped) {
			im.skip(o, skipped, o.Bytes)
			continue
		}
		known, err := im.has(ctx, o)
		if errors.Is(err, errUnread) {
			err = nil // reading it will say so
		}
		if err != nil {
			return nil, err
		}
		if known {
			im.known(o)
			im.step(o.Bytes)
			continue
		}
		if o.SignedHash, err = im.signedHash(ctx, o); err != nil {
			im.result.Unread = append(im.result.Unread, Unread{o.Path, err})
			im.step(o.Bytes)
			continue
		}
		fresh = append(fresh, o)
	}
	return fresh, nil
}

// has looks for the object by name and time first: only a file that changed,
// or was copied anew, is read to see whether it is the same. An object of a bucket is
// hashed when it has been fetched.
func (im *importer) has(ctx context.Context, o Object) (bool, error) {
	s := lake.Source{Key: o.Key, Bytes: o.Bytes, Modified: o.Modified}
	known, seen, err := im.lake.Imported(im.app.Store(), s)
	if err != nil || known || !seen || o.bucket != nil && (o.Bytes <= memberBytes || !im.opts.KeepDuplicates) {
		return known, err
	}
	if s.SHA256, err = hashOf(ctx, o); err != nil {
		return false, errors.Join(errUnread, err)
	}
	known, _, err = im.lake.Imported(im.app.Store(), s)
	return known, err
}

// step says that an object is done. The bytes of a member are its archive's.
func (im *importer) step(bytes int64) {
	im.now.Objects++
	if im.packed == nil {
		im.now.Bytes += bytes
	}
	im.report()
}

func (im *importer) report() {
	if im.opts.Progress == nil {
		return
	}
	now := im.now
	if im.packed != nil {
		now.Bytes += im.packed.Load()
	}
	im.opts.Progress(now)
}

// take appends the records of a file.
func (im *importer) take(ctx context.Context, f *file) error {
	im.app.Begin(lake.Source{Key: f.Key, Modified: f.Modified})
	records, foreign := 0, 0
	for {
		batch, err := f.next(ctx)
		if errors.Is(err, errUnread) {
			im.unread(f, err)
			return nil
		}
		if err != nil {
			return err
		}
		if batch == nil {
			break
		}
		records += len(batch)
		for _, r := range batch {
			if r.Reason == decode.ReasonNoRecords {
				foreign++
			}
			if err := im.record(f, r); err != nil {
				return fmt.Errorf("import %s: %w", f.Path, err)
			}
		}
		im.now.Records += int64(len(batch))
		im.report()
	}
	if f.kind == decode.Digest {
		im.result.Digests++
	} else {
		im.result.Read++
	}
	if foreign > 0 && foreign == records {
		im.result.NoRecords++
	}
	im.judged(f)
	im.app.End(f.sha256, f.bytes)
	im.step(f.Bytes)
	return nil
}

// unread goes on behind a file that could not be read.
func (im *importer) unread(f *file, err error) {
	im.app.Break()
	im.result.Unread = append(im.result.Unread, Unread{f.Path, reason(err)})
	im.step(f.Bytes)
}

func (im *importer) record(f *file, r decode.Record) error {
	switch {
	case r.Reason != "":
		return im.reject(f, r)
	case !im.family.Accepts(r.Category):
		im.app.Filter()
		return nil
	case !im.selectors.Match(r.Raw, r.Category):
		im.app.Deselect()
		return nil
	case !im.filter.takes(r):
		im.leaveOut(r)
		return nil
	}
	im.passed = true
	_, err := im.app.Offer(lake.Event{ID: r.ID, Time: r.Time, Raw: r.Raw, Leaf: r.Leaf})
	return err
}

func (im *importer) reject(f *file, r decode.Record) error {
	rej := lake.Reject{Source: f.Key, Record: r.Number, Offset: r.Offset, Length: r.Length, Reason: r.Reason, Raw: r.Raw}
	if len(im.result.Rejects) < shownRejects {
		im.result.Rejects = append(im.result.Rejects, rej)
	}
	return im.app.Reject(rej)
}
