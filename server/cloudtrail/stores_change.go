package cloudtrail

import (
	"context"
	"encoding/json"
	"slices"

	"tarn/lake"
	"tarn/schemas"
	"tarn/schemas/selector"
	"tarn/server/access"
	"tarn/server/fault"
)

// storeSettings are what can be chosen of an event data store. A lake is in no region
// and of no organisation, and has no keys of KMS: every store takes events of all, and
// is told so.
type storeSettings struct {
	Name                         string          `aws:"min=3,max=128,is=name"`
	AdvancedEventSelectors       json.RawMessage `json:",omitempty"`
	MultiRegionEnabled           *bool
	OrganizationEnabled          *bool
	RetentionPeriod              int `aws:"min=7,max=3653"`
	TerminationProtectionEnabled *bool
	KmsKeyId                     string           `aws:"min=1,max=350,is=ref"`
	BillingMode                  lake.BillingMode `json:",omitempty"`
}

// settings are those of the lake, and the family that the selectors are about.
func (in *storeSettings) settings() (o lake.StoreSettings, family *schemas.Family, err error) {
	if in.KmsKeyId != "" {
		return o, nil, fault.New("InvalidKmsKeyIdException", "KmsKeyId: there are no keys of KMS here").
			With("leave it out; keep the lake on an encrypted disk")
	}
	if in.BillingMode != "" && !slices.Contains(lake.BillingModes(), in.BillingMode) {
		return o, nil, fault.New("ValidationException", "BillingMode %q is none of EXTENDABLE_RETENTION_PRICING and FIXED_RETENTION_PRICING", in.BillingMode)
	}
	o = lake.StoreSettings{Name: in.Name, RetentionDays: in.RetentionPeriod, TerminationProtection: in.TerminationProtectionEnabled, Billing: in.BillingMode}
	family = schemas.CloudTrail()
	if len(in.AdvancedEventSelectors) == 0 || string(in.AdvancedEventSelectors) == "null" {
		return o, family, nil
	}
	set, err := selector.Parse(in.AdvancedEventSelectors)
	if err != nil {
		return o, nil, selectorFault(err)
	}
	o.Selectors = &set
	if of := categoryOf(set); of != nil {
		family = of
	}
	return o, family, nil
}

// categoryOf is the family of a set whose first selector names another category than
// CloudTrail's own; nil if it names none. Whether the others fit, the lake says.
func categoryOf(set selector.Set) *schemas.Family {
	all, err := set.Selectors()
	if err != nil {
		return nil // it was parsed
	}
	for _, s := range all {
		for _, f := range s.FieldSelectors {
			for _, family := range schemas.Families() {
				if f.Field == "eventCategory" && family.Name != schemas.CloudTrail().Name && slices.ContainsFunc(f.Equals, family.Accepts) {
					return family
				}
			}
		}
	}
	return nil
}

func selectorFault(err error) error {
	return fault.New("InvalidEventSelectorsException", "AdvancedEventSelectors: %v", err)
}

type createEventDataStoreInput struct {
	storeSettings
	TagsList       []tag `aws:"max=200"`
	StartIngestion *bool
}

type createEventDataStoreOutput struct {
	storeDetail
	TagsList []tag `json:",omitempty"`
}

func (a *API) createEventDataStore(_ context.Context, who access.Principal, in *createEventDataStoreInput) (*createEventDataStoreOutput, error) {
	if in.Name == "" {
		return nil, fault.New("ValidationException", "Name is missing or empty")
	}
	if len(who.Stores) > 0 {
		return nil, fault.New(fault.Denied, "%s is for some event data stores, and cannot make others", who.ID)
	}
	if _, err := tagsOf(in.TagsList); err != nil {
		return nil, err
	}
	o, family, err := in.settings()
	if err != nil {
		return nil, err
	}
	o.Ingestion = in.StartIngestion
	st, err := a.Lake.CreateStoreWith(family, o)
	if err != nil {
		return nil, err
	}
	return &createEventDataStoreOutput{detail(st), in.TagsList}, a.tag(st.ID, in.TagsList)
}

type updateEventDataStoreInput struct {
	storeInput
	storeSettings
}

type updateEventDataStoreOutput struct {
	storeDetail
	FederationStatus string
}

func (a *API) updateEventDataStore(_ context.Context, who access.Principal, in *updateEventDataStoreInput) (*updateEventDataStoreOutput, error) {
	o, _, err := in.settings()
	if err == nil && in.Name != "" && len(who.Stores) > 0 { // a name that is taken tells of a store
		err = fault.New(fault.Denied, "%s is for some event data stores, and cannot name them anew", who.ID)
	}
	if err != nil {
		return nil, err
	}
	st, err := a.store(who, access.Manage, in.EventDataStore)
	if err == nil {
		st, err = a.Lake.UpdateStore(st.ID, o)
	}
	if err != nil {
		return nil, err
	}
	return &updateEventDataStoreOutput{detail(st), notFederated}, nil
}

func (a *API) deleteEventDataStore(_ context.Context, who access.Principal, in *storeInput) (*none, error) {
	st, err := a.store(who, access.Manage, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	return &none{}, a.withoutChannels(st, func() error {
		_, err := a.Lake.DeleteStore(st.ID)
		return err
	})
}

func (a *API) restoreEventDataStore(_ context.Context, who access.Principal, in *storeInput) (*storeDetail, error) {
	st, err := a.store(who, access.Manage, in.EventDataStore)
	if err == nil {
		st, err = a.Lake.RestoreStore(st.ID)
	}
	if err != nil {
		return nil, err
	}
	d := detail(st)
	return &d, nil
}

func (a *API) startIngestion(_ context.Context, who access.Principal, in *storeInput) (*none, error) {
	return &none{}, a.ingestion(who, in.EventDataStore, true)
}

func (a *API) stopIngestion(_ context.Context, who access.Principal, in *storeInput) (*none, error) {
	return &none{}, a.ingestion(who, in.EventDataStore, false)
}

// ingestion lets a store take live events, or none. What is so already is told, as
// CloudTrail does.
func (a *API) ingestion(who access.Principal, ref string, on bool) error {
	st, err := a.store(who, access.Manage, ref)
	if err != nil {
		return err
	}
	if err := st.Usable(); err != nil {
		return err
	}
	if st.Family != schemas.CloudTrail().Name {
		return fault.New("InvalidEventDataStoreCategoryException", "the ingestion of %s, whose events come through channels, is theirs", st.Name).
			With("delete the channel, or give it another destination")
	}
	if on != st.Stopped {
		return fault.New("InvalidEventDataStoreStatusException", "the event data store %s is %s", st.Name, st.Status())
	}
	_, err = a.Lake.UpdateStore(st.ID, lake.StoreSettings{Ingestion: &on})
	return err
}
