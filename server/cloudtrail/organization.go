package cloudtrail

import (
	"context"

	"tarn/lake"
	"tarn/server/access"
	"tarn/server/fault"
)

// What a lake on one machine has nothing for: their inputs are checked as CloudTrail's,
// and the answer says what there is instead.
var organizationOperations = []operation{
	op("DeregisterOrganizationDelegatedAdmin", access.Manage, (*API).deregisterAdmin),
	op("DisableFederation", access.Manage, (*API).disableFederation),
	op("EnableFederation", access.Manage, (*API).enableFederation),
	op("ListInsightsMetricData", access.Query, (*API).listInsightsMetricData),
	op("RegisterOrganizationDelegatedAdmin", access.Manage, (*API).registerAdmin),
}

type registerAdminInput struct {
	MemberAccountId string `aws:"required,min=12,max=16,is=digits"`
}

type deregisterAdminInput struct {
	DelegatedAdminAccountId string `aws:"required,min=12,max=16,is=digits"`
}

func noOrganization() error {
	return fault.New("UnsupportedOperationException", "a lake is of no organization, and has no delegated administrators").
		With("give somebody an access key: tarn access create NAME --role admin")
}

func (a *API) registerAdmin(context.Context, access.Principal, *registerAdminInput) (*none, error) {
	return nil, noOrganization()
}

func (a *API) deregisterAdmin(context.Context, access.Principal, *deregisterAdminInput) (*none, error) {
	return nil, noOrganization()
}

type enableFederationInput struct {
	EventDataStore    string `aws:"required,min=3,max=256,is=ref"`
	FederationRoleArn string `aws:"required,min=3,max=125,is=role"`
}

type federation struct {
	EventDataStoreArn string
	FederationStatus  string
}

func (a *API) enableFederation(_ context.Context, who access.Principal, in *enableFederationInput) (*federation, error) {
	if _, err := a.federated(who, in.EventDataStore); err != nil {
		return nil, err
	}
	return nil, fault.New("UnsupportedOperationException", "there is no Glue catalog here to make a table in").
		With("other engines read the store's segments, which are Parquet files, or what tarn export writes; SQL is answered at POST /sql")
}

// disableFederation tells how it is: nothing is federated.
func (a *API) disableFederation(_ context.Context, who access.Principal, in *storeInput) (*federation, error) {
	st, err := a.federated(who, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	return &federation{st.ARN(), notFederated}, nil
}

func (a *API) federated(who access.Principal, ref string) (lake.Store, error) {
	st, err := a.store(who, access.Manage, ref)
	if err == nil {
		err = st.Usable()
	}
	return st, err
}

type listInsightsMetricDataInput struct {
	TrailName   string
	EventSource string `aws:"required,max=256,is=service"`
	EventName   string `aws:"required,max=128,is=event"`
	InsightType string `aws:"required,in=ApiCallRateInsight|ApiErrorRateInsight"`
	ErrorCode   string `aws:"max=128,is=error"`
	StartTime   Time
	EndTime     Time
	Period      int    `aws:"min=60,max=3600"`
	DataType    string `aws:"in=FillWithZeros|NonZeroData"`
	MaxResults  int    `aws:"min=1,max=21600"`
	NextToken   string `aws:"min=1,max=5000"`
}

func (a *API) listInsightsMetricData(context.Context, access.Principal, *listInsightsMetricDataInput) (*none, error) {
	return nil, fault.New("UnsupportedOperationException", "no series of calls is kept here").
		With("SQL counts them: SELECT date_trunc('minute', eventTime), count(*) FROM STORE WHERE eventSource = … AND eventName = … GROUP BY 1")
}
