package server

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"tarn/lake/statedb"
	"tarn/query/jobs"
	"tarn/query/result"
	"tarn/server/access"
	"tarn/server/fault"
)

// A statement may also run by itself (POST /sql?async=1): it is one of the same jobs as
// CloudTrail's own API has, and whoever started it there finds it here.

// laterPath is where a statement that runs by itself is asked about.
const laterPath = "/sql/{id}"

// patience is how long an answer waits for the end of a statement that runs by itself.
const patience = 250 * time.Millisecond

// laterStatus is what is said of a statement that runs by itself.
type laterStatus struct {
	QueryID       string              `json:"queryId"`
	Status        statedb.QueryStatus `json:"status"`
	Reason        string              `json:"reason,omitempty"`
	Created       time.Time           `json:"created"`
	Rows          int64               `json:"rows"`
	BytesScanned  int64               `json:"bytesScanned"`
	EventsScanned int64               `json:"eventsScanned"`
	Millis        int64               `json:"executionTimeMillis"`
	Format        string              `json:"format,omitempty"`
}

// sqlLater starts a statement. A format that has types of its own is fixed now, any
// other when the rows are fetched.
func (s *Server) sqlLater(w http.ResponseWriter, c *call, statement, store, format string) error {
	whole := s.Lake.Snapshot()
	snap, err := narrowed(c.sees(whole, access.Query), store)
	if err != nil {
		whole.Release()
		return err
	}
	if !result.Binary(format) {
		format = ""
	}
	q, err := s.API.Jobs.Start(c.Context(), jobs.Question{Statement: statement, By: c.who.ID, Snapshot: snap, Release: whole.Release, Format: format})
	if err != nil {
		return err
	}
	c.act.Add("queryId", q.ID)
	w.Header().Set("Location", "/sql/"+q.ID)
	return tellLater(w, http.StatusAccepted, q)
}

func tellLater(w http.ResponseWriter, status int, q statedb.Query) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The client may have gone.
	_ = json.NewEncoder(w).Encode(laterStatus{q.ID, q.Status, q.Reason, q.Created, q.Rows, q.BytesScanned, q.EventsScanned, q.Millis, q.Format})
	return nil
}

// sight is what a caller may know of statements that run by themselves.
func (s *Server) sight(c *call) jobs.Sight {
	return jobs.Sight{By: c.who.ID, Store: func(id string) bool {
		whole := s.Lake.Snapshot()
		defer whole.Release()
		st, err := c.sees(whole, access.Query).Store(id)
		return err == nil && st.Usable() == nil
	}}
}

// later is the statement that a path names.
func (s *Server) later(c *call) (statedb.Query, error) {
	c.act.Request = map[string]string{"queryId": c.PathValue("id")}
	if err := c.who.MayAtAll(access.Query); err != nil {
		return statedb.Query{}, err
	}
	return s.API.Jobs.Await(c.Context(), c.PathValue("id"), s.sight(c), patience)
}

// describeLater tells how far a statement is.
func (s *Server) describeLater(w http.ResponseWriter, c *call) error {
	q, err := s.later(c)
	if err != nil {
		return err
	}
	return tellLater(w, http.StatusOK, q)
}

// cancelLater ends a statement.
func (s *Server) cancelLater(w http.ResponseWriter, c *call) error {
	q, err := s.later(c)
	if err != nil {
		return err
	}
	if q, err = s.API.Jobs.Cancel(c.Context(), q.ID, s.sight(c), patience); err != nil {
		return err
	}
	return tellLater(w, http.StatusOK, q)
}

// rowsLater sends the rows of a statement that has ended.
func (s *Server) rowsLater(w http.ResponseWriter, c *call) error {
	q, err := s.later(c)
	if err != nil {
		return err
	}
	if q.Status.UnderWay() {
		w.Header().Set("Retry-After", "1")
		return fault.New("QueryNotFinished", "the statement is %s", q.Status).With("ask again when it has ended")
	}
	if q.Status != statedb.QueryFinished {
		return fault.New("QueryFailed", "the statement is %s: %s", q.Status, q.Reason)
	}
	given, err := parametersOf(c.Request, "format")
	if err != nil {
		return err
	}
	if q.Format != "" {
		return s.sendEncoded(w, q)
	}
	format, err := formatOf(c.Request, given.Get("format"))
	if err != nil {
		return err
	}
	if result.Binary(format) {
		return fault.New(fault.Invalid, "the rows are kept as text").With("choose " + format + " when the statement is started")
	}
	rows, err := s.API.Jobs.Rows(q)
	if err != nil {
		return err
	}
	defer rows.Close()
	out := &late{w: w, begin: func() { w.Header().Set("Content-Type", contentTypes[format]) }}
	if _, err = result.Write(c.Context(), out, format, rows, result.Options{}); err != nil {
		if !out.begun {
			return err
		}
		s.Log.Warn().Err(err).Str("access_key", c.who.ID).Msg("an answer was cut off")
		return cutOff(w)
	}
	_ = out.flush() // the client may have gone
	return nil
}

// sendEncoded sends the file that the engine wrote.
func (s *Server) sendEncoded(w http.ResponseWriter, q statedb.Query) error {
	file, err := s.API.Jobs.Encoded(q)
	if err != nil {
		return err
	}
	defer file.Close()
	w.Header().Set("Content-Type", contentTypes[q.Format])
	if _, err := io.Copy(w, file); err != nil {
		return cutOff(w)
	}
	return nil
}
