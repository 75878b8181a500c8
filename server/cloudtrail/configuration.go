package cloudtrail

import (
	"context"
	"slices"
	"time"

	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/schemas"
	"tarn/server/access"
	"tarn/server/fault"
)

var configurationOperations = []operation{
	op("GetEventConfiguration", access.Query, (*API).getEventConfiguration),
	op("GetInsightSelectors", access.Query, (*API).getInsightSelectors),
	op("PutEventConfiguration", access.Manage, (*API).putEventConfiguration),
	op("PutInsightSelectors", access.Manage, (*API).putInsightSelectors),
}

// settings are what somebody chose of a trail or an event data store that the lake has
// no place for. They are kept as they were given.
type settings struct {
	MaxEventSize              string                     `json:",omitempty"`
	ContextKeySelectors       []contextKeySelector       `json:",omitempty"`
	AggregationConfigurations []aggregationConfiguration `json:",omitempty"`
	InsightSelectors          []insightSelector          `json:",omitempty"`
	InsightsDestination       string                     `json:",omitempty"` // the id of a store
}

const storeSettingsKind statedb.Kind = "store settings"

// settingsOf are the settings of a store.
func (a *API) settingsOf(store lake.Store) (settings, error) {
	one, _, err := statedb.KeptOf[settings](a.State, storeSettingsKind, store.ID)
	return one.Doc, err
}

// configured is what a configuration is of: a trail, or a store if that has no name.
type configured struct {
	trail trail
	store lake.Store
	settings
}

// arn is that of either, in the member that it belongs in.
func (c configured) arns() (ofTrail, ofStore string) {
	if c.trail.Name != "" {
		return c.trail.arn(), ""
	}
	return "", c.store.ARN()
}

// configuredBy is what a caller means who names one of a trail and a store.
func (a *API) configuredBy(who access.Principal, act access.Act, trailName, store string) (c configured, err error) {
	if (trailName == "") == (store == "") {
		return c, fault.New("InvalidParameterCombinationException", "one of TrailName and EventDataStore is wanted")
	}
	if trailName != "" {
		t, err := a.trail(who, act, trailName)
		return configured{trail: t.Doc, settings: t.Doc.settings()}, err
	}
	if c.store, err = a.store(who, act, store); err == nil {
		err = c.store.Usable()
	}
	if err == nil && c.store.Family != schemas.CloudTrail().Name {
		err = fault.New("InvalidEventDataStoreCategoryException", "the event data store %s is for %s events; this is about those of CloudTrail", c.store.Name, c.store.Family)
	}
	if err == nil {
		c.settings, err = a.settingsOf(c.store)
	}
	return c, err
}

// configure changes the settings of what somebody means, who may manage it.
func (a *API) configure(who access.Principal, trailName, store string, change func(*configured) error) (c configured, err error) {
	a.keeping.Lock()
	defer a.keeping.Unlock()
	if c, err = a.configuredBy(who, access.Manage, trailName, store); err != nil {
		return c, err
	}
	if err = change(&c); err != nil {
		return c, err
	}
	if trailName != "" {
		c.trail.Settings = &c.settings
		return c, a.keepTrail(c.trail)
	}
	return c, statedb.Keep(a.State, storeSettingsKind, statedb.Kept[settings]{ID: c.store.ID, Created: time.Now(), Doc: c.settings})
}

type contextKeySelector struct {
	Type   string   `aws:"required,in=TagContext|RequestContext"`
	Equals []string `aws:"required,min=1,max=50"`
}

type aggregationConfiguration struct {
	Templates     []string `aws:"required,min=1,max=50,in=API_ACTIVITY|RESOURCE_ACCESS|USER_ACTIONS"`
	EventCategory string   `aws:"required,in=Data"`
}

type configurationInput struct {
	TrailName      string
	EventDataStore string `aws:"min=3,max=256,is=ref"`
}

