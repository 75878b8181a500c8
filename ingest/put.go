package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"tarn/ingest/activity"
	"tarn/lake"
)

// What a batch has at most, and how long it waits for an event more: as long as
// nobody notices.
const (
	putEvents = 500
	putBytes  = 1 << 20
	putPause  = 5 * time.Millisecond
)

// PutOptions say how to put. The zero value takes CloudTrail records, and bodies
// of PutAuditEvents.
type PutOptions struct {
	// Map, if not nil, makes activity events of what comes in.
	Map *activity.Map
	// Origin is what activity events say about this lake.
	Origin activity.Origin
	// Name is what the input is called in rejects: a path, or "stdin".
	Name string
	// Receipt, if not nil, hears what became of each record, in order, once that
	// is durable. An error ends the put.
	Receipt func(PutReceipt) error
	// MaxBytes is how long an event is at most that is taken; 0 means as long as any.
	MaxBytes int
	// Stream says that somebody sends records in lines who is told at once what is
	// rejected: each line alone, and not kept in the lake.
	Stream bool
}

// PutReceipt says what became of a record.
type PutReceipt struct {
	// Input is the name of what the record came in, Number counts its records
	// from 1.
	Input  string `json:"input,omitempty"`
	Number int64  `json:"number"`
	// Line is the line of the input in which the record starts, from 1.
	Line int64 `json:"line"`
	// ID is what the sender of a body of PutAuditEvents calls the event.
	ID string `json:"id,omitempty"`
	// Outcome is stored, duplicate, conflict, filtered or rejected.
	Outcome string `json:"outcome"`
	// EventID is the event's; empty if it has none.
	EventID string `json:"eventID,omitempty"`
	// Code is PutAuditEvents' code of the reason why it was rejected, Reason says
	// why it was rejected or filtered.
	Code   string `json:"errorCode,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// The outcomes of a PutReceipt.
const (
	PutStored    = "stored"
	PutDuplicate = "duplicate"
	PutConflict  = "conflict"
	PutFiltered  = "filtered"
	PutRejected  = "rejected"
)

// outcomeNames are what receipts call the lake's outcomes.
func outcomeNames() map[lake.Outcome]string {
	return map[lake.Outcome]string{lake.Stored: PutStored, lake.Duplicate: PutDuplicate, lake.Conflict: PutConflict}
}

// Put takes the events of an input into the store, in batches: an event is not
// kept waiting for others that have not come yet. The counts, which are returned
// on an error too, are of what is durable. Records that are rejected are kept in
// the lake with their bytes, unless they come in a Stream; while an import is under
// way they wait for its end.
func Put(ctx context.Context, l *lake.Lake, store lake.Store, in io.Reader, o PutOptions) (lake.Counts, error) {
	p := &put{lake: l, store: store, opts: o}
	err := p.run(ctx, in)
	return p.counts, errors.Join(err, p.rejects.keepAll(ctx, l, store, o.Name))
}

// run reads, and flushes what came, to the end of the input.
func (p *put) run(ctx context.Context, in io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream := interruptible(ctx, in)
	defer stream.Close()
	items, failed := make(chan item, putEvents), make(chan error, 1)
	go func() {
		defer close(items)
		failed <- p.read(stream, func(i item) error {
			select {
			case items <- i:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	for {
		batch, more := gather(items)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.flush(ctx, batch); err != nil {
			return err
		}
		if !more {
			return <-failed
		}
	}
}

// item is a record on its way: an event, or a receipt that says why it is none.
type item struct {
	event          lake.Event
	receipt        PutReceipt
	raw            []byte // of a reject
	offset, length int64
	deselected     bool // filtered by the store's selectors
}

// gather returns what came until a batch is full or nothing more comes at the
// moment; more is false at the end.
func gather(items <-chan item) (batch []item, more bool) {
	first, ok := <-items
	if !ok {
		return nil, false
	}
	batch = append(batch, first)
	pause := time.NewTimer(putPause)
	defer pause.Stop()
	for size := len(first.event.Raw); len(batch) < putEvents && size < putBytes; {
		select {
		case i, ok := <-items:
			if !ok {
				return batch, false
			}
			batch = append(batch, i)
			size += len(i.event.Raw) + len(i.raw)
		case <-pause.C:
			return batch, true
		}
	}
	return batch, true
}

// put carries one put through.
type put struct {
	lake    *lake.Lake
	store   lake.Store
	selects selects
	opts    PutOptions
	number  int64 // of the record read last
	counts  lake.Counts
	rejects rejects // not kept yet
}

// flush puts a batch, keeps what was rejected, and hands out the receipts: up to
// the first event of which nothing is known, if there is an error.
func (p *put) flush(ctx context.Context, batch []item) error {
	var events []lake.Event
	for _, i := range batch {
		if i.receipt.Outcome == "" {
			events = append(events, i.event)
		}
	}
	outcomes, failed := p.lake.Put(ctx, p.store, events)
	if !p.opts.Stream {
		if err := p.keepRejects(ctx, batch); err != nil {
			return errors.Join(failed, err)
		}
	}
	names := outcomeNames()
	for _, i := range batch {
		if i.receipt.Outcome == "" {
			if len(outcomes) == 0 {
				break
			}
			i.receipt.Outcome, outcomes = names[outcomes[0]], outcomes[1:]
		}
		p.count(i)
		if p.opts.Receipt == nil {
			continue
		}
		if err := p.opts.Receipt(i.receipt); err != nil {
			return errors.Join(failed, fmt.Errorf("write the receipt: %w", err))
		}
	}
	return failed
}

func (p *put) count(i item) {
	p.counts.Offered++
	switch i.receipt.Outcome {
	case PutStored:
		p.counts.Stored++
	case PutDuplicate:
		p.counts.Duplicates++
	case PutConflict:
		p.counts.Conflicts++
	case PutFiltered:
		p.counts.Filtered++
		if i.deselected {
			p.counts.Deselected++
		}
	case PutRejected:
		p.counts.Rejected++
	}
}
