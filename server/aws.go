package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"tarn/server/cloudtrail"
	"tarn/server/fault"
)

// Names of AWS's JSON protocol 1.1.
const (
	targetHeader    = "X-Amz-Target"
	requestIDHeader = "X-Amzn-Requestid"
	errorTypeHeader = "X-Amzn-Errortype"
	awsJSON         = "application/x-amz-json-1.1"
)

// aws answers a call of CloudTrail's API. The operation's name stands behind the last
// dot of the target: what is before it differs between SDKs.
func (s *Server) aws(w http.ResponseWriter, c *call) error {
	target := c.Header.Get(targetHeader)
	if target == "" {
		return fault.New("MissingActionException", "the header %s, which names the operation, is not there", targetHeader).With("SQL is asked with POST /sql")
	}
	name := target[strings.LastIndexByte(target, '.')+1:]
	c.act.Request = requestAsked{c.Method, c.URL.Path, target}
	if changes, known := cloudtrail.Changes(name); known {
		c.act.Name, c.act.Changes, c.act.Request = name, changes, c.asked()
	}
	out, err := s.API.Call(c.Context(), c.who, name, c.body)
	c.act.Response = out
	if err := s.audit(c, err); err != nil {
		return err
	}
	var text bytes.Buffer
	write := json.NewEncoder(&text)
	write.SetEscapeHTML(false)
	if err := write.Encode(out); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", awsJSON)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(bytes.TrimSuffix(text.Bytes(), []byte("\n"))) // whoever asked has gone
	return nil
}

// byTarget reports whether a request speaks AWS's JSON protocol, also in error.
func byTarget(r *http.Request) bool { return r.Header.Get(targetHeader) != "" }

// awsMessage is the body of an answer of AWS's that is an error.
type awsMessage struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

// awsFault answers as AWS does. What to do stands behind what is wrong: there is no
// other member that clients show.
func awsFault(w http.ResponseWriter, f *fault.Fault) {
	h := w.Header()
	h.Set("Content-Type", awsJSON)
	h.Set(errorTypeHeader, f.Code)
	w.WriteHeader(f.Status)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	_ = out.Encode(awsMessage{f.Code, strings.Join(append([]string{f.Msg}, f.Hints...), "; ")}) // whoever asked has gone
}
