package server

import (
	"encoding/json"
	"log"
	"net/http"

	"github.com/rs/zerolog"

	"tarn/internal/uuid"
	"tarn/query"
	"tarn/server/fault"
)

// message is the body of an answer that is an error.
type message struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Hints   []string `json:"hints,omitempty"`
	// Line and Column are where in the statement, from 1, if that is known.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
}

// fail answers with an error. To whom it cannot be told any more, the connection is
// broken: an answer that ended in order would be one without rows.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		_ = cutOff(w)
		return // nobody is there any more, or the server ends
	}
	f := s.told(err)
	if e, ok := w.(*exchange); ok && e.status != 0 {
		_ = cutOff(w)
		return // half of an answer has gone
	}
	if f.Status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	if byTarget(r) {
		awsFault(w, f)
		return
	}
	if r.URL.Path == auditPath {
		restFault(w, f)
		return
	}
	m := message{Code: f.Code, Message: f.Msg, Hints: f.Hints}
	m.Line, m.Column, _ = query.Place(err)
	answer(w, f.Status, m)
}

// told is what a client is told of an error. What is not their business goes into the
// log.
func (s *Server) told(err error) *fault.Fault {
	f := fault.Of(err)
	if f == nil {
		id := uuid.New()
		s.Log.Error().Err(err).Str("error_id", id).Msg("cannot answer")
		f = fault.New("InternalFailure", "something went wrong here; the server's log has it under %s", id)
	}
	return f
}

func answer(w http.ResponseWriter, status int, m message) {
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="tarn", charset="UTF-8"`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	_ = out.Encode(m) // whoever asked has gone
}

// quiet is a logger of the standard library that writes to ours.
func quiet(to zerolog.Logger) *log.Logger { return log.New(errorLines{to}, "", 0) }
