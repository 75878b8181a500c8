package awsapi_test

import (
	"testing"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/cloudtraildata"
)

// data is AWS's own client for PutAuditEvents: the SDK of version 1 has one.
func (h *host) data(t *testing.T) *cloudtraildata.CloudTrailData {
	t.Helper()
	s, err := session.NewSession(&aws.Config{
		Region: aws.String("us-east-1"), Endpoint: aws.String(h.url), Credentials: credentials.NewStaticCredentials(h.id, h.secret, ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	return cloudtraildata.New(s)
}

// Nothing answers yet that it asks: who asks is known, and is told so.
func TestTheSDKOfVersion1IsKnown(t *testing.T) {
	_, err := newHost(t).data(t).PutAuditEvents(&cloudtraildata.PutAuditEventsInput{ChannelArn: aws.String("arn:aws:cloudtrail:us-east-1:000000000000:channel/x"),
		AuditEvents: []*cloudtraildata.AuditEvent{{Id: aws.String("a"), EventData: aws.String("{}")}}})
	if err == nil {
		t.Error("PutAuditEvents answers")
	}
}
