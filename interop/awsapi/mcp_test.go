package awsapi_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestMCPServerAsks has the MCP server for CloudTrail of awslabs, unmodified, ask a server
// with each of its tools.
func TestMCPServerAsks(t *testing.T) {
	server, err := exec.LookPath("awslabs.cloudtrail-mcp-server")
	if err != nil {
		t.Skip("awslabs.cloudtrail-mcp-server is not on the PATH")
	}
	h := newHost(t)
	h.recent(t, 25)
	env, err := json.Marshal(map[string]string{"AWS_ENDPOINT_URL_CLOUDTRAIL": h.url, "AWS_ACCESS_KEY_ID": h.id, "AWS_SECRET_ACCESS_KEY": h.secret,
		"PATH": os.Getenv("PATH"), "HOME": t.TempDir(), "FASTMCP_LOG_LEVEL": "ERROR"})
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(filepath.Join(filepath.Dir(server), "python3"), "testdata/tools.py", server, string(env))
	c.Stderr = t.Output()
	out, err := c.Output()
	const want = "get_query_results get_query_status lake_query list_event_data_stores lookup_events\nlookup 10 5\nstores True\n" +
		"query FINISHED [[{\"eventName\": \"PutObject\"}, {\"n\": \"25\"}]]\nlater FINISHED [[{\"n\": \"25\"}]]\nrefused True\n"
	if err != nil || string(out) != want {
		t.Errorf("%v:\n%s\nwant\n%s", err, out, want)
	}
}
