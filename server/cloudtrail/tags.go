package cloudtrail

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"tarn/lake/statedb"
	"tarn/server/access"
	"tarn/server/fault"
)

var tagOperations = []operation{
	op("AddTags", access.Manage, (*API).addTags),
	op("ListTags", access.Query, (*API).listTags),
	op("RemoveTags", access.Manage, (*API).removeTags),
}

type tag struct {
	Key   string `aws:"required,min=1,max=128"`
	Value string `aws:"max=256"`
}

// tagText is what stands in keys and values.
var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// tagsOf are tags as they are kept; their keys differ.
func tagsOf(given []tag) (all []statedb.Tag, err error) {
	if len(given) > statedb.MostTags {
		return nil, fault.New("TagsLimitExceededException", "there are %d tags; one resource has at most %d", len(given), statedb.MostTags)
	}
	seen := map[string]bool{}
	for _, t := range given {
		what := ""
		switch {
		case seen[t.Key]:
			what = "is there twice"
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			what = "begins with aws:, as AWS's own do"
		case !tagText.MatchString(t.Key) || !tagText.MatchString(t.Value):
			what = "has other characters than letters, digits, spaces and _.:/=+-@"
		}
		if what != "" {
			return nil, fault.New("InvalidTagParameterException", "the tag %q %s", t.Key, what)
		}
		seen[t.Key] = true
		all = append(all, statedb.Tag{Key: t.Key, Value: t.Value})
	}
	return all, nil
}

// resource is the id of what an ARN means, if somebody may do that with it.
func (a *API) resource(who access.Principal, act access.Act, arn string) (string, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "cloudtrail" {
		return "", fault.New("CloudTrailARNInvalidException", "%q is not the ARN of anything here", arn)
	}
	kind, _, _ := strings.Cut(parts[5], "/")
	switch kind {
	case "eventdatastore":
		st, err := a.store(who, act, arn)
		if err == nil {
			err = st.Usable()
		}
		return st.ID, err
	case "channel":
		c, err := a.channel(who, act, arn)
		return c.ID, err
	case "trail":
		t, err := a.trail(who, act, arn)
		return t.ID, err
	case "dashboard":
		d, err := a.dashboard(who, act, arn)
		return "dashboard/" + d.ID, err
	}
	return "", fault.New("ResourceTypeNotSupportedException", "a %s has no tags here; event data stores, channels, trails and dashboards have", kind)
}

type tagsInput struct {
	ResourceId string `aws:"required,min=3,max=256"`
	TagsList   []tag  `aws:"required,max=200"`
}

func (a *API) addTags(_ context.Context, who access.Principal, in *tagsInput) (*none, error) {
	id, err := a.resource(who, access.Manage, in.ResourceId)
	if err != nil {
		return nil, err
	}
	return &none{}, a.tag(id, in.TagsList)
}

// tag gives a resource tags.
func (a *API) tag(id string, given []tag) error {
	tags, err := tagsOf(given)
	if err == nil && len(tags) > 0 {
		err = a.State.PutTags(id, tags)
	}
	if errors.Is(err, statedb.ErrManyTags) {
		err = fault.New("TagsLimitExceededException", "%v", err)
	}
	return err
}

// removeTags goes by the keys; a value, if there is one, says nothing.
func (a *API) removeTags(_ context.Context, who access.Principal, in *tagsInput) (*none, error) {
	id, err := a.resource(who, access.Manage, in.ResourceId)
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, t := range in.TagsList {
		keys = append(keys, t.Key)
	}
	return &none{}, a.State.RemoveTags(id, keys)
}

type listTagsInput struct {
	ResourceIdList []string `aws:"required,min=1,max=20"`
	NextToken      string
}

type resourceTags struct {
	ResourceId string
	TagsList   []tag
}

type listTagsOutput struct{ ResourceTagList []resourceTags }

// listTags tells of all at once: there is no second page.
func (a *API) listTags(_ context.Context, who access.Principal, in *listTagsInput) (*listTagsOutput, error) {
	if in.NextToken != "" {
		return nil, fault.New("InvalidTokenException", "NextToken is not one that was given out")
	}
	out := &listTagsOutput{}
	for _, arn := range in.ResourceIdList {
		id, err := a.resource(who, access.Query, arn)
		if err != nil {
			return nil, err
		}
		tags, err := a.State.Tags(id)
		if err != nil {
			return nil, err
		}
		one := resourceTags{arn, []tag{}}
		for _, t := range tags {
			one.TagsList = append(one.TagsList, tag(t))
		}
		out.ResourceTagList = append(out.ResourceTagList, one)
	}
	return out, nil
}
