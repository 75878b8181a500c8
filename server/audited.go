package server

import (
	"encoding/json"
	"errors"

	"tarn/server/audit"
	"tarn/server/fault"
)

// unknownRequest is the name of a request that is for no operation, or not known yet.
const unknownRequest = "UnknownRequest"

// errBroke is what the audit says of an act on which we broke.
var errBroke = errors.New("panic")

// audit records what became of a call, once. It returns err, or why the record of a
// call without one is not on disk: then nothing is answered as if it were.
func (s *Server) audit(c *call, err error) error {
	if c.audited || errors.Is(err, audit.ErrNotKept) {
		return err // it is, or nothing was done
	}
	c.audited = true
	a := &c.act
	if err != nil {
		a.Code, a.Message = whyNot(c, err)
	}
	if c.who.ID != "" {
		a.Who = audit.Holder(c.who)
		a.Add("role", c.who.Role)
	}
	return errors.Join(err, s.Audit.Record(*a))
}

// whyNot is what the record of an act says that did not succeed: what the client is
// told, too.
func whyNot(c *call, err error) (code, message string) {
	if f := fault.Of(err); f != nil {
		return f.Code, f.Msg
	}
	if c.Context().Err() != nil {
		return "RequestCanceled", "the client hung up, or the server ended"
	}
	return "InternalFailure", "the server's log has the reason"
}

// statementAsked is what the record of a statement says that was asked.
type statementAsked struct {
	Statement string `json:"queryStatement"`
	Store     string `json:"eventDataStore,omitempty"`
	Format    string `json:"format"`
}

// requestAsked is that of a request that fits nothing.
type requestAsked struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Target string `json:"target,omitempty"`
}

// asked is a body as what was asked, if it is JSON.
func (c *call) asked() any {
	if json.Valid(c.body) {
		return json.RawMessage(c.body)
	}
	return nil
}
