package cloudtrail

import (
	"context"

	"tarn/schemas"
	"tarn/server/access"
	"tarn/server/fault"
)

type insightSelector struct {
	InsightType     string   `aws:"in=ApiCallRateInsight|ApiErrorRateInsight"`
	EventCategories []string `json:",omitempty" aws:"max=2,in=Management|Data"`
}

type putInsightSelectorsInput struct {
	TrailName           string
	InsightSelectors    []insightSelector `aws:"required,max=2,else=InvalidInsightSelectorsException"`
	EventDataStore      string            `aws:"min=3,max=256,is=ref"`
	InsightsDestination string            `aws:"min=3,max=256,is=ref"`
}

type insightSelectors struct {
	TrailARN            string `json:",omitempty"`
	InsightSelectors    []insightSelector
	EventDataStoreArn   string `json:",omitempty"`
	InsightsDestination string `json:",omitempty"`
}

func insightSelectorsOf(c configured) *insightSelectors {
	out := &insightSelectors{InsightSelectors: c.InsightSelectors}
	out.TrailARN, out.EventDataStoreArn = c.arns()
	if c.InsightsDestination != "" {
		out.InsightsDestination = storeARN(c.InsightsDestination)
	}
	if out.InsightSelectors == nil {
		out.InsightSelectors = []insightSelector{}
	}
	return out
}

// putInsightSelectors keeps which insights are wanted, and where they would be. Nothing
// here computes them: those of CloudTrail come in by imports.
func (a *API) putInsightSelectors(_ context.Context, who access.Principal, in *putInsightSelectorsInput) (*insightSelectors, error) {
	c, err := a.configure(who, in.TrailName, in.EventDataStore, func(c *configured) error {
		if in.TrailName != "" && in.InsightsDestination != "" {
			return fault.New("InvalidParameterCombinationException", "InsightsDestination is of event data stores")
		}
		if err := checkInsights(in); err != nil {
			return err
		}
		if c.InsightSelectors = in.InsightSelectors; in.TrailName != "" {
			return nil
		}
		if len(in.InsightSelectors) == 0 {
			c.InsightsDestination = ""
			return nil
		}
		if in.InsightsDestination == "" {
			return fault.New("InvalidParameterCombinationException", "the InsightsDestination is wanted: an event data store for insights")
		}
		to, err := a.store(who, access.Manage, in.InsightsDestination)
		if err == nil {
			err = to.Usable()
		}
		if err == nil && to.Family != schemas.Insights().Name {
			err = fault.New(fault.Invalid, "the event data store %s is for %s events; an InsightsDestination is for insights", to.Name, to.Family)
		}
		c.InsightsDestination = to.ID
		return err
	})
	if err != nil {
		return nil, err
	}
	return insightSelectorsOf(c), nil
}

func checkInsights(in *putInsightSelectorsInput) error {
	seen := map[string]bool{}
	for _, s := range in.InsightSelectors {
		if s.InsightType == "" || seen[s.InsightType] {
			return fault.New("InvalidInsightSelectorsException", "each selector has an InsightType, another one each")
		}
		seen[s.InsightType] = true
		if in.EventDataStore != "" && len(s.EventCategories) > 0 && (len(s.EventCategories) > 1 || s.EventCategories[0] != "Management") {
			return fault.New("InvalidInsightSelectorsException", "insights of an event data store are of Management events")
		}
	}
	return nil
}

func (a *API) getInsightSelectors(_ context.Context, who access.Principal, in *configurationInput) (*insightSelectors, error) {
	c, err := a.configuredBy(who, access.Query, in.TrailName, in.EventDataStore)
	if err == nil && len(c.InsightSelectors) == 0 {
		err = fault.New("InsightNotEnabledException", "no insights are chosen")
	}
	if err != nil {
		return nil, err
	}
	return insightSelectorsOf(c), nil
}
