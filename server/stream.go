package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tarn/ingest"
	"tarn/lake"
	"tarn/server/cloudtrail"
	"tarn/server/fault"
)

// firstRejects is how many records that were rejected the last line has.
const firstRejects = 100

// summed is the last line of the answer to a stream: what became of its records, and
// why it ended if that was not the end of the body.
type summed struct {
	Counts  eventCounts         `json:"counts"`
	Rejects []ingest.PutReceipt `json:"rejects,omitempty"`
	// LeftOut is how many receipts nobody took in time.
	LeftOut int64 `json:"receiptsLeftOut,omitempty"`
	*message
}

// eventCounts are lake.Counts as far as they are known of a stream.
type eventCounts struct {
	Records    int64 `json:"records"`
	Stored     int64 `json:"stored"`
	Duplicates int64 `json:"duplicates"`
	Conflicts  int64 `json:"conflicts"`
	Filtered   int64 `json:"filtered"`
	Rejected   int64 `json:"rejected"`
}

// putEvents takes in the events of a body that may have no end, and answers with what
// became of each as soon as it is durable.
func (s *Server) putEvents(w http.ResponseWriter, c *call) error {
	c.act.Data = true
	given, err := parametersOf(c.Request, "map", "receipts")
	if err != nil {
		return err
	}
	ref := c.PathValue("store")
	if ref == "" {
		ref = c.PathValue("arn") + "/" + c.PathValue("id")
	}
	c.act.Stores = []string{ref}
	into, err := s.API.Intake(c.who, ref, given.Get("map"))
	if err != nil {
		return err
	}
	c.act.Stores = []string{into.Store.ID}
	silent, err := silently(c.Request, given)
	if err != nil {
		return err
	}
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		s.limiter.byStreams.Add(1)
		return fault.New(fault.Throttled, "%d streams of events are coming in", streams).With("send it again later, or as one stream with others")
	}
	// What is not long is read whole, so that nothing need go both ways at a time.
	if c.body == nil && c.short() {
		if err := c.read(w); err != nil {
			return err
		}
	}
	return s.takeIn(w, c, into, silent)
}

// silently reports whether only the last line of an answer is wanted.
func silently(r *http.Request, given url.Values) (bool, error) {
	switch given.Get("receipts") {
	case "on":
		return false, nil
	case "off":
		return true, nil
	case "":
	default:
		return false, fault.New(fault.Invalid, "receipts is on or off, and not %q", given.Get("receipts"))
	}
	accepted := strings.Join(r.Header.Values("Accept"), ",")
	for part := range strings.SplitSeq(accepted, ",") {
		media, _, err := mime.ParseMediaType(part)
		switch {
		case err != nil:
		case media == "*/*" || media == "application/*" || mediaTypes[media] == "ndjson":
			return false, nil
		case mediaTypes[media] == "json":
			return true, nil
		}
	}
	if strings.TrimSpace(accepted) == "" {
		return false, nil
	}
	return false, fault.New("NotAcceptable", "no format of Accept is one that there is").
		With("Accept: application/x-ndjson for a line for each record, application/json for the counts alone")
}

// takeIn takes in the body of a call.
func (s *Server) takeIn(w http.ResponseWriter, c *call, into cloudtrail.Intake, silent bool) error {
	// Whoever hangs up has sent what has come.
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.Context()))
	defer cancel()
	out, err := newReceipts(w, silent)
	if err != nil {
		return err
	}
	var body io.Reader = bytes.NewReader(c.body)
	end := func(error) {}
	if c.body == nil {
		f := &feed{server: s, call: c, control: out.control, out: out, asked: time.Now()}
		defer f.leave()
		body, end = f, f.end
	}
	defer out.close()
	defer s.whenItEnds(end, cancel)()
	body, done, err := unpacked(body, c.Header.Get("Content-Encoding"))
	if err != nil {
		return err
	}
	defer done()
	var said summed
	counts, err := into.Put(ctx, body, func(r ingest.PutReceipt) {
		if r.Outcome == ingest.PutRejected && len(said.Rejects) < firstRejects {
			said.Rejects = append(said.Rejects, r)
		}
		out.add(r)
	})
	if ctx.Err() != nil {
		err = ends()
	}
	return s.sumUp(c, out, said, counts, err)
}

// whenItEnds ends a stream when the server is to end, and interrupts it if that takes
// long, until done is called.
func (s *Server) whenItEnds(end func(error), interrupt func()) (done func()) {
	over, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-over:
			return
		case <-s.ending:
			end(ends())
		}
		select {
		case <-over:
		case <-time.After(endTime):
			interrupt()
		}
	}()
	return func() {
		close(over)
		<-watched
	}
}

// ends is why a stream ends with the server.
func ends() error {
	return fault.New(fault.Unavailable, "the server ends").With("send what has no receipt again; what was stored already is a duplicate then")
}

// sumUp records what became of a stream, and writes the last line.
func (s *Server) sumUp(c *call, out *receipts, said summed, n lake.Counts, err error) error {
	said.Counts = eventCounts{n.Offered, n.Stored, n.Duplicates, n.Conflicts, n.Filtered, n.Rejected}
	c.act.Events = n.Stored + n.Duplicates + n.Conflicts
	c.act.Counts = map[string]int64{"stored": n.Stored, "duplicates": n.Duplicates, "conflicts": n.Conflicts, "filtered": n.Filtered, "rejected": n.Rejected}
	status := http.StatusOK
	if err = s.audit(c, err); err != nil {
		f := s.told(err)
		status, said.message = f.Status, &message{Code: f.Code, Message: f.Msg, Hints: f.Hints}
	}
	said.LeftOut = out.missing()
	text, err := json.Marshal(said)
	if err != nil {
		return err
	}
	out.last(status, append(text, '\n'))
	return nil
}
