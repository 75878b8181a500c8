package server

import (
	"net/http"
	"runtime"
	"runtime/debug"

	"tarn/server/access"
	"tarn/server/metrics"
)

// measure answers with the figures of the server, as Prometheus reads them. Only who
// was refused them is recorded: they tell nothing of any event.
func (s *Server) measure(w http.ResponseWriter, c *call) error {
	if err := c.who.MayAtAll(access.Measure); err != nil {
		return err
	}
	c.audited = true
	p := &metrics.Page{}
	version := "unknown"
	if b, ok := debug.ReadBuildInfo(); ok {
		version = b.Main.Version
	}
	p.Gauge("tarn_build_info", "Which program this is.", 1,
		metrics.Label{Name: "version", Value: version}, metrics.Label{Name: "go", Value: runtime.Version()})
	s.requests.Write(p)
	p.Gauge("tarn_http_connections", "Connections of clients.", float64(s.open.Load()))
	p.Gauge("tarn_http_connections_limit", "How many there may be.", float64(connections))
	p.Gauge("tarn_statements", "Statements that run, or wait for a worker.", float64(len(s.taken)))
	p.Gauge("tarn_statements_limit", "How many there may be.", statements)
	p.Gauge("tarn_streams", "Streams of events that come in.", float64(len(s.streams)))
	p.Gauge("tarn_streams_limit", "How many there may be.", float64(streams))
	s.limiter.measure(p)
	if s.Engine != nil {
		busy, idle := s.Engine.Workers()
		p.Gauge("tarn_workers", "Processes that run statements.", float64(busy), metrics.Label{Name: "state", Value: "busy"})
		p.Gauge("tarn_workers", "Processes that run statements.", float64(idle), metrics.Label{Name: "state", Value: "idle"})
	}
	s.measureLake(p)
	s.measureFollows(p)
	metrics.Process(p)
	w.Header().Set("Content-Type", metrics.ContentType)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(p.Bytes()) // whoever asked has gone
	return nil
}

// measureLake adds the lake's figures to a page.
func (s *Server) measureLake(p *metrics.Page) {
	g := s.Lake.Gauges()
	p.Gauge("tarn_log_entries", "Entries of the log of record.", float64(g.LogSize))
	p.Gauge("tarn_log_bytes", "Bytes of the log of record.", float64(g.LogBytes))
	p.Gauge("tarn_event_data_stores", "Event data stores.", float64(g.Stores))
	p.Gauge("tarn_segments", "Sealed segments.", float64(g.Segments))
	p.Gauge("tarn_hot_files", "Files of the hot tier.", float64(g.HotFiles))
	p.Gauge("tarn_stored_bytes", "Bytes of segments and files of the hot tier.", float64(g.Bytes))
	for _, o := range []struct {
		name string
		n    int64
	}{{"stored", g.Stored}, {"duplicate", g.Duplicates}, {"conflict", g.Conflicts}} {
		p.Counter("tarn_live_events_total", "Events that came one by one, by what became of them.", float64(o.n), metrics.Label{Name: "outcome", Value: o.name})
	}
	p.Gauge("tarn_journal_bytes", "Bytes of events that stand in the journal alone.", float64(g.Waiting))
	p.Gauge("tarn_journal_lag_seconds", "For how long the oldest of them has.", g.Lag.Seconds())
	if g.Free > 0 {
		p.Gauge("tarn_disk_free_bytes", "Room on the lake's disk.", float64(g.Free))
	}
	waiting, failing := s.Audit.Waiting()
	p.Gauge("tarn_audit_waiting", "Records of the audit that are not on disk yet.", float64(waiting))
	failed := 0.0
	if failing {
		failed = 1
	}
	p.Gauge("tarn_audit_failing", "Whether the audit cannot be written, so that nothing is answered.", failed)
}
