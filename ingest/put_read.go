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
	"tarn/internal/jscan"
	"tarn/lake"
)

// read takes the input apart and sends its records, in order.
func (p *put) read(in io.Reader, send func(item) error) error {
	plain, err := inflated(in)
	if err != nil {
		return fmt.Errorf("read %s: %w", p.opts.Name, err)
	}
	s := &values{r: plain}
	var d decode.Decoder
	for {
		v, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", p.opts.Name, err)
		}
		switch {
		case v.reason != "":
			err = send(p.reject(v.raw, v, v.reason))
		case p.opts.Map != nil:
			err = p.mapped(v, send)
		case activity.IsAuditEvents(v.raw):
			err = p.auditEvents(v, send)
		default:
			err = p.records(&d, v, send)
		}
		if err != nil {
			return err
		}
	}
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

// accept is an event, unless the store takes none of its category.
func (p *put) accept(v value, e lake.Event, category string) item {
	i := p.item(v)
	i.event, i.receipt.EventID = e, e.ID
	if !p.store.Schema().Accepts(category) {
		i.event = lake.Event{}
		i.receipt.Outcome = PutFiltered
		i.receipt.Reason = fmt.Sprintf("the event data store %s is for %s events; this one's category is %.40q", p.store.Name, p.store.Family, category)
	}
	return i
}

func (p *put) acceptActivity(v value, e activity.Event) item {
	return p.accept(v, lake.Event{ID: e.ID, Time: e.Time, Raw: e.Raw, Leaf: lake.Leaf(e.Raw)}, activity.Category)
}

// mapped sends the records of a value by way of the map.
func (p *put) mapped(v value, send func(item) error) error {
	for _, raw := range p.opts.Map.Records(v.raw) {
		e, err := p.opts.Map.Event(raw, p.opts.Origin)
		i := item{}
		if err != nil {
			i = p.reject(raw, v, err.Error())
		} else {
			i = p.acceptActivity(v, e)
		}
		if err := send(i); err != nil {
			return err
		}
	}
	return nil
}

// auditEvents sends the events of a body of PutAuditEvents.
func (p *put) auditEvents(v value, send func(item) error) error {
	entries, err := activity.AuditEvents(v.raw, p.opts.Origin)
	if err != nil {
		return send(p.faulty(v, v.raw, err))
	}
	for _, e := range entries {
		var i item
		if e.Fault != nil {
			i = p.faulty(v, e.Raw, e.Fault)
		} else {
			i = p.acceptActivity(v, e.Event)
		}
		i.receipt.ID = e.ID
		if err := send(i); err != nil {
			return err
		}
	}
	return nil
}

// faulty is a reject with the code of a fault.
func (p *put) faulty(v value, raw []byte, err error) item {
	i := p.reject(raw, v, err.Error())
	var f *activity.Fault
	if errors.As(err, &f) {
		i.receipt.Code = f.Code
	}
	return i
}

// records sends the CloudTrail records of a value, which is a log file's object
// or a bare record.
func (p *put) records(d *decode.Decoder, v value, send func(item) error) error {
	file := io.Reader(bytes.NewReader(v.raw))
	shift := int64(0)
	if !isLogFile(v.raw) {
		const lead = `{"Records":[`
		file = io.MultiReader(bytes.NewReader([]byte(lead)), file, bytes.NewReader([]byte("]}")))
		shift = int64(len(lead))
	}
	_, err := d.File(file, func(r decode.Record) error {
		at := value{offset: v.offset + r.Offset - shift, length: r.Length}
		if r.Reason != "" {
			return send(p.reject(r.Raw, at, r.Reason))
		}
		return send(p.accept(at, lake.Event{ID: r.ID, Time: r.Time, Raw: r.Raw, Leaf: r.Leaf}, r.Category))
	})
	return err
}

// isLogFile reports whether an object has the member that log files have.
func isLogFile(v []byte) bool {
	for it := jscan.Members(v); ; {
		key, _, ok := it.Next()
		if !ok || string(key) == "Records" {
			return ok
		}
	}
}
