package awsapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/cloudtraildata"
)

// AWS's clients wait when they are told to, and every call succeeds in the end.
func TestClientsWaitWhenTheyAskTooMuch(t *testing.T) {
	h := newHost(t, "--limit-per-second", "5")
	arn, data, client := h.channel(t), h.data(t), h.client()
	for i := range 15 {
		if _, err := client.ListEventDataStores(t.Context(), &cloudtrail.ListEventDataStoresInput{}); err != nil {
			t.Errorf("version 2, call %d: %v", i, err)
		}
	}
	for i := range 15 {
		if _, err := data.PutAuditEvents(&cloudtraildata.PutAuditEventsInput{ChannelArn: aws.String(arn), AuditEvents: []*cloudtraildata.AuditEvent{sale("a")}}); err != nil {
			t.Errorf("version 1, call %d: %v", i, err)
		}
	}
	h.waited(t)
}

// waited checks that calls were refused.
func (h *host) waited(t *testing.T) {
	t.Helper()
	var key struct{ AccessKeyID, SecretAccessKey string }
	if err := json.Unmarshal(h.tarn(t, "access", "create", "monitor", "--role", "monitor", "--format", "ndjson"), &key); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(key.AccessKeyID, key.SecretAccessKey)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil || !regexp.MustCompile(`tarn_throttled_total\{limit="rate"\} [1-9]`).Match(page) {
		t.Errorf("nothing was refused: %v %s", err, page)
	}
}

// botoLimits is a program of somebody who uses boto3 and asks too much.
const botoLimits = `
import boto3, sys
from botocore.config import Config
for mode in ['legacy', 'standard', 'adaptive']:
    trail = boto3.client('cloudtrail', endpoint_url=sys.argv[1], config=Config(retries={'mode': mode, 'max_attempts': 8}))
    for i in range(12):
        trail.list_event_data_stores()
    print(mode)
`

func TestBoto3WaitsWhenItAsksTooMuch(t *testing.T) {
	if err := exec.Command("python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("python3 with boto3 is not on the PATH")
	}
	h := newHost(t, "--limit-per-second", "5")
	c := exec.Command("python3", "-c", botoLimits, h.url)
	c.Env = append(h.env, "AWS_ACCESS_KEY_ID="+h.id, "AWS_SECRET_ACCESS_KEY="+h.secret, "AWS_DEFAULT_REGION=us-east-1")
	out, err := c.CombinedOutput()
	if err != nil || strings.Join(strings.Fields(string(out)), " ") != "legacy standard adaptive" {
		t.Errorf("%v\n%s", err, out)
	}
	h.waited(t)
}
