package cloudtrail

import (
	"context"
	"strings"

	"tarn/lake"
	"tarn/server/access"
	"tarn/server/fault"
	"tarn/server/policy"
)

var policyOperations = []operation{
	op("DeleteResourcePolicy", access.Manage, (*API).deleteResourcePolicy),
	op("GetResourcePolicy", access.Audit, (*API).getResourcePolicy),
	op("PutResourcePolicy", access.Manage, (*API).putResourcePolicy),
}

type resourceInput struct {
	ResourceArn string `aws:"required,min=3,max=256,is=ref"`
}

type putResourcePolicyInput struct {
	ResourceArn    string `aws:"required,min=3,max=256,is=ref"`
	ResourcePolicy string `aws:"required,min=1,max=8192"`
}

type resourcePolicy struct{ ResourceArn, ResourcePolicy string }

// putResourcePolicy gives a resource a policy. That of the lake's own store is its own:
// nobody hides from an auditor what they did.
func (a *API) putResourcePolicy(_ context.Context, who access.Principal, in *putResourcePolicyInput) (*resourcePolicy, error) {
	arn, err := a.policed(who, access.Manage, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	d, err := policy.Parse(in.ResourcePolicy, arn)
	for _, role := range d.Roles() {
		if err == nil {
			_, err = access.ParseRole(role)
		}
	}
	if err != nil {
		return nil, fault.New("ResourcePolicyNotValidException", "ResourcePolicy: %v", err)
	}
	return &resourcePolicy{arn, in.ResourcePolicy}, a.Policies.Put(arn, in.ResourcePolicy, d)
}

func (a *API) getResourcePolicy(_ context.Context, who access.Principal, in *resourceInput) (*resourcePolicy, error) {
	arn, err := a.policed(who, access.Audit, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	text, ok := a.Policies.Get(arn)
	if !ok {
		return nil, noPolicy(arn)
	}
	return &resourcePolicy{arn, text}, nil
}

func (a *API) deleteResourcePolicy(_ context.Context, who access.Principal, in *resourceInput) (*none, error) {
	arn, err := a.policed(who, access.Manage, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	was, err := a.Policies.Remove(arn)
	if err == nil && !was {
		err = noPolicy(arn)
	}
	return &none{}, err
}

func noPolicy(arn string) error {
	return fault.New("ResourcePolicyNotFoundException", "%s has no resource policy", arn)
}

// policed is the ARN, as it is written here, of a resource that may have a policy, if
// somebody may do that with it.
func (a *API) policed(who access.Principal, act access.Act, arn string) (string, error) {
	parts := strings.Split(arn, ":")
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "cloudtrail" {
		return "", fault.New("ResourceARNNotValidException", "%q is not the ARN of anything here", arn)
	}
	kind, _, _ := strings.Cut(parts[5], "/")
	var own string
	var err error
	switch kind {
	case "eventdatastore":
		var st lake.Store
		if st, err = a.store(who, act, arn); err == nil && st.Own() {
			return "", fault.New("OperationNotPermittedException", "%s is the lake's own, and has no resource policy", st.Name)
		}
		own = st.ARN()
	case "channel":
		c, wrong := a.channel(who, act, arn)
		own, err = channelARN+c.ID, wrong
	case "dashboard":
		d, wrong := a.dashboard(who, act, arn)
		own, err = dashboardARN+d.ID, wrong
	default:
		return "", fault.New("ResourceTypeNotSupportedException", "a %s has no resource policy here; event data stores, channels and dashboards have", kind)
	}
	if f := fault.Of(err); f != nil {
		return "", fault.New("ResourceNotFoundException", "there is no resource %s", arn)
	}
	return own, err
}
