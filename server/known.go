package server

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"tarn/lake"
	"tarn/server/access"
	"tarn/server/audit"
	"tarn/server/fault"
	"tarn/server/sigv4"
)

// call is a request of somebody who has proven who they are.
type call struct {
	*http.Request
	who     access.Principal
	body    []byte
	act     audit.Act // what is recorded of it
	audited bool      // it is recorded
	leave   func()    // gives back the place among the requests of who sends it
	taken   int64     // bytes of a body that was not read whole before it was answered
}

// known lets in who has proven who they are, with a body of at most sqlBytes. Whatever
// becomes of that is recorded as the operation of that name.
func (s *Server) known(name string, next func(http.ResponseWriter, *call) error) http.Handler {
	return s.door(name, s.letIn, next)
}

// door answers what comes in as the operation of that name, by next if letIn has nothing
// against it.
func (s *Server) door(name string, letIn, next func(http.ResponseWriter, *call) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{Request: r, act: audit.Asked(r, name), leave: func() {}}
		defer func() { c.leave() }()
		w.Header().Set(requestIDHeader, c.act.ID)
		defer func() {
			if !c.audited { // it breaks
				_ = s.audit(c, errBroke)
			}
		}()
		defer func() { note(w, c) }()
		err := letIn(w, c)
		if err == nil {
			err = next(w, c)
		}
		if err = s.audit(c, err); err != nil {
			c.audited = true
			s.fail(w, r, err)
		}
	})
}

// letIn finds out who sends a call, and reads it.
func (s *Server) letIn(w http.ResponseWriter, c *call) error {
	err := s.identify(c, func() (string, error) {
		err := c.read(w)
		return sigv4.HashOf(c.body), err
	})
	if err != nil {
		return err
	}
	return c.read(w)
}

// letInUnread is letIn for a body that may have no end: it is left to be read, unless a
// signature is over it. What is left of one that is not short is never read as another
// request, nor waited for by an answer.
func (s *Server) letInUnread(w http.ResponseWriter, c *call) error {
	if c.ProtoMajor == 1 && !c.short() {
		w.Header().Set("Connection", "close")
	}
	return s.identify(c, func() (string, error) {
		if sigv4.Leaves(c.Request) {
			return sigv4.Unsigned, nil
		}
		err := c.read(w)
		if f := fault.Of(err); f != nil {
			err = f.With("a signature over a body is checked before any of it counts; without an end it is sent with X-Amz-Content-Sha256: " + sigv4.Unsigned)
		}
		return sigv4.HashOf(c.body), err
	})
}

// short reports whether a body is known to be one that can be read whole.
func (c *call) short() bool { return c.ContentLength >= 0 && c.ContentLength <= sqlBytes }

// identify finds out who sends a call, and whether they may send one more.
func (s *Server) identify(c *call, body access.Body) error {
	if err := s.Audit.Ready(); err != nil {
		return err
	}
	if fromElsewhere(c.Request) {
		return &access.Refusal{Code: "AccessDeniedException", Msg: "a browser sends this for a page of another site, maybe with a password that it remembers"}
	}
	who, err := s.Access.Identify(c.Request, body)
	if err != nil {
		return err
	}
	c.who = who.Doing(c.act.Name)
	if s.API != nil {
		c.who = c.who.Under(s.API.Policies)
	}
	c.leave, err = s.limiter.enter(s.Limits, who.ID, time.Now())
	return err
}

// read reads the body, once. It has bodyTime for that, from the request's start.
func (c *call) read(w http.ResponseWriter) error {
	if c.body != nil {
		return nil
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, c.Body, sqlBytes))
	if long := new(http.MaxBytesError); errors.As(err, &long) {
		return fault.New("RequestTooLarge", "the request has more than 1 MiB")
	}
	if err != nil {
		return fault.New("IncompleteBody", "the request ends before its body does")
	}
	if c.body = b; b == nil {
		c.body = []byte{}
	}
	// From now on the connection is watched for whoever hangs up.
	return http.NewResponseController(w).SetReadDeadline(time.Time{})
}

// fromElsewhere reports whether a browser sends a request for a page of another site.
// That page cannot read the answer, but whether there is one, and how soon, tells it
// what it asks.
func fromElsewhere(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site != "same-origin" && site != "none"
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || u.Host != r.Host
}

// sees returns the snapshot that somebody may see, with those stores alone with which
// they may do that; release snap itself.
func (c *call) sees(snap *lake.Snapshot, act access.Act) *lake.Snapshot {
	return snap.Only(func(st lake.Store) bool { return c.who.MayWith(act, st) })
}

// errorLines passes on what the standard library complains of.
type errorLines struct{ log zerolog.Logger }

// Write is io.Writer's.
func (l errorLines) Write(b []byte) (int, error) {
	l.log.Debug().Str("what", strings.TrimSpace(string(bytes.ToValidUTF8(b, nil)))).Msg("connection")
	return len(b), nil
}
