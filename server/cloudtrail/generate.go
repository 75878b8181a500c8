package cloudtrail

import (
	"context"
	"time"

	"tarn/query/samples"
	"tarn/server/access"
	"tarn/server/fault"
)

type generateQueryInput struct {
	EventDataStores []string `aws:"required,min=1,max=1"`
	Prompt          string   `aws:"required,min=3,max=500,is=prompt"`
}

type generateQueryOutput struct{ QueryStatement, QueryAlias string }

// generateQuery finds the sample that a prompt is about, with what the prompt says of its
// parameters. It asks no model, and runs nothing: the statement says from which sample it
// is, which is its alias, too. What a model would write would come in here, and be
// checked by Jobs.Check as what anybody writes.
func (a *API) generateQuery(_ context.Context, who access.Principal, in *generateQueryInput) (*generateQueryOutput, error) {
	st, err := a.store(who, access.Query, in.EventDataStores[0])
	if err == nil {
		err = st.Usable()
	}
	if err != nil {
		return nil, err
	}
	asked, ok := samples.Understand(in.Prompt, time.Now())
	if !ok {
		return nil, fault.New("GenerateResponseException", "none of the sample queries is about that; no model writes others here").
			With("SearchSampleQueries finds those that there are")
	}
	asked.Values.Store = st.ID
	statement, err := asked.Sample.Statement(asked.Values)
	if err != nil {
		return nil, fault.New("GenerateResponseException", "the sample query %s: %v", asked.Sample.Name, err)
	}
	head := "-- from the sample query " + asked.Sample.Name + "\n" + asked.Sample.Head()
	return &generateQueryOutput{head + statement, asked.Sample.Name}, nil
}
