package awsapi_test

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestBoto3UsesTheRestOfTheAPI(t *testing.T) {
	if err := exec.Command("python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("python3 with boto3 is not on the PATH")
	}
	h := newHost(t)
	var body strings.Builder
	now := time.Now().UTC()
	for i := range 25 {
		fmt.Fprintf(&body, `{"eventVersion":"1.08","eventID":"e%02d","eventTime":%q,"eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"us-east-1","eventCategory":"Management","readOnly":false}`+"\n",
			i, now.Add(-time.Duration(1+i/3)*time.Hour).Format(time.RFC3339))
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/v1/stores/cloudtrail/events?receipts=off", strings.NewReader(body.String()))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(h.id, h.secret)
	res, err := http.DefaultClient.Do(r)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%+v, %v", res, err)
	}
	res.Body.Close()
	for { // what has a receipt is visible within two seconds
		if out := h.tarn(t, "query", "SELECT count(*) AS n FROM cloudtrail", "--format", "csv"); strings.Contains(string(out), "25") {
			break
		}
	}
	c := exec.Command("python3", "testdata/rest.py", h.url, "25")
	c.Env = append(h.env, "AWS_ACCESS_KEY_ID="+h.id, "AWS_SECRET_ACCESS_KEY="+h.secret, "AWS_DEFAULT_REGION=us-east-1")
	out, err := c.CombinedOutput()
	if want := "policies\nconfigurations\ntrails\ndashboards\nhistory\ngenerated\n"; err != nil || string(out) != want {
		t.Errorf("%v: %s; want %s", err, out, want)
	}
}
