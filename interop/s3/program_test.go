package s3_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tarn/interop/s3test"
)

// lake is a lake that a built tarn works on.
type lake struct {
	dir string
	env []string
}

func newLake(t testing.TB, s *s3test.Server, env ...string) *lake {
	dir := t.TempDir()
	all := append(os.Environ(), "XDG_CONFIG_HOME="+dir)
	if s != nil {
		all = append(all, s.Env()...)
	}
	return &lake{filepath.Join(dir, "lake"), append(all, env...)}
}

func (l *lake) command(args ...string) *exec.Cmd {
	c := exec.Command(program, append(args, "--lake", l.dir)...)
	c.Env = l.env
	return c
}

// run runs a command, which has to end with that exit code, and returns what it wrote.
func (l *lake) run(t testing.TB, code int, args ...string) (out, said string) {
	t.Helper()
	var o, e bytes.Buffer
	c := l.command(args...)
	c.Stdout, c.Stderr = &o, &e
	_ = c.Run()
	if got := c.ProcessState.ExitCode(); got != code {
		t.Fatalf("tarn %v: exit code %d, want %d\n%s%s", args, got, code, &o, &e)
	}
	return o.String(), e.String()
}

// count is the answer to SELECT count(*).
func (l *lake) count(t testing.TB) int {
	t.Helper()
	out, _ := l.run(t, 0, "query", "--format", "ndjson", "SELECT count(*) AS n, count(DISTINCT eventID) AS ids FROM cloudtrail")
	var row struct{ N, IDs int }
	if err := json.Unmarshal([]byte(out), &row); err != nil {
		t.Fatal(err)
	}
	if row.N != row.IDs {
		t.Errorf("%d events of %d ids", row.N, row.IDs)
	}
	return row.N
}

// logFile is the content and the key of a log file with n records, ids beginning with id.
func logFile(id, account, region, day string, n int) (key string, text []byte) {
	var b strings.Builder
	b.WriteString(`{"Records":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"eventVersion":"1.08","eventID":"` + id + "-" + string(rune('a'+i)) + `","eventTime":"` + day + `T01:02:03Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole","awsRegion":"` +
			region + `","recipientAccountId":"` + account + `","eventCategory":"Management","eventType":"AwsApiCall"}`)
	}
	b.WriteString(`]}`)
	slashed := strings.ReplaceAll(day, "-", "/")
	return "AWSLogs/" + account + "/CloudTrail/" + region + "/" + slashed + "/" + account + "_CloudTrail_" + region + "_" + strings.ReplaceAll(day, "-", "") + "T0105Z_" + id + ".json.gz",
		zipped([]byte(b.String()))
}

// environment is what AWS's programs take to ask the server, by name.
func environment(s *s3test.Server) map[string]string {
	all := map[string]string{}
	for _, v := range s.Env() {
		name, value, _ := strings.Cut(v, "=")
		all[name] = value
	}
	return all
}
