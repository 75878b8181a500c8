package awsapi_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
)

// program is the tarn that was built for these tests.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "awsapi")
	code := 1
	if err == nil {
		program = filepath.Join(dir, "tarn")
		build := exec.Command("go", "build", "-o", program, "./cmd/tarn")
		build.Dir, build.Stderr = "../..", os.Stderr
		if err = build.Run(); err == nil {
			code = m.Run()
		}
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// host is a running tarn serve with an access key for an admin.
type host struct {
	lake, url, id, secret string
	env                   []string
}

// tarn runs a command on the host's lake and returns what it says.
func (h *host) tarn(t *testing.T, args ...string) []byte {
	t.Helper()
	c := exec.Command(program, append(args, "--lake", h.lake)...)
	c.Env, c.Stderr = h.env, os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("tarn %v: %v", args, err)
	}
	return out
}

// newHost starts a server over a new lake with an empty event data store, cloudtrail.
func newHost(t *testing.T, args ...string) *host {
	t.Helper()
	dir := t.TempDir()
	h := &host{lake: filepath.Join(dir, "lake"), env: append(os.Environ(), "XDG_CONFIG_HOME="+dir)}
	h.tarn(t, "store", "create", "cloudtrail")
	var key struct{ AccessKeyID, SecretAccessKey string }
	if err := json.Unmarshal(h.tarn(t, "access", "create", "admin", "--role", "admin", "--format", "ndjson"), &key); err != nil {
		t.Fatal(err)
	}
	h.id, h.secret = key.AccessKeyID, key.SecretAccessKey
	c := exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0", "--lake", h.lake}, args...)...)
	c.Env = h.env
	log, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	for h.url == "" && lines.Scan() {
		var line struct{ Message, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Address != "" {
			h.url = "http://" + line.Address
		}
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() {
			t.Log(lines.Text())
		}
	}()
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		<-drained
		if err := c.Wait(); err != nil {
			t.Errorf("tarn serve: %v", err)
		}
	})
	if h.url == "" {
		t.Fatal("tarn serve listens nowhere")
	}
	return h
}

// client is AWS's own, for that host.
func (h *host) client() *cloudtrail.Client {
	return cloudtrail.New(cloudtrail.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(h.url), Credentials: credentials.NewStaticCredentialsProvider(h.id, h.secret, ""),
	})
}
