package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"tarn/ingest/activity"
	"tarn/ingest/decode"
	"tarn/lake"
)

// read takes the input apart and sends its records, in order.
func (p *put) read(in io.Reader, send func(item) error) error {
	w := &watched{Reader: in}
	take := p.records
	if p.opts.Map != nil {
		take = p.mapped
	}
	err := take(w, send)
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

// item numbers the next record, which stands in v.
func (p *put) item(v value) item {
	p.number++
	return item{offset: v.offset, length: v.length, receipt: PutReceipt{Input: p.opts.Name, Number: p.number}}
}

func (p *put) reject(raw []byte, v value, reason string) item {
	i := p.item(v)
	i.raw = raw[:min(len(raw), keptOfValue)]
	i.receipt.Outcome, i.receipt.Reason = PutRejected, reason
	return i
}

// accept is an event, unless the store takes none of its category, or its
// selectors leave it out.
func (p *put) accept(v value, e lake.Event, category string) item {
	i := p.item(v)
	i.receipt.EventID = e.ID
	switch {
	case !p.store.Schema().Accepts(category):
		i.receipt.Reason = fmt.Sprintf("the event data store %s is for %s events; this one's category is %.40q", p.store.Name, p.store.Family, category)
	case !p.selects.now(p.lake, p.store).Match(e.Raw, category):
		i.receipt.Reason, i.deselected = "the event selectors of "+p.store.Name+" do not take it", true
	default:
		i.event = e
		return i
	}
	i.receipt.Outcome = PutFiltered
	return i
}

// records sends the records that package decode finds.
func (p *put) records(in *watched, send func(item) error) error {
	var d decode.Decoder
	_, err := d.File(in, func(r decode.Record) error {
		if r.Reason != "" && in.failed != nil {
			return nil // the input cannot be read; that is no record's fault
		}
		var i item
		v := value{offset: r.Offset, length: r.Length}
		if r.Reason != "" {
			i = p.reject(r.Raw, v, r.Reason)
		} else {
			i = p.accept(v, lake.Event{ID: r.ID, Time: r.Time, Raw: r.Raw, Leaf: r.Leaf}, r.Category)
		}
		i.receipt.ID, i.receipt.Code = r.Sender, r.Code
		return send(i)
	})
	return err
}

// mapped sends the records that come out of the map.
func (p *put) mapped(in *watched, send func(item) error) error {
	plain, err := inflated(in)
	if err != nil {
		return err
	}
	for s := (&values{r: plain}); ; {
		v, err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case v.reason != "":
			err = send(p.reject(v.raw, v, v.reason))
		default:
			err = p.mapValue(v, send)
		}
		if err != nil {
			return err
		}
	}
}

func (p *put) mapValue(v value, send func(item) error) error {
	for _, raw := range p.opts.Map.Records(v.raw) {
		e, err := p.opts.Map.Event(raw, p.opts.Origin)
		i := item{}
		if err != nil {
			i = p.reject(raw, v, err.Error())
		} else {
			i = p.accept(v, lake.Event{ID: e.ID, Time: e.Time, Raw: e.Raw, Leaf: lake.Leaf(e.Raw)}, activity.Category)
		}
		if err := send(i); err != nil {
			return err
		}
	}
	return nil
}

// bom is what some programs begin a text in UTF-8 with.
const bom = "\ufeff"

// inflated returns the input as it is, or what a gzip stream holds, without the
// mark that some texts begin with.
func inflated(in io.Reader) (io.Reader, error) {
	r := bufio.NewReaderSize(in, firstWindow)
	// An error of looking ahead comes again when it is read.
	if head, _ := r.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		zip, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = bufio.NewReaderSize(zip, firstWindow)
	}
	if head, _ := r.Peek(1); string(head) == bom[:1] {
		if head, _ := r.Peek(len(bom)); string(head) == bom {
			_, _ = r.Discard(len(bom)) // they are there
		}
	}
	return r, nil
}
