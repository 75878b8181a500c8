package main

import (
	"fmt"
	"io"
	"sync"

	"github.com/rs/zerolog"

	"tarn/lake"
)

func logLevels() []string { return []string{"debug", "info", "off"} }

// logger writes a log of the level that is set.
func (a *app) logger(w io.Writer) zerolog.Logger {
	level := zerolog.InfoLevel
	switch a.logLevel {
	case "off":
		return zerolog.Nop()
	case "debug":
		level = zerolog.DebugLevel
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger()
}

// withoutKeys is a writer of lines in which no signing key stands.
type withoutKeys struct{ io.Writer }

func (w withoutKeys) Write(line []byte) (int, error) {
	if _, err := io.WriteString(w.Writer, withoutSecrets(string(line))); err != nil {
		return 0, err
	}
	return len(line), nil
}

// events turns what the lake tells into log lines.
func (a *app) events() lake.Events {
	if a.logLevel == "off" {
		return lake.Events{Trouble: func(err error) { fmt.Fprintf(a.err, "tarn: warning: %v\n", err) }}
	}
	return logged(a.logger(withoutKeys{a.err}))
}

func logged(log zerolog.Logger) lake.Events {
	return lake.Events{
		SegmentSealed: func(st lake.Store, s lake.Segment) {
			log.Debug().Str("store", st.Name).Str("segment", s.ID).Str("day", s.Day).
				Int64("events", s.Rows).Int64("bytes", s.Parquet.Bytes).Msg("segment sealed")
		},
		Committed: func(c lake.Commit) {
			log.Info().Str("store", c.Store).Str("import_id", c.Import).
				Int("segments", len(c.Segments)).Int64("stored", c.Counts.Stored).Msg("committed")
		},
		StoreChanged: func(what string, st lake.Store) {
			log.Info().Str("store", st.Name).Str("status", string(st.Status())).Int("retention_days", st.RetentionDays).
				Bool("termination_protection", st.TerminationProtection).Msg(what + " event data store")
		},
		Trouble: func(err error) { log.Error().Err(err).Msg("trouble; it is tried again") },
	}
}

// hearers are those who hear what a server's lake tells: its own log, and
// commands that log for whoever runs them. The zero value has none.
type hearers struct {
	mu  sync.Mutex
	all map[int]lake.Events
	n   int
}

// hear adds one, until the function returned is called.
func (h *hearers) hear(e lake.Events) (deaf func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		h.all = map[int]lake.Events{}
	}
	n := h.n
	h.n++
	h.all[n] = e
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.all, n)
	}
}

// each calls fn for all of them, one at a time.
func (h *hearers) each(fn func(lake.Events)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.all {
		fn(e)
	}
}

// events passes on to all of them.
func (h *hearers) events() lake.Events {
	return lake.Events{
		SegmentSealed: func(st lake.Store, s lake.Segment) {
			h.each(func(e lake.Events) {
				if e.SegmentSealed != nil {
					e.SegmentSealed(st, s)
				}
			})
		},
		Committed: func(c lake.Commit) {
			h.each(func(e lake.Events) {
				if e.Committed != nil {
					e.Committed(c)
				}
			})
		},
		StoreChanged: func(what string, st lake.Store) {
			h.each(func(e lake.Events) {
				if e.StoreChanged != nil {
					e.StoreChanged(what, st)
				}
			})
		},
		Trouble: func(err error) {
			h.each(func(e lake.Events) {
				if e.Trouble != nil {
					e.Trouble(err)
				}
			})
		},
	}
}
