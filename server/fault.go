package server

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"

	"github.com/rs/zerolog"

	"tarn/internal/hint"
	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/query"
	"tarn/server/access"
)

// fault is an error as a client sees it.
type fault struct {
	status int
	code   string
	msg    string
	hints  []string
}

// Error is error's.
func (f *fault) Error() string { return f.code + ": " + f.msg }

// message is the body of an answer that is an error.
type message struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Hints   []string `json:"hints,omitempty"`
	// Line and Column are where in the statement, from 1, if that is known.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
}

// refusals are the codes of AWS's for which the client has to prove who it is.
var refusals = map[string]int{
	"MissingAuthenticationTokenException": http.StatusUnauthorized,
	"UnrecognizedClientException":         http.StatusUnauthorized,
	"InvalidSignatureException":           http.StatusUnauthorized,
	"IncompleteSignatureException":        http.StatusBadRequest,
	"AccessDeniedException":               http.StatusForbidden,
}

// faultOf is what a client is told of an error: of what is not its business, only a
// number under which it stands in the log.
func faultOf(err error) *fault {
	var known *fault
	var refused *access.Refusal
	var syntax *query.SyntaxError
	of := func(status int, code string) *fault { return &fault{status, code, err.Error(), hint.Of(err)} }
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &refused):
		return &fault{refusals[refused.Code], refused.Code, refused.Msg, nil}
	case errors.As(err, &syntax):
		return of(http.StatusBadRequest, "InvalidQueryStatementException")
	case errors.Is(err, lake.ErrStoreNotFound):
		return of(http.StatusNotFound, "EventDataStoreNotFoundException")
	case errors.Is(err, lake.ErrStoreInactive):
		return of(http.StatusConflict, "InactiveEventDataStoreException")
	case errors.Is(err, query.ErrMemory), errors.Is(err, query.ErrCrash):
		return of(http.StatusUnprocessableEntity, "QueryFailed")
	case errors.Is(err, query.ErrLate):
		return of(http.StatusGatewayTimeout, "QueryTimedOut")
	}
	return nil
}

// fail answers with an error. To whom it cannot be told any more, the connection is
// broken: an answer that ended in order would be one without rows.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		_ = cutOff(w)
		return // nobody is there any more, or the server ends
	}
	f := faultOf(err)
	if f == nil {
		id := uuid.New()
		s.Log.Error().Err(err).Str("error_id", id).Msg("cannot answer")
		f = &fault{http.StatusInternalServerError, "InternalFailure", "something went wrong here; the server's log has it under " + id, nil}
	}
	if e, ok := w.(*exchange); ok && e.status != 0 {
		_ = cutOff(w)
		return // half of an answer has gone
	}
	m := message{Code: f.code, Message: f.msg, Hints: f.hints}
	m.Line, m.Column, _ = query.Place(err)
	answer(w, f.status, m)
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
