package cloudtrail

import (
	"context"
	"net/netip"
	"regexp"
	"strings"

	"tarn/server/access"
	"tarn/server/fault"
)

// trailSettings are what can be chosen of a trail. Nothing is sent to what they name, so
// whether it is there is not looked at.
type trailSettings struct {
	Name                       string `aws:"required"`
	S3BucketName               string
	S3KeyPrefix                string `aws:"max=200,else=InvalidS3PrefixException"`
	SnsTopicName               string
	IncludeGlobalServiceEvents *bool
	IsMultiRegionTrail         *bool
	EnableLogFileValidation    *bool
	CloudWatchLogsLogGroupArn  *string
	CloudWatchLogsRoleArn      *string
	KmsKeyId                   string
	IsOrganizationTrail        *bool
	RecursiveLogging           *bool
}

var (
	bucketName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)
	topicName  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
	topicARN   = regexp.MustCompile(`^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:([A-Za-z0-9_-]{1,256})$`)
	groupARN   = regexp.MustCompile(`^arn:[a-z-]+:logs:[a-z0-9-]+:\d{12}:log-group:[-._/#A-Za-z0-9]{1,512}(:\*)?$`)
	iamRoleARN = regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:role/[-+=,.@_/A-Za-z0-9]{1,512}$`)
)

// onto makes a trail what the settings say of it.
func (in *trailSettings) onto(t *trail) error {
	set := func(to *bool, given *bool) {
		if given != nil {
			*to = *given
		}
	}
	set(&t.IncludeGlobalServiceEvents, in.IncludeGlobalServiceEvents)
	set(&t.IsMultiRegionTrail, in.IsMultiRegionTrail)
	set(&t.LogFileValidationEnabled, in.EnableLogFileValidation)
	set(&t.RecursiveLogging, in.RecursiveLogging)
	if in.S3BucketName != "" {
		t.S3BucketName = in.S3BucketName
	}
	if in.S3KeyPrefix != "" {
		t.S3KeyPrefix = in.S3KeyPrefix
	}
	if in.SnsTopicName != "" {
		t.SnsTopicName, t.SnsTopicARN = in.SnsTopicName, "arn:aws:sns:"+channelRegion+":000000000000:"+in.SnsTopicName
		if m := topicARN.FindStringSubmatch(in.SnsTopicName); m != nil {
			t.SnsTopicName, t.SnsTopicARN = m[1], in.SnsTopicName
		}
	}
	if in.CloudWatchLogsLogGroupArn != nil {
		t.CloudWatchLogsLogGroupArn = *in.CloudWatchLogsLogGroupArn
	}
	if in.CloudWatchLogsRoleArn != nil {
		t.CloudWatchLogsRoleArn = *in.CloudWatchLogsRoleArn
	}
	return in.wrong(*t)
}

// wrong says what of a trail cannot be.
func (in *trailSettings) wrong(t trail) error {
	_, ip := netip.ParseAddr(t.S3BucketName)
	group, role := t.CloudWatchLogsLogGroupArn, t.CloudWatchLogsRoleArn
	switch {
	case in.KmsKeyId != "":
		return fault.New("InvalidKmsKeyIdException", "KmsKeyId: there are no keys of KMS here").With("leave it out")
	case in.IsOrganizationTrail != nil && *in.IsOrganizationTrail:
		return noOrganization()
	case len(t.S3BucketName) < 3 || len(t.S3BucketName) > 63 || !bucketName.MatchString(t.S3BucketName) || ip == nil:
		return fault.New("InvalidS3BucketNameException", "%.100q is not the name of a bucket", t.S3BucketName)
	case strings.ContainsFunc(t.S3KeyPrefix, func(r rune) bool { return r < ' ' || r > '~' }):
		return fault.New("InvalidS3PrefixException", "%.200q is not a prefix: printable ASCII", t.S3KeyPrefix)
	case t.SnsTopicName != "" && !topicName.MatchString(t.SnsTopicName):
		return fault.New("InvalidSnsTopicNameException", "%.256q is not the name or the ARN of a topic", t.SnsTopicName)
	case group == "" && role != "":
		return fault.New("InvalidCloudWatchLogsLogGroupArnException", "a CloudWatchLogsRoleArn goes with a CloudWatchLogsLogGroupArn")
	case group != "" && !groupARN.MatchString(group):
		return fault.New("InvalidCloudWatchLogsLogGroupArnException", "%.300q is not the ARN of a log group", group)
	case group != "" && !iamRoleARN.MatchString(role):
		return fault.New("InvalidCloudWatchLogsRoleArnException", "%.300q is not the ARN of a role", role)
	case t.IsMultiRegionTrail && !t.IncludeGlobalServiceEvents:
		return fault.New("InvalidParameterCombinationException", "a trail of all regions includes the events of global services")
	}
	return nil
}

type createTrailInput struct {
	trailSettings
	TagsList []tag `aws:"max=200"`
}

func (a *API) createTrail(_ context.Context, who access.Principal, in *createTrailInput) (*trailDetail, error) {
	if !mayTrails(who) {
		return nil, fault.New(fault.Denied, "%s is for some event data stores; a trail is of all", who.ID)
	}
	name, err := trailNamed(in.Name)
	if err == nil && name != in.Name {
		err = fault.New("InvalidTrailNameException", "a new trail has a name, and no ARN yet")
	}
	if err == nil && in.S3BucketName == "" {
		err = fault.New("ValidationException", "S3BucketName is missing or empty")
	}
	if err == nil {
		_, err = tagsOf(in.TagsList)
	}
	t := trail{Name: name, IncludeGlobalServiceEvents: true, RecursiveLogging: true}
	if err == nil {
		err = in.onto(&t)
	}
	if err != nil {
		return nil, err
	}
	a.keeping.Lock()
	defer a.keeping.Unlock()
	all, err := a.trails(who)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if one.ID == name {
			return nil, fault.New("TrailAlreadyExistsException", "there is a trail %s already", name)
		}
	}
	if len(all) >= maxTrails {
		return nil, fault.New("MaximumNumberOfTrailsExceededException", "there are %d trails; that is how many there may be", len(all))
	}
	if err = a.keepTrail(t); err == nil {
		err = a.tag(name, in.TagsList)
	}
	d := detailOfTrail(t)
	return &d, err
}

func (a *API) updateTrail(_ context.Context, who access.Principal, in *trailSettings) (*trailDetail, error) {
	var d trailDetail
	err := a.changeTrail(who, in.Name, func(t *trail) error {
		err := in.onto(t)
		d = detailOfTrail(*t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &d, nil
}

func (a *API) deleteTrail(_ context.Context, who access.Principal, in *trailInput) (*none, error) {
	a.keeping.Lock()
	defer a.keeping.Unlock()
	one, err := a.trail(who, access.Manage, in.Name)
	if err != nil {
		return nil, err
	}
	if err := a.State.Forget(trailKind, one.ID); err != nil {
		return nil, err
	}
	return &none{}, a.State.ForgetTags(one.ID)
}
