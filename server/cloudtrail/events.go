package cloudtrail

import (
	"context"
	"io"
	"strings"
	"sync"

	"tarn/ingest"
	"tarn/ingest/activity"
	"tarn/lake"
	"tarn/schemas"
	"tarn/server/access"
	"tarn/server/fault"
)

// Intake is an event data store that somebody may put a stream of events into.
type Intake struct {
	// Store is that.
	Store lake.Store

	lake *lake.Lake
	by   *activity.Map
	most int // bytes of an event; 0 if the lake alone bounds them
}

// Intake returns the store that somebody means by its name, its id or its ARN, if it
// takes events from them. Those are the audit log of another program if a map is
// named, one that is built in.
func (a *API) Intake(who access.Principal, store, byMap string) (Intake, error) {
	if err := who.MayAtAll(access.Ingest); err != nil {
		return Intake{}, err
	}
	st, err := a.store(who, access.Ingest, store)
	if err == nil {
		err = st.Takes()
	}
	if err == nil {
		_, err = a.Lake.Put(context.Background(), st, nil) // whether it takes any from others
	}
	most := 0
	if err == nil {
		most, err = a.mostBytes(st)
	}
	if err != nil || byMap == "" {
		return Intake{Store: st, lake: a.Lake, most: most}, err
	}
	by, err := builtIn(byMap)
	if err == nil && st.Family != schemas.Activity().Name {
		err = fault.New("InvalidEventDataStoreCategoryException", "the event data store %s is for %s events; what a map makes is of the family %s",
			st.Name, st.Family, schemas.Activity().Name)
	}
	return Intake{st, a.Lake, by, most}, err
}

var maps = sync.OnceValues(activity.Maps)

// builtIn is the map of that name: files of the server are none of a client's business.
func builtIn(name string) (*activity.Map, error) {
	all, err := maps()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range all {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	return nil, fault.New(fault.Invalid, "there is no map %q", name).With("maps: " + strings.Join(names, ", "))
}

// Put takes in events as they come, and says what becomes of each once that is durable.
// The counts, which are returned on an error too, are of what is durable.
func (i Intake) Put(ctx context.Context, in io.Reader, receipt func(ingest.PutReceipt)) (lake.Counts, error) {
	return ingest.Put(ctx, i.lake, i.Store, in, ingest.PutOptions{Stream: true, Map: i.by, MaxBytes: i.most, Receipt: func(r ingest.PutReceipt) error {
		receipt(r)
		return nil
	}})
}
