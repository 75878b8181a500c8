package server

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"tarn/lake"
	"tarn/server/access"
)

// call is a request of somebody who has proven who they are.
type call struct {
	*http.Request
	who  access.Principal
	body []byte
}

// known lets in who has proven who they are, with a body of at most sqlBytes.
func (s *Server) known(next func(http.ResponseWriter, *call) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{Request: r}
		who, err := s.Access.Identify(r, func() (hash [sha256.Size]byte, err error) {
			err = c.read(w)
			return sha256.Sum256(c.body), err
		})
		if err == nil {
			c.who = who
			note(w, who.ID)
			err = c.read(w)
		}
		if err == nil {
			err = next(w, c)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// read reads the body, once.
func (c *call) read(w http.ResponseWriter) error {
	if c.body != nil {
		return nil
	}
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Now().Add(bodyTime)); err != nil {
		return err
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, c.Body, sqlBytes))
	if long := new(http.MaxBytesError); errors.As(err, &long) {
		return &fault{http.StatusRequestEntityTooLarge, "RequestTooLarge", "the request has more than 1 MiB", nil}
	}
	if err != nil {
		return &fault{http.StatusBadRequest, "IncompleteBody", "the request ends before its body does", nil}
	}
	if c.body = b; b == nil {
		c.body = []byte{}
	}
	// From now on the connection is watched for whoever hangs up.
	return control.SetReadDeadline(time.Time{})
}

// sees returns the snapshot that somebody may see, with those stores alone with which
// they may do that; release snap itself.
func (c *call) sees(snap *lake.Snapshot, act access.Act) *lake.Snapshot {
	return snap.Only(func(st lake.Store) bool { return c.who.May(act, st.ID) })
}

// exchange is an answer that is looked at while it is written.
type exchange struct {
	http.ResponseWriter
	status int
	bytes  int64
	who    string
}

// Unwrap is for http.ResponseController.
func (e *exchange) Unwrap() http.ResponseWriter { return e.ResponseWriter }

// WriteHeader is http.ResponseWriter's.
func (e *exchange) WriteHeader(status int) {
	e.status = status
	e.ResponseWriter.WriteHeader(status)
}

// Write is io.Writer's.
func (e *exchange) Write(b []byte) (int, error) {
	if e.status == 0 {
		e.status = http.StatusOK
	}
	n, err := e.ResponseWriter.Write(b)
	e.bytes += int64(n)
	return n, err
}

// note notes for the log who asks.
func note(w http.ResponseWriter, who string) {
	if e, ok := w.(*exchange); ok {
		e.who = who
	}
}

// logged writes a line for each request. What was asked is not in it, nor what was
// sent along: there may be secrets in both.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &exchange{ResponseWriter: w}
		start := time.Now()
		next.ServeHTTP(e, r)
		s.Log.Info().Str("remote", r.RemoteAddr).Str("method", r.Method).Str("path", r.URL.Path).Str("access_key", e.who).
			Int("status", e.status).Int64("bytes", e.bytes).Dur("took", time.Since(start)).Msg("request")
	})
}

// errorLines passes on what the standard library complains of.
type errorLines struct{ log zerolog.Logger }

// Write is io.Writer's.
func (l errorLines) Write(b []byte) (int, error) {
	l.log.Debug().Str("what", strings.TrimSpace(string(bytes.ToValidUTF8(b, nil)))).Msg("connection")
	return len(b), nil
}
