package ingest

import (
	"context"

	"tarn/ingest/activity"
	"tarn/lake"
)

// Audit puts the events of a body of PutAuditEvents into a store: those without a
// fault that the store's selectors take. Where it returns nil they are durable; one
// that is there already is left as it is.
func Audit(ctx context.Context, l *lake.Lake, store lake.Store, entries []activity.Entry) error {
	var taken selects
	matcher := taken.now(l, store)
	events := make([]lake.Event, 0, len(entries))
	for _, e := range entries {
		if e.Fault == nil && matcher.Match(e.Event.Raw, activity.Category) {
			events = append(events, lake.Event{ID: e.Event.ID, Time: e.Event.Time, Raw: e.Event.Raw, Leaf: lake.Leaf(e.Event.Raw)})
		}
	}
	_, err := l.Put(ctx, store, events)
	return err
}
