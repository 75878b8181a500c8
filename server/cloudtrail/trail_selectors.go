package cloudtrail

import (
	"context"
	"encoding/json"
	"slices"

	"tarn/schemas/selector"
	"tarn/server/access"
	"tarn/server/fault"
)

// trailSelectors say which events a trail is for: basic or advanced ones.
type trailSelectors struct {
	EventSelectors         []eventSelector `json:",omitempty"`
	AdvancedEventSelectors json.RawMessage `json:",omitempty"`
}

type eventSelector struct {
	ReadWriteType                 string         `aws:"in=All|ReadOnly|WriteOnly,else=InvalidEventSelectorsException"`
	IncludeManagementEvents       *bool          `json:",omitempty"`
	DataResources                 []dataResource `json:",omitempty"`
	ExcludeManagementEventSources []string       `json:",omitempty" aws:"in=kms.amazonaws.com|rdsdata.amazonaws.com,else=InvalidEventSelectorsException"`
}

type dataResource struct {
	Type   string `aws:"in=AWS::S3::Object|AWS::Lambda::Function|AWS::DynamoDB::Table,else=InvalidEventSelectorsException"`
	Values []string
}

// maxDataResources is how many values the basic selectors of a trail have.
const maxDataResources = 250

type putEventSelectorsInput struct {
	TrailName              string          `aws:"required"`
	EventSelectors         []eventSelector `aws:"max=5,else=InvalidEventSelectorsException"`
	AdvancedEventSelectors json.RawMessage
}

type eventSelectorsOutput struct {
	TrailARN string
	trailSelectors
}

func (a *API) putEventSelectors(_ context.Context, who access.Principal, in *putEventSelectorsInput) (*eventSelectorsOutput, error) {
	given, err := in.selectors()
	if err != nil {
		return nil, err
	}
	var arn string
	err = a.changeTrail(who, in.TrailName, func(t *trail) error {
		t.Selectors, arn = &given, t.arn()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &eventSelectorsOutput{arn, given}, nil
}

// selectors are those that are given, if they can be.
func (in *putEventSelectorsInput) selectors() (s trailSelectors, err error) {
	advanced := len(in.AdvancedEventSelectors) > 0 && string(in.AdvancedEventSelectors) != "null"
	if advanced == (in.EventSelectors != nil) {
		return s, fault.New("InvalidEventSelectorsException", "one of EventSelectors and AdvancedEventSelectors is wanted")
	}
	if advanced {
		set, err := selector.Parse(in.AdvancedEventSelectors)
		if err != nil {
			return s, selectorFault(err)
		}
		s.AdvancedEventSelectors, err = set.MarshalJSON()
		return s, err
	}
	values := 0
	for i := range in.EventSelectors {
		e := &in.EventSelectors[i]
		if e.ReadWriteType == "" {
			e.ReadWriteType = "All"
		}
		if e.IncludeManagementEvents == nil {
			e.IncludeManagementEvents = new(true)
		}
		for _, r := range e.DataResources {
			values += len(r.Values)
			if r.Type == "" || slices.Contains(r.Values, "") {
				return s, fault.New("InvalidEventSelectorsException", "a data resource has a Type, and no empty value")
			}
		}
	}
	if values > maxDataResources {
		return s, fault.New("InvalidEventSelectorsException", "there are %d data resources; a trail has at most %d", values, maxDataResources)
	}
	s.EventSelectors = in.EventSelectors
	return s, nil
}

type trailNameInput struct {
	TrailName string `aws:"required"`
}

// getEventSelectors tells, of a trail that nobody chose for, that it is for all
// management events.
func (a *API) getEventSelectors(_ context.Context, who access.Principal, in *trailNameInput) (*eventSelectorsOutput, error) {
	one, err := a.trail(who, access.Query, in.TrailName)
	if err != nil {
		return nil, err
	}
	if one.Doc.Selectors != nil {
		return &eventSelectorsOutput{one.Doc.arn(), *one.Doc.Selectors}, nil
	}
	usual := trailSelectors{EventSelectors: []eventSelector{{ReadWriteType: "All", IncludeManagementEvents: new(true)}}}
	return &eventSelectorsOutput{one.Doc.arn(), usual}, nil
}
