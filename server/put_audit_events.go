package server

import (
	"encoding/json"
	"net/http"
	"strings"

	"tarn/server/fault"
)

// auditPath is where audit events are put, as AWS's REST protocol has it.
const auditPath = "/PutAuditEvents"

// putAuditEvents answers when the events are durable.
func (s *Server) putAuditEvents(w http.ResponseWriter, c *call) error {
	given, err := parametersOf(c.Request, "channelArn", "externalId")
	if err != nil {
		return err
	}
	c.act.Data, c.act.Stores = true, []string{given.Get("channelArn")}
	out, err := s.API.PutAuditEvents(c.Context(), c.who, given.Get("channelArn"), given.Get("externalId"), c.body)
	if err != nil {
		return err
	}
	c.act.Events = int64(len(out.Successful))
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(text) // whoever sent them has gone
	return nil
}

// restFault answers as AWS's REST protocol has it: the name in a header, and what to do
// behind what is wrong.
func restFault(w http.ResponseWriter, f *fault.Fault) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set(errorTypeHeader, f.Code)
	w.WriteHeader(f.Status)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	_ = out.Encode(map[string]string{"message": strings.Join(append([]string{f.Msg}, f.Hints...), "; ")}) // whoever sent it has gone
}
