package server

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"time"
)

// exchange is an answer that is looked at while it is written.
type exchange struct {
	http.ResponseWriter
	status int
	bytes  int64
	taken  int64 // bytes of a request whose length nobody told
	who    string
	// operation is what is counted; what has no name of its own is other.
	operation string
}

// Unwrap is for http.ResponseController.
func (e *exchange) Unwrap() http.ResponseWriter { return e.ResponseWriter }

// WriteHeader is http.ResponseWriter's.
func (e *exchange) WriteHeader(status int) {
	e.status = status
	e.ResponseWriter.WriteHeader(status)
}

// Write is io.Writer's. Whoever takes longer than slowTime over a piece is taken for
// gone: a snapshot and a worker wait for them.
func (e *exchange) Write(b []byte) (n int, err error) {
	if e.status == 0 {
		e.status = http.StatusOK
	}
	control := http.NewResponseController(e.ResponseWriter)
	for piece := range slices.Chunk(b, pieceBytes) {
		if err := control.SetWriteDeadline(time.Now().Add(slowTime)); err != nil {
			return n, err
		}
		some, err := e.ResponseWriter.Write(piece)
		n += some
		e.bytes += int64(some)
		if err != nil {
			return n, err
		}
	}
	return n, control.SetWriteDeadline(time.Time{}) // the next row may be long in coming
}

// note notes for the log who asks, and for what counts what.
func note(w http.ResponseWriter, c *call) {
	if e, ok := w.(*exchange); ok {
		e.who, e.operation, e.taken = c.who.ID, c.act.Name, c.taken
	}
}

// logged writes a line for each request. What was asked is not in it, nor what was
// sent along: there may be secrets in both.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.running.TryRLock() { // it came while the server ended
			_ = cutOff(w)
			return
		}
		defer s.running.RUnlock()
		e := &exchange{ResponseWriter: w, operation: "other"}
		start := time.Now()
		s.requests.Begin()
		s.bounded(e, r, next)
		s.requests.End(e.operation, e.status, max(r.ContentLength, e.taken), e.bytes, time.Since(start))
		s.Log.Info().Str("remote", r.RemoteAddr).Str("method", r.Method).Str("path", r.URL.Path).Str("access_key", e.who).
			Int("status", e.status).Int64("bytes", e.bytes).Dur("took", time.Since(start)).Msg("request")
	})
}

// bounded answers a request within bounds: a body that does not come, an answer that
// nobody takes and a fault of ours end it, whoever sent it.
func (s *Server) bounded(e *exchange, r *http.Request, next http.Handler) {
	control := http.NewResponseController(e.ResponseWriter)
	now := time.Now()
	if err := errors.Join(control.SetReadDeadline(now.Add(bodyTime)), control.SetWriteDeadline(time.Time{})); err != nil {
		s.fail(e, r, err)
		return
	}
	defer func() {
		if cause := recover(); cause != nil {
			err := fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
			if r.Context().Err() != nil {
				s.Log.Error().Err(err).Msg("cannot answer")
			}
			s.fail(e, r, err)
			return
		}
		if r.Context().Err() == nil {
			_ = control.SetWriteDeadline(time.Now().Add(slowTime)) // for what is still in buffers
		}
	}()
	e.Header().Set("X-Content-Type-Options", "nosniff")
	next.ServeHTTP(e, r)
}
