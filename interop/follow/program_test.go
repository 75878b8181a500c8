package follow

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tarn/interop/s3test"
)

// program is the tarn that was built for these tests.
var program string

func TestMain(m *testing.M) {
	s3test.Main(m, func() (func(), error) {
		dir, err := os.MkdirTemp("", "follow")
		if err != nil {
			return nil, err
		}
		program = filepath.Join(dir, "tarn")
		build := exec.Command("go", "build", "-o", program, "./cmd/tarn")
		build.Dir, build.Stderr = "../..", os.Stderr
		return func() { os.RemoveAll(dir) }, build.Run()
	})
}

// lake is a lake that the program works on.
type lake struct {
	t   *testing.T
	dir string
	env []string
}

func newLake(t *testing.T, endpoint string) *lake {
	dir := t.TempDir()
	return &lake{t, filepath.Join(dir, "lake"), append(append(os.Environ(), "XDG_CONFIG_HOME="+dir), s3test.EnvFor(endpoint)...)}
}

func (l *lake) command(args ...string) *exec.Cmd {
	c := exec.Command(program, append(args, "--lake", l.dir)...)
	c.Env = l.env
	return c
}

// run runs a command and returns what it wrote.
func (l *lake) run(args ...string) []byte {
	l.t.Helper()
	var said bytes.Buffer
	c := l.command(args...)
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		l.t.Fatalf("tarn %v: %v\n%s", args, err, &said)
	}
	return out
}

// start begins a command that goes on until it is ended, and waits until it has the lake.
func (l *lake) start(args ...string) (end func(syscall.Signal)) {
	l.t.Helper()
	var said bytes.Buffer
	c := l.command(args...)
	c.Stderr = &said
	if err := c.Start(); err != nil {
		l.t.Fatal(err)
	}
	over := false
	end = func(s syscall.Signal) {
		if over {
			return
		}
		over = true
		_ = c.Process.Signal(s)
		if err := c.Wait(); err != nil && s != syscall.SIGKILL {
			l.t.Errorf("tarn %v: %v\n%s", args, err, &said)
		}
	}
	l.t.Cleanup(func() {
		end(syscall.SIGTERM)
		if l.t.Failed() {
			l.t.Logf("tarn %v said:\n%s", args, &said)
		}
	})
	return end
}

// count is the answer to SELECT count(*); ids are as many, or events are there twice.
func (l *lake) count() int {
	l.t.Helper()
	var row struct{ N, IDs int }
	if err := json.Unmarshal(l.run("query", "--format", "ndjson", "SELECT count(*) AS n, count(DISTINCT eventID) AS ids FROM cloudtrail"), &row); err != nil {
		l.t.Fatal(err)
	}
	if row.N != row.IDs {
		l.t.Errorf("%d events of %d ids", row.N, row.IDs)
	}
	return row.N
}

// followed is what tarn status says of a follow.
type followed struct {
	State, Reason string
	Waiting       int
	Failures      int
	Requests      int                            `json:"list_requests"`
	Listed        *int64                         `json:"seconds_since_list"`
	Failed        []struct{ Key, Reason string } `json:"first_failures"`
	Counts        struct{ Objects, Messages, Ignored, Strange, Gone, Rejected int }
}

func (l *lake) status() followed {
	l.t.Helper()
	var all struct{ Follows []followed }
	c := l.command("status", "--format", "json")
	out, err := c.Output()
	if err != nil || json.Unmarshal(out, &all) != nil || len(all.Follows) == 0 {
		return followed{} // there is none yet
	}
	return all.Follows[0]
}

// until waits until something holds of the follow.
func (l *lake) until(what string, holds func(followed) bool) followed {
	l.t.Helper()
	var f followed
	for range 600 {
		if f = l.status(); holds(f) {
			return f
		}
		time.Sleep(100 * time.Millisecond)
	}
	l.t.Fatalf("%s: it did not come to that: %+v", what, f)
	return f
}

// untilThere waits until so many events are there.
func (l *lake) untilThere(n int) time.Duration {
	l.t.Helper()
	start, got := time.Now(), 0
	for time.Since(start) < time.Minute {
		if got = l.count(); got == n {
			return time.Since(start)
		}
		time.Sleep(50 * time.Millisecond)
	}
	l.t.Fatalf("%d events are there, want %d", got, n)
	return 0
}

// perObject is how many events a log file has.
const perObject = 3

// logFile is the key and the content of a log file of today.
func logFile(id string) (key string, text []byte) {
	return logFileOf(id, "eu-west-1", time.Now().UTC())
}

func logFileOf(id, region string, at time.Time) (key string, text []byte) {
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	var records []string
	for i := range perObject {
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.08","eventID":"%s-%d","eventTime":%q,"eventSource":"sts.amazonaws.com","eventName":"AssumeRole","awsRegion":%q,"recipientAccountId":"111122223333","eventCategory":"Management"}`,
			id, i, at.Format(time.RFC3339), region))
	}
	fmt.Fprintf(zip, `{"Records":[%s]}`, strings.Join(records, ","))
	zip.Close()
	return fmt.Sprintf("AWSLogs/111122223333/CloudTrail/%s/%s/111122223333_CloudTrail_%s_%s_%s.json.gz", region, at.Format("2006/01/02"), region, at.Format("20060102T1504Z"), id), b.Bytes()
}
