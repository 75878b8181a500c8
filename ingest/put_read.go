package ingest

import (
	"errors"
	"fmt"
	"io"

	"tarn/ingest/activity"
	"tarn/ingest/decode"
	"tarn/lake"
)

// keptOfReject is how many bytes of a long reject are kept.
const keptOfReject = 1 << 20

// read takes the input apart and sends its records, in order.
func (p *put) read(in io.Reader, send func(item) error) error {
	w := &watched{Reader: in}
	fn := func(r decode.Record) error {
		if r.Reason != "" && w.failed != nil {
			return nil // the input cannot be read; that is no record's fault
		}
		if r.Reason == decode.ReasonNoRecords && r.Length == 0 {
			return nil // nothing came, which is no record either
		}
		return send(p.item(r))
	}
	d := decode.Decoder{EachLine: p.opts.Stream}
	var err error
	if p.opts.Map == nil {
		_, err = d.File(w, fn)
	} else {
		err = d.Objects(w, func(r decode.Record) error { return p.mapped(r, fn) })
	}
	if err == nil {
		err = w.failed
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", p.opts.Name, err)
	}
	return nil
}

// watched is a reader that remembers why it could not read on.
type watched struct {
	io.Reader
	failed error
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		w.failed = err
	}
	return n, err
}

// mapped calls fn with what the map makes of an object.
func (p *put) mapped(r decode.Record, fn func(decode.Record) error) error {
	if r.Reason != "" {
		return fn(r)
	}
	for _, raw := range p.opts.Map.Records(r.Raw) {
		made := decode.Record{Raw: raw, Offset: r.Offset, Length: r.Length, Line: r.Line}
		if e, err := p.opts.Map.Event(raw, p.opts.Origin); err != nil {
			made.Reason = err.Error()
		} else {
			made.Raw, made.ID, made.Time, made.Category, made.Leaf = e.Raw, e.ID, e.Time, activity.Category, lake.Leaf(e.Raw)
		}
		if err := fn(made); err != nil {
			return err
		}
	}
	return nil
}

// item is the next record: an event, unless it is none, or the store takes none of
// its category, or its selectors leave it out.
func (p *put) item(r decode.Record) item {
	p.number++
	i := item{offset: r.Offset, length: r.Length}
	if most := p.opts.MaxBytes; r.Reason == "" && most > 0 && len(r.Raw) > most {
		r.Reason = fmt.Sprintf("the event has %d bytes; the MaxEventSize of %s lets %d", len(r.Raw), p.store.Name, most)
	}
	i.receipt = PutReceipt{Input: p.opts.Name, Number: p.number, Line: r.Line, ID: r.Sender, EventID: r.ID, Code: r.Code, Reason: r.Reason}
	switch {
	case r.Reason != "":
		i.receipt.Outcome, i.raw = PutRejected, r.Raw[:min(len(r.Raw), keptOfReject)]
	case !p.store.Schema().Accepts(r.Category):
		i.receipt.Outcome = PutFiltered
		i.receipt.Reason = fmt.Sprintf("the event data store %s is for %s events; this one's category is %.40q", p.store.Name, p.store.Family, r.Category)
	case !p.selects.now(p.lake, p.store).Match(r.Raw, r.Category):
		i.receipt.Outcome, i.deselected = PutFiltered, true
		i.receipt.Reason = "the event selectors of " + p.store.Name + " do not take it"
	default:
		i.event = lake.Event{ID: r.ID, Time: r.Time, Raw: r.Raw, Leaf: r.Leaf}
	}
	return i
}