type putEventConfigurationInput struct {
	configurationInput
	MaxEventSize              string                     `aws:"in=Standard|Large"`
	ContextKeySelectors       []contextKeySelector       `aws:"max=2"`
	AggregationConfigurations []aggregationConfiguration `aws:"max=1"`
}

type eventConfiguration struct {
	TrailARN                  string                     `json:",omitempty"`
	EventDataStoreArn         string                     `json:",omitempty"`
	MaxEventSize              string                     `json:",omitempty"`
	ContextKeySelectors       []contextKeySelector       `json:",omitempty"`
	AggregationConfigurations []aggregationConfiguration `json:",omitempty"`
}

func eventConfigurationOf(c configured) *eventConfiguration {
	ofTrail, ofStore := c.arns()
	return &eventConfiguration{ofTrail, ofStore, c.MaxEventSize, c.ContextKeySelectors, c.AggregationConfigurations}
}

// requestKeys are the keys of a RequestContext, as IAM has them.
func requestKeys() []string {
	return []string{"aws:FederatedProvider", "aws:TokenIssueTime", "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:SourceIdentity",
		"aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
		"aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", "aws:PrincipalType", "aws:userid", "aws:username", "aws:RequestedRegion",
		"aws:SecureTransport", "aws:ViaAWSService", "aws:CurrentTime", "aws:EpochTime", "aws:SourceAccount", "aws:SourceOrgID"}
}

// putEventConfiguration keeps what is chosen. MaxEventSize bounds the events that come in
// streams from now on; the others are about events that the lake is given as they are.
func (a *API) putEventConfiguration(_ context.Context, who access.Principal, in *putEventConfigurationInput) (*eventConfiguration, error) {
	c, err := a.configure(who, in.TrailName, in.EventDataStore, func(c *configured) error {
		if in.TrailName != "" && (in.MaxEventSize != "" || in.ContextKeySelectors != nil) {
			return fault.New("InvalidParameterCombinationException", "MaxEventSize and ContextKeySelectors are of event data stores")
		}
		if in.EventDataStore != "" && in.AggregationConfigurations != nil {
			return fault.New("InvalidParameterCombinationException", "AggregationConfigurations are of trails")
		}
		if in.MaxEventSize != "" {
			c.MaxEventSize = in.MaxEventSize
		}
		if in.ContextKeySelectors != nil {
			c.ContextKeySelectors = in.ContextKeySelectors
		}
		if in.AggregationConfigurations != nil {
			c.AggregationConfigurations = in.AggregationConfigurations
		}
		return c.contextKeys()
	})
	if err != nil {
		return nil, err
	}
	return eventConfigurationOf(c), nil
}

// contextKeys checks the context that is asked for.
func (s settings) contextKeys() error {
	if len(s.ContextKeySelectors) > 0 && s.MaxEventSize != "Large" {
		return fault.New(fault.Invalid, "ContextKeySelectors need the MaxEventSize Large")
	}
	seen := map[string]bool{}
	for _, sel := range s.ContextKeySelectors {
		if seen[sel.Type] {
			return fault.New(fault.Invalid, "the type %s is there twice", sel.Type)
		}
		seen[sel.Type] = true
		for _, key := range sel.Equals {
			if key == "" || len(key) > 128 || sel.Type == "RequestContext" && !slices.Contains(requestKeys(), key) {
				return fault.New(fault.Invalid, "%.128q is no key of a %s", key, sel.Type)
			}
		}
	}
	return nil
}

func (a *API) getEventConfiguration(_ context.Context, who access.Principal, in *configurationInput) (*eventConfiguration, error) {
	c, err := a.configuredBy(who, access.Query, in.TrailName, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	return eventConfigurationOf(c), nil
}

// mostBytes is how long an event is that comes into a store in a stream; 0 is for the
// lake's own bound.
func (a *API) mostBytes(store lake.Store) (int, error) {
	if a.State == nil {
		return 0, nil
	}
	s, err := a.settingsOf(store)
	return map[string]int{"Standard": 256 << 10, "Large": 1 << 20}[s.MaxEventSize], err
}
