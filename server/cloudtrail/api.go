package cloudtrail

import (
	"context"
	"slices"
	"strings"
	"sync"

	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/query"
	"tarn/query/jobs"
	"tarn/server/access"
	"tarn/server/delivery"
	"tarn/server/fault"
	"tarn/server/imports"
	"tarn/server/policy"
)

// API answers. Its fields are set before the first call.
type API struct {
	// Lake is open for writing.
	Lake *lake.Lake
	// Channels are the lake's.
	Channels *Channels
	// State keeps tags and settings, Policies are those of resources.
	State    *statedb.DB
	Policies *policy.Book
	// Engine answers what is looked up, in a sandbox.
	Engine *query.Engine
	// Jobs run queries, Imports the imports of buckets.
	Jobs    *jobs.Jobs
	Imports *imports.Imports
	// Courier brings results to buckets.
	Courier *delivery.Courier

	keeping sync.Mutex // held to change what is kept of configurations
	tokens  sealer
}

// operation is something that can be asked for.
type operation struct {
	name string
	act  access.Act
	call func(a *API, ctx context.Context, who access.Principal, input []byte) (any, error)
}

// op is an operation whose input is an In and whose output is an Out.
func op[In, Out any](name string, act access.Act, run func(*API, context.Context, access.Principal, *In) (*Out, error)) operation {
	return operation{name, act, func(a *API, ctx context.Context, who access.Principal, input []byte) (any, error) {
		in := new(In)
		if err := read(input, in); err != nil {
			return nil, err
		}
		asked := *in // run may fill in what was left out
		if err := a.openToken(who, name, in); err != nil {
			return nil, err
		}
		out, err := run(a, ctx, who, in)
		if err == nil {
			err = a.sealToken(who, name, &asked, out)
		}
		return out, err
	}}
}

// operations are all that there are, each with what its caller must be allowed.
var operations = slices.Concat(storeOperations, channelOperations, queryOperations, sampleOperations, importOperations, tagOperations,
	policyOperations, configurationOperations, trailOperations, organizationOperations,
	dashboardOperations, lookupOperations)

// none is an output that says nothing.
type none struct{}

// Call answers: with what is to be written as the JSON of the output, or with an error
// that package fault knows, or that is none of the caller's business.
func (a *API) Call(ctx context.Context, who access.Principal, name string, input []byte) (any, error) {
	i := slices.IndexFunc(operations, func(o operation) bool { return o.name == name })
	if i < 0 && slices.Contains(Names(), name) {
		return nil, fault.New("UnsupportedOperationException", "%s is not supported here", name)
	}
	if i < 0 {
		return nil, fault.New("UnknownOperationException", "CloudTrail has no operation %q", name)
	}
	who = who.Doing(name)
	if err := who.MayAtAll(operations[i].act); err != nil {
		return nil, err
	}
	return operations[i].call(a, ctx, who, input)
}

// seen is the lake as somebody may know of it who does that; release it.
func (a *API) seen(who access.Principal, act access.Act) (snap *lake.Snapshot, release func()) {
	whole := a.Lake.Snapshot()
	return whole.Only(func(st lake.Store) bool { return who.MayWith(act, st) }), whole.Release
}

// store is the store that a caller means by its name, its id or its ARN, also if it
// is pending deletion.
func (a *API) store(who access.Principal, act access.Act, ref string) (lake.Store, error) {
	if rest, ok := strings.CutPrefix(ref, "arn:"); ok && (strings.Count(rest, ":") != 4 || !strings.Contains(rest, ":eventdatastore/")) {
		return lake.Store{}, fault.New("EventDataStoreARNInvalidException", "%q is not the ARN of an event data store", ref)
	}
	snap, release := a.seen(who, act)
	defer release()
	return snap.Store(ref)
}
