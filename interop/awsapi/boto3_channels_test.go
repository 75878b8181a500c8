package awsapi_test

import (
	"os/exec"
	"strings"
	"testing"
)

// boto is a program of somebody who uses boto3: its arguments are the address of a
// server and the ARN of a channel.
const boto = `
import boto3, json, sys
from botocore.exceptions import ClientError
url, arn = sys.argv[1:]
data = boto3.client('cloudtrail-data', endpoint_url=url)
event = lambda uid, **more: {'id': uid, 'eventData': json.dumps({'version': '1', 'userIdentity': {'type': 'Clerk', 'principalId': 'ida'},
    'eventSource': 'shop.example.org', 'eventName': 'Größe "€"', 'eventTime': '2026-01-02T03:04:05Z', 'UID': uid,
    'recipientAccountId': '000000000000', **more})}
out = data.put_audit_events(channelArn=arn, auditEvents=[event('a'), event('b', version='x' * 300)])
print(len(out['successful']), out['failed'][0]['errorCode'], out['successful'] == data.put_audit_events(channelArn=arn, auditEvents=[event('a')])['successful'])
for kind, call in [(data.exceptions.ChannelNotFound, lambda: data.put_audit_events(channelArn=arn[:-12] + 12 * '0', auditEvents=[event('a')])),
                   (data.exceptions.DuplicatedAuditEventId, lambda: data.put_audit_events(channelArn=arn, auditEvents=[event('a'), event('a')]))]:
    try:
        call()
    except kind as e:
        print(e.response['Error']['Code'], e.response['ResponseMetadata']['HTTPStatusCode'])
trail = boto3.client('cloudtrail', endpoint_url=url)
got = trail.get_channel(Channel=arn)
print(got['Source'], got['IngestionStatus']['LatestIngestionSuccessEventID'] == out['successful'][0]['eventID'])
made = trail.create_channel(Name='okta', Source='Okta', Destinations=got['Destinations'])
trail.update_channel(Channel=made['ChannelArn'], Name='okta-2')
first = trail.list_channels(MaxResults=1)
both = first['Channels'] + trail.list_channels(NextToken=first['NextToken'])['Channels']
print(sorted(c['Name'] for c in both))
trail.delete_channel(Channel=made['ChannelArn'])
`

func TestBoto3PutsAuditEvents(t *testing.T) {
	if err := exec.Command("python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("python3 with boto3 is not on the PATH")
	}
	h := newHost(t)
	c := exec.Command("python3", "-c", boto, h.url, h.channel(t))
	c.Env = append(h.env, "AWS_ACCESS_KEY_ID="+h.id, "AWS_SECRET_ACCESS_KEY="+h.secret, "AWS_DEFAULT_REGION=us-east-1")
	out, err := c.CombinedOutput()
	want := "1 FieldTooLong True\nChannelNotFound 400\nDuplicatedAuditEventId 400\nCustom True\n['okta-2', 'shop']\n"
	if err != nil || strings.ReplaceAll(string(out), "\r", "") != want {
		t.Errorf("%v: %s; want %s", err, out, want)
	}
}
