package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"tarn/ingest"
)

// receiptBytes is how much of an answer waits for a client that sends on and does not
// read.
const receiptBytes = 1 << 20

// receipts are an answer that is written while the request still comes.
type receipts struct {
	w       http.ResponseWriter
	control *http.ResponseController
	silent  bool
	news    chan struct{} // something waits, or it is the end
	taken   chan struct{} // there is more room
	done    chan struct{} // closed when nothing is written any more

	mu      sync.Mutex
	waiting bytes.Buffer
	begun   bool // some was handed over
	ended   bool // nothing more comes
	behind  bool // the client reads nothing at the moment
	writing bool
	gone    bool // nobody reads
	leftOut int64
}

// newReceipts begins an answer, without receipts if it is to be silent; close it.
func newReceipts(w http.ResponseWriter, silent bool) (*receipts, error) {
	q := &receipts{w: w, control: http.NewResponseController(w), silent: silent,
		news: make(chan struct{}, 1), taken: make(chan struct{}, 1), done: make(chan struct{})}
	if err := q.control.EnableFullDuplex(); err != nil {
		return nil, err
	}
	h := w.Header()
	h.Set("Content-Type", contentTypes["ndjson"])
	if silent {
		h.Set("Content-Type", contentTypes["json"])
	}
	h.Set("Cache-Control", "no-store")
	go q.write()
	return q, nil
}

// add hands a receipt over.
func (q *receipts) add(r ingest.PutReceipt) {
	if q.silent {
		return
	}
	line, err := json.Marshal(r)
	if err != nil {
		return // it is made of texts and numbers
	}
	line = append(line, '\n')
	if !q.room(len(line)) {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.begun = true
	q.waiting.Write(line)
	wake(q.news)
}

// room waits until so many bytes more may wait, or leaves out what has them.
func (q *receipts) room(n int) bool {
	late := time.NewTimer(receiptTime)
	defer late.Stop()
	for {
		q.mu.Lock()
		full := q.waiting.Len()+n > receiptBytes
		if !full || q.behind || q.gone {
			q.behind = full
			if full {
				q.leftOut++
			}
			q.mu.Unlock()
			return !full
		}
		q.mu.Unlock()
		select {
		case <-q.taken:
		case <-late.C:
			q.mu.Lock()
			q.behind = true
			q.mu.Unlock()
		}
	}
}

// wake tells whoever waits, or will.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// missing is how many receipts were left out.
func (q *receipts) missing() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.leftOut
}

// last hands the last line over. The status is that of an answer of which it is the
// first.
func (q *receipts) last(status int, line []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.begun {
		q.w.WriteHeader(status)
	}
	q.waiting.Write(line)
}

// close waits until all is written, or cannot be.
func (q *receipts) close() {
	q.mu.Lock()
	q.ended = true
	q.mu.Unlock()
	wake(q.news)
	<-q.done
}

// write writes what waits, to the end.
func (q *receipts) write() {
	defer close(q.done)
	for {
		q.mu.Lock()
		piece := bytes.Clone(q.waiting.Next(pieceBytes))
		ended, gone := q.ended, q.gone
		q.writing = len(piece) > 0 && !gone
		q.mu.Unlock()
		wake(q.taken)
		switch {
		case len(piece) == 0 && ended:
			return
		case len(piece) == 0:
			<-q.news
		case !gone:
			q.send(piece)
		}
	}
}

// send writes a piece at once.
func (q *receipts) send(piece []byte) {
	_, err := q.w.Write(piece)
	if err == nil {
		err = q.control.SetWriteDeadline(time.Now().Add(slowTime))
	}
	if err == nil {
		err = q.control.Flush()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.writing = false
	q.gone = err != nil
	_ = q.control.SetWriteDeadline(time.Time{}) // the next one may be long in coming
}

// renew gives a client time that sends and does not read yet.
func (q *receipts) renew() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.writing {
		_ = q.control.SetWriteDeadline(time.Now().Add(slowTime)) // where it cannot be set, writing fails
	}
}
