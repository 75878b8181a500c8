package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"tarn/lake"
)

const (
	// waitingRejects is how many bytes of rejects wait for the end of an import,
	// while what follows them goes on.
	waitingRejects = 16 << 20
	// lookAgain is how often somebody who waits for an import looks.
	lookAgain = 100 * time.Millisecond
)

// rejects are records that were rejected and are not yet kept by the lake.
type rejects struct {
	list  []lake.Reject
	bytes int
}

// keepRejects lets the lake keep what was rejected of a batch. While it imports,
// that has to wait: an event behind it need not, unless too much waits.
func (p *put) keepRejects(ctx context.Context, batch []item) error {
	for _, i := range batch {
		if i.receipt.Outcome == PutRejected {
			p.rejects.list = append(p.rejects.list, lake.Reject{Record: i.receipt.Number, Offset: i.offset, Length: i.length, Reason: i.receipt.Reason, Raw: i.raw})
			p.rejects.bytes += len(i.raw)
		}
	}
	err := p.rejects.keep(p.lake, p.store, p.opts.Name)
	if errors.Is(err, lake.ErrImporting) {
		err = nil
		if p.rejects.bytes > waitingRejects {
			err = p.rejects.keepAll(ctx, p.lake, p.store, p.opts.Name)
		}
	}
	return err
}

// keepAll lets the lake keep what waits, and waits for the end of an import.
func (r *rejects) keepAll(ctx context.Context, l *lake.Lake, store lake.Store, source string) error {
	for {
		err := r.keep(l, store, source)
		if !errors.Is(err, lake.ErrImporting) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d records that were rejected are not kept: %w", len(r.list), err)
		case <-time.After(lookAgain):
		}
	}
}

// keep lets the lake keep what waits, as an import of it alone.
func (r *rejects) keep(l *lake.Lake, store lake.Store, source string) error {
	if len(r.list) == 0 {
		return nil
	}
	app, err := l.Append(store, lake.AppendOptions{Brief: true})
	if err != nil {
		return err
	}
	app.Begin(lake.Source{Key: source, Modified: time.Now().UTC()})
	hash := sha256.New()
	for _, reject := range r.list {
		hash.Write(reject.Raw)
		if err = app.Reject(reject); err != nil {
			break
		}
	}
	if err == nil {
		app.End(base64.StdEncoding.EncodeToString(hash.Sum(nil)), int64(r.bytes))
		_, err = app.Finish()
	}
	if err != nil {
		_, failed := app.Abandon()
		return errors.Join(err, failed)
	}
	*r = rejects{}
	return nil
}
