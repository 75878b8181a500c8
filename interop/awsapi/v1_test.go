package awsapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/awserr"
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

// channel makes an event data store for activity events and a channel into it, with
// AWS's own client of version 2.
func (h *host) channel(t *testing.T) (arn string) {
	t.Helper()
	h.tarn(t, "store", "create", "activity", "--family", "activity")
	out, err := h.client().CreateChannel(t.Context(), &cloudtrail.CreateChannelInput{Name: aws.String("shop"), Source: aws.String("Custom"),
		Destinations: []types.Destination{{Type: types.DestinationTypeEventDataStore, Location: aws.String("activity")}}})
	if err != nil {
		t.Fatal(err)
	}
	return aws.StringValue(out.ChannelArn)
}

// sale is an audit event.
func sale(uid string) *cloudtraildata.AuditEvent {
	data := `{"version":"1","userIdentity":{"type":"Clerk","principalId":"ida"},"eventSource":"shop.example.org","eventName":"Sale",` +
		`"eventTime":"2026-01-02T03:04:05Z","UID":"` + uid + `","recipientAccountId":"000000000000"}`
	sum := sha256.Sum256([]byte(data))
	return &cloudtraildata.AuditEvent{Id: aws.String(uid), EventData: aws.String(data), EventDataChecksum: aws.String(base64.StdEncoding.EncodeToString(sum[:]))}
}

func TestTheSDKOfVersion1PutsAuditEvents(t *testing.T) {
	h := newHost(t)
	arn, client := h.channel(t), h.data(t)
	wrong := sale("c")
	wrong.EventDataChecksum = sale("a").EventDataChecksum
	out, err := client.PutAuditEvents(&cloudtraildata.PutAuditEventsInput{ChannelArn: &arn, ExternalId: aws.String("desk-4"),
		AuditEvents: []*cloudtraildata.AuditEvent{sale("a"), sale("b"), wrong}})
	if err != nil || len(out.Successful) != 2 || len(out.Failed) != 1 || aws.StringValue(out.Failed[0].ErrorCode) != "InvalidChecksum" || len(aws.StringValue(out.Successful[0].EventID)) != 36 {
		t.Errorf("PutAuditEvents: %v, %v", out, err)
	}
	for want, in := range map[string]*cloudtraildata.PutAuditEventsInput{
		cloudtraildata.ErrCodeDuplicatedAuditEventId: {ChannelArn: &arn, AuditEvents: []*cloudtraildata.AuditEvent{sale("a"), sale("a")}},
		cloudtraildata.ErrCodeInvalidChannelARN:      {ChannelArn: aws.String("arn:aws:s3:::x"), AuditEvents: []*cloudtraildata.AuditEvent{sale("a")}},
		cloudtraildata.ErrCodeChannelNotFound:        {ChannelArn: aws.String(arn[:len(arn)-12] + strings.Repeat("0", 12)), AuditEvents: []*cloudtraildata.AuditEvent{sale("a")}},
	} {
		var told awserr.Error
		if _, err := client.PutAuditEvents(in); !errors.As(err, &told) || told.Code() != want || told.Message() == "" {
			t.Errorf("PutAuditEvents: %v; want %s", err, want)
		}
	}
	got, err := h.client().GetChannel(t.Context(), &cloudtrail.GetChannelInput{Channel: &arn})
	if err != nil || got.IngestionStatus.LatestIngestionSuccessTime == nil || aws.StringValue(got.IngestionStatus.LatestIngestionErrorCode) != "InvalidChecksum" {
		t.Errorf("GetChannel: %+v, %v", got, err)
	}
	if _, err := h.client().DeleteChannel(t.Context(), &cloudtrail.DeleteChannelInput{Channel: &arn}); err != nil {
		t.Error(err)
	}
}
