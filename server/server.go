package server

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"tarn/ingest/follow"
	"tarn/lake"
	"tarn/query"
	"tarn/server/access"
	"tarn/server/audit"
	"tarn/server/cloudtrail"
	"tarn/server/fault"
	"tarn/server/metrics"
	"tarn/server/remote"
)

// Bounds of what clients may take, in time and in number.
var (
	headerTime = 10 * time.Second // until the header of a request is there
	bodyTime   = 30 * time.Second // until a statement is there
	idleTime   = 2 * time.Minute  // of a connection that nobody uses
	endTime    = 10 * time.Second // for requests that run when the server ends
	slowTime   = time.Minute      // until somebody takes a piece of their answer
	silentTime = 10 * time.Minute // of a stream of events of which nothing comes
	askAgain   = time.Second      // until it is looked again whether who sends one still may
	// receiptTime is how long who sends a stream of events has to take some of the
	// receipts that wait, before others are left out: who reads only when all is sent
	// would wait for who waits for them.
	receiptTime = 5 * time.Second
	// streams is how many streams of events there are at a time.
	streams = 128
	// connections is how many there are at a time: the lake needs files too.
	connections int64 = 1000
)

// Bounds in bytes and in number.
const (
	headerBytes = 64 << 10
	sqlBytes    = 1 << 20
	pieceBytes  = 64 << 10
	// statements is how many are taken at a time; most of them wait for a worker.
	statements = 64
)

// Server is what answers.
type Server struct {
	// Lake is open for writing.
	Lake *lake.Lake
	// Engine runs statements in a sandbox.
	Engine *query.Engine
	// Access says who somebody is.
	Access *access.Keeper
	// API answers calls of CloudTrail's API.
	API *cloudtrail.API
	// Audit records what was asked.
	Audit *audit.Recorder
	// Follows are what is followed; nil for nothing.
	Follows *follow.Follows
	// Commands runs command lines of clients, each in a folder of its own in CommandDir;
	// nil for none.
	Commands   Commands
	CommandDir string
	// Log hears of every request.
	Log zerolog.Logger

	// Limits bound what is asked with one credential.
	Limits Limits

	requests metrics.Requests
	limiter  limiter
	taken    chan struct{}   // a place for each statement
	streams  chan struct{}   // a place for each stream of events
	commands chan struct{}   // a place for each command line
	open     atomic.Int64    // connections
	ending   <-chan struct{} // closed when the server is to end
	running  sync.RWMutex    // requests hold it for reading; who ends the server, for good
}

// Listen begins to listen at an address such as 127.0.0.1:8276, port 0 being any
// that is free; with TLS if that is given. Without TLS the address must be one that
// only this machine reaches: passwords and answers would be read on the way.
func Listen(address string, secure *tls.Config) (net.Listener, error) {
	if err := checkAddress(address, secure != nil); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	if secure == nil {
		return l, nil
	}
	secure = secure.Clone()
	secure.NextProtos = []string{"h2", "http/1.1"}
	return tls.NewListener(l, secure), nil
}

// Serve answers until ctx is done. Then it lets nobody in, waits a little for the
// requests that run, interrupts the others, and returns nil. When it returns nothing
// runs any more. Call it once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	running, interrupt := context.WithCancel(context.WithoutCancel(ctx))
	defer interrupt()
	s.ending = ctx.Done()
	h := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		BaseContext: func(net.Listener) context.Context { return running },
		ErrorLog:    quiet(s.Log),
		ConnState:   s.count,
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(l) }()
	select {
	case err := <-ended:
		interrupt()
		err = errors.Join(err, h.Close())
		s.running.Lock()
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	err := h.Shutdown(patience)
	if errors.Is(err, context.DeadlineExceeded) {
		interrupt()
		err = h.Close()
	}
	<-ended
	s.running.Lock()
	return err
}

// count closes connections that are too many.
func (s *Server) count(c net.Conn, to http.ConnState) {
	switch to {
	case http.StateNew:
		if s.open.Add(1) > connections {
			_ = c.Close() // it is counted as closed as well
		}
	case http.StateClosed, http.StateHijacked:
		s.open.Add(-1)
	}
}

// Handler returns what answers requests.
func (s *Server) Handler() http.Handler {
	s.taken, s.streams, s.commands = make(chan struct{}, statements), make(chan struct{}, streams), make(chan struct{}, commandsAtOnce)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", s.known("GetMetrics", s.measure))
	mux.Handle("GET /sql", s.known("RunSQL", s.sql))
	mux.Handle("POST /sql", s.known("RunSQL", s.sql))
	mux.Handle("GET "+laterPath, s.known("DescribeQuery", s.describeLater))
	mux.Handle("DELETE "+laterPath, s.known("CancelQuery", s.cancelLater))
	mux.Handle("GET "+laterPath+"/rows", s.known("GetQueryResults", s.rowsLater))
	mux.Handle("POST /{$}", s.known(unknownRequest, s.aws))
	mux.Handle("POST "+auditPath, s.known("PutAuditEvents", s.putAuditEvents))
	mux.Handle("POST /v1/stores/{store}/events", s.door("PutEvents", s.letInUnread, s.putEvents))
	mux.Handle("POST /v1/stores/{arn}/{id}/events", s.door("PutEvents", s.letInUnread, s.putEvents)) // an ARN has a slash
	mux.Handle("POST "+remote.Path, s.door("RunCommand", s.letInUnread, s.command))
	mux.Handle("/", s.known(unknownRequest, func(_ http.ResponseWriter, c *call) error {
		c.act.Request = requestAsked{c.Method, c.URL.Path, ""}
		return fault.New("NotFound", "there is nothing at %s %s", c.Method, c.URL.Path).With("POST /sql takes a statement")
	}))
	return s.logged(mux)
}

// ready says whether the lake can be read.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	snap := s.Lake.Snapshot()
	defer snap.Release()
	if snap.LogSize() == 0 {
		plain(w, http.StatusServiceUnavailable, "not ready\n")
		return
	}
	plain(w, http.StatusOK, "ready\n")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // whoever asked has gone
}
