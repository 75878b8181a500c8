package awsapi_test

import (
	"os"
	"os/exec"
	"testing"
)

// TestJavaScriptAsks has AWS's SDK for JavaScript, unmodified, do what a program does.
// NODE_PATH names the folder where @aws-sdk/client-cloudtrail is installed.
func TestJavaScriptAsks(t *testing.T) {
	if err := exec.Command("node", "-e", `require("@aws-sdk/client-cloudtrail")`).Run(); err != nil {
		t.Skip("node with @aws-sdk/client-cloudtrail is not there: npm install it, and name its node_modules in NODE_PATH")
	}
	h := newHost(t)
	h.recent(t, 25)
	c := exec.Command("node", "testdata/js/life.cjs", "25")
	c.Env = append(os.Environ(), "AWS_ENDPOINT_URL_CLOUDTRAIL="+h.url, "AWS_ACCESS_KEY_ID="+h.id, "AWS_SECRET_ACCESS_KEY="+h.secret, "AWS_REGION=eu-central-1")
	c.Stderr = t.Output()
	out, err := c.Output()
	if want := "store\nquery\nlookup\nconfiguration\ndeleted\n"; err != nil || string(out) != want {
		t.Errorf("%v: %s; want %s", err, out, want)
	}
}
