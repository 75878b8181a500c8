package server

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"tarn/lake"
	"tarn/server/access"
	"tarn/server/fault"
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
		if fromElsewhere(r) {
			s.fail(w, r, &access.Refusal{Code: "AccessDeniedException", Msg: "a browser sends this for a page of another site, maybe with a password that it remembers"})
			return
		}
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
	return snap.Only(func(st lake.Store) bool { return c.who.May(act, st.ID) })
}

// errorLines passes on what the standard library complains of.
type errorLines struct{ log zerolog.Logger }

// Write is io.Writer's.
func (l errorLines) Write(b []byte) (int, error) {
	l.log.Debug().Str("what", strings.TrimSpace(string(bytes.ToValidUTF8(b, nil)))).Msg("connection")
	return len(b), nil
}
