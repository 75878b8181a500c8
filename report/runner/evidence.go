package runner

import (
	"context"
	"slices"
	"strings"

	"tarn/report"
)

// What a report has of the events that findings name.
const (
	heldEvents = 200 // with their bytes
	heldProofs = 50  // with their proofs: one takes a tenth of a second in a lake of many segments
)

// evidence takes in the events that findings name, of the most severe first.
func (r *maker) evidence(ctx context.Context) error {
	ids := r.named()
	if len(ids) == 0 {
		return nil
	}
	quoted := make([]string, len(ids))
	for i, id := range ids {
		quoted[i] = "'" + strings.ReplaceAll(id, "'", "''") + "'"
	}
	raw := map[string]string{}
	for some := range slices.Chunk(quoted, 50) { // a statement has 10,000 characters
		answer, err := Ask(ctx, r.engine, r.past, "SELECT eventID, eventJson FROM "+r.store.ID+" WHERE eventID IN ("+strings.Join(some, ", ")+")")
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			continue // a segment is damaged, which segments-sealed says; the ids stand in the findings
		}
		for _, row := range answer.Rows {
			raw[row[0]] = row[1]
		}
	}
	for _, id := range ids {
		if text, ok := raw[id]; ok {
			r.report.Events = append(r.report.Events, report.Event{ID: id, Store: r.store.Name, Raw: text})
		}
	}
	for i := range r.report.Events[:min(heldProofs, len(r.report.Events))] {
		if err := r.prove(ctx, &r.report.Events[i]); err != nil {
			return err
		}
	}
	return nil
}

// named are the ids of events that findings name.
func (r *maker) named() (ids []string) {
	seen := map[string]bool{"": true}
	for _, one := range r.report.Failing() {
		column := slices.IndexFunc(one.Columns, func(c string) bool { return strings.EqualFold(c, "eventID") })
		if column < 0 {
			continue
		}
		for i, row := range one.Rows {
			if len(one.Acknowledged) > 0 && one.Acknowledged[i] != "" || seen[row[column]] || len(row[column]) > 200 {
				continue
			}
			if seen[row[column]] = true; len(ids) == heldEvents {
				return ids
			}
			ids = append(ids, row[column])
		}
	}
	return ids
}

// prove proves that the log of record has an event. One that cannot be proven stays
// without: it may be one that no entry counts yet.
func (r *maker) prove(ctx context.Context, e *report.Event) error {
	places, err := r.now.Find(ctx, e.ID, r.store.ID)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return nil // likewise
	}
	for _, p := range places {
		if p.Segment.Conflicts {
			continue
		}
		proven, err := r.now.Prove(ctx, p)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == nil && string(proven.Event) == e.Raw {
			e.Proof = string(proven.Proof)
			return nil
		}
	}
	return nil
}
