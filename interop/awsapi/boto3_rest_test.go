package awsapi_test

import (
	"os/exec"
	"testing"
)

func TestBoto3UsesTheRestOfTheAPI(t *testing.T) {
	if err := exec.Command("python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("python3 with boto3 is not on the PATH")
	}
	h := newHost(t)
	h.recent(t, 25)
	c := exec.Command("python3", "testdata/rest.py", h.url, "25")
	c.Env = append(h.env, "AWS_ACCESS_KEY_ID="+h.id, "AWS_SECRET_ACCESS_KEY="+h.secret, "AWS_DEFAULT_REGION=us-east-1")
	out, err := c.CombinedOutput()
	if want := "policies\nconfigurations\ntrails\ndashboards\nhistory\ngenerated\n"; err != nil || string(out) != want {
		t.Errorf("%v: %s; want %s", err, out, want)
	}
}
