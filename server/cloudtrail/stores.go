package cloudtrail

import (
	"context"
	"encoding/json"

	"tarn/lake"
	"tarn/server/access"
)

var storeOperations = []operation{
	op("CreateEventDataStore", access.Manage, (*API).createEventDataStore),
	op("DeleteEventDataStore", access.Manage, (*API).deleteEventDataStore),
	op("GetEventDataStore", access.Query, (*API).getEventDataStore),
	op("ListEventDataStores", access.Query, (*API).listEventDataStores),
	op("RestoreEventDataStore", access.Manage, (*API).restoreEventDataStore),
	op("StartEventDataStoreIngestion", access.Manage, (*API).startIngestion),
	op("StopEventDataStoreIngestion", access.Manage, (*API).stopIngestion),
	op("UpdateEventDataStore", access.Manage, (*API).updateEventDataStore),
}

// storeDetail is an event data store as most operations tell of one.
type storeDetail struct {
	EventDataStoreArn            string
	Name                         string
	Status                       lake.StoreStatus
	AdvancedEventSelectors       json.RawMessage `json:",omitempty"`
	MultiRegionEnabled           bool
	OrganizationEnabled          bool
	RetentionPeriod              int
	TerminationProtectionEnabled bool
	CreatedTimestamp             *Time            `json:",omitempty"`
	UpdatedTimestamp             *Time            `json:",omitempty"`
	BillingMode                  lake.BillingMode `json:",omitempty"`
}

func detail(st lake.Store) storeDetail {
	d := storeDetail{
		EventDataStoreArn: st.ARN(), Name: st.Name, Status: st.Status(), MultiRegionEnabled: true, OrganizationEnabled: true,
		RetentionPeriod: st.RetentionDays, TerminationProtectionEnabled: st.TerminationProtection,
		CreatedTimestamp: at(st.Created), UpdatedTimestamp: at(st.Updated), BillingMode: st.Billing,
	}
	if !st.Selectors.IsZero() {
		d.AdvancedEventSelectors = json.RawMessage(st.Selectors)
	}
	return d
}

// storeARN is the ARN of the store of that id.
func storeARN(id string) string { return lake.Store{ID: id}.ARN() }

type storeInput struct {
	EventDataStore string `aws:"required,min=3,max=256,is=ref"`
}

type getEventDataStoreOutput struct {
	storeDetail
	FederationStatus string
	PartitionKeys    []partitionKey
}

// notFederated is what a store is: no other engine has it as a table.
const notFederated = "DISABLED"

type partitionKey struct{ Name, Type string }

func (a *API) getEventDataStore(_ context.Context, who access.Principal, in *storeInput) (*getEventDataStoreOutput, error) {
	st, err := a.store(who, access.Query, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	return &getEventDataStoreOutput{detail(st), notFederated, []partitionKey{{"calendarday", "bigint"}}}, nil
}

type listEventDataStoresInput struct {
	MaxResults int    `aws:"min=1,max=1000,else=InvalidMaxResultsException"`
	NextToken  string `aws:"min=4,max=1000"`
}

type listEventDataStoresOutput struct {
	EventDataStores []storeDetail
	NextToken       string `json:",omitempty"`
}

func (a *API) listEventDataStores(_ context.Context, who access.Principal, in *listEventDataStoresInput) (*listEventDataStoresOutput, error) {
	snap, release := a.seen(who, access.Query)
	defer release()
	some, next, err := page(snap.Stores(), func(st lake.Store) string { return st.Name }, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &listEventDataStoresOutput{EventDataStores: []storeDetail{}, NextToken: next}
	for _, st := range some {
		out.EventDataStores = append(out.EventDataStores, detail(st))
	}
	return out, nil
}
