package server

import (
	"cmp"
	"slices"
	"time"

	"tarn/lake/statedb"
	"tarn/server/metrics"
)

// measureFollows adds the figures of what is followed to a page.
func (s *Server) measureFollows(p *metrics.Page) {
	if s.Follows == nil {
		return
	}
	all := s.Follows.All()
	slices.SortFunc(all, func(a, b statedb.Follow) int { return cmp.Compare(a.Source, b.Source) })
	now := time.Now()
	failing := func(f statedb.Follow) float64 {
		if f.Progress.State == statedb.FollowFailing {
			return 1
		}
		return 0
	}
	for _, m := range []struct {
		name, help string
		counts     bool
		value      func(statedb.Follow) float64
	}{
		{"tarn_follow_lag_seconds", "Age of the oldest object that was seen and is not in.", false, func(f statedb.Follow) float64 { return f.Progress.Lag(now).Seconds() }},
		{"tarn_follow_list_age_seconds", "How long ago the last whole list of a source began; since it was added, if there was none.", false, func(f statedb.Follow) float64 {
			if f.Progress.Listed.IsZero() {
				return now.Sub(f.Created).Seconds()
			}
			return now.Sub(f.Progress.Listed).Seconds()
		}},
		{"tarn_follow_newest_object_seconds", "When the newest object that is in was written, since 1970.", false, func(f statedb.Follow) float64 {
			if f.Progress.NewestTime.IsZero() {
				return 0
			}
			return float64(f.Progress.NewestTime.Unix())
		}},
		{"tarn_follow_waiting_objects", "Objects that were seen and are not in.", false, func(f statedb.Follow) float64 { return float64(f.Progress.Waiting) }},
		{"tarn_follow_failed_objects", "Objects that could not be read; they are tried again.", false, func(f statedb.Follow) float64 { return float64(f.Progress.Failures) }},
		{"tarn_follow_failing", "Whether a source, its queue or the lake cannot be asked.", false, failing},
		{"tarn_follow_list_requests", "Requests of the last list.", false, func(f statedb.Follow) float64 { return float64(f.Progress.Requests) }},
		{"tarn_follow_objects_total", "Objects that are in.", true, func(f statedb.Follow) float64 { return float64(f.Progress.Counts.Objects) }},
		{"tarn_follow_events_total", "Events that were stored.", true, func(f statedb.Follow) float64 { return float64(f.Progress.Counts.Stored) }},
		{"tarn_follow_messages_total", "Messages that came from the queue.", true, func(f statedb.Follow) float64 { return float64(f.Progress.Counts.Messages) }},
		{"tarn_follow_messages_ignored_total", "Of what they tell, what is no new object of the source that may hold events.", true, func(f statedb.Follow) float64 { return float64(f.Progress.Counts.Ignored) }},
		{"tarn_follow_messages_strange_total", "Messages that could not be understood.", true, func(f statedb.Follow) float64 { return float64(f.Progress.Counts.Strange) }},
	} {
		add := p.Gauge
		if m.counts {
			add = p.Counter
		}
		for _, f := range all {
			add(m.name, m.help, m.value(f), metrics.Label{Name: "source", Value: f.Source}, metrics.Label{Name: "store", Value: f.StoreName})
		}
	}
}
