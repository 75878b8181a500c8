package cloudtrail

import (
	"context"
	"fmt"

	"tarn/query/samples"
	"tarn/server/access"
)

var sampleOperations = []operation{
	op("SearchSampleQueries", access.Query, (*API).searchSampleQueries),
}

type searchSampleQueriesInput struct {
	SearchPhrase string `aws:"required,min=2,max=1000,is=prompt"`
	MaxResults   int    `aws:"min=1,max=50"`
	NextToken    string `aws:"min=4,max=1000"`
}

type searchSampleQueriesOutput struct {
	SearchResults []foundSample
	NextToken     string `json:",omitempty"`
}

type foundSample struct {
	Name, Description, SQL string
	Relevance              float64
}

// samplesPage is how many samples a page has where its size is not asked for.
const samplesPage = 10

func (a *API) searchSampleQueries(_ context.Context, _ access.Principal, in *searchSampleQueriesInput) (*searchSampleQueriesOutput, error) {
	if in.MaxResults == 0 {
		in.MaxResults = samplesPage
	}
	found := samples.Search(in.SearchPhrase)
	place := map[string]int{}
	for i, m := range found {
		place[m.Name] = i
	}
	some, next, err := page(found, func(m samples.Match) string { return fmt.Sprintf("%06d", place[m.Name]) }, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &searchSampleQueriesOutput{SearchResults: []foundSample{}, NextToken: next}
	for _, m := range some {
		out.SearchResults = append(out.SearchResults, foundSample{m.Name, m.Question + " Look for: " + m.LookFor, m.Shared(), float64(m.Relevance)})
	}
	return out, nil
}
