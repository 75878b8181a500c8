package awsapi_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// realLogs is a copy of a bucket with real events, and how many it has.
const (
	realLogs  = "../../../shared/data/s3-invictus"
	realCount = 2900
)

// bucket is a folder with logs: real ones where they are, and else a day of our own.
func bucket(t *testing.T) (dir string, events int) {
	t.Helper()
	if dir, err := filepath.Abs(realLogs); err == nil {
		if _, err := os.Stat(dir); err == nil {
			return dir, realCount
		}
	}
	dir = t.TempDir()
	for i := range 150 {
		text := fmt.Sprintf(`{"Records":[{"eventVersion":"1.08","eventID":"e%d","eventTime":"2026-01-02T03:04:%02dZ","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1",`+
			`"errorCode":"AccessDenied","readOnly":false,"eventCategory":"Management","recipientAccountId":"111111111111"}]}`, i, i%60)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.json", i)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, 150
}

func TestBoto3LivesWithALake(t *testing.T) {
	if err := exec.Command("python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("python3 with boto3 is not on the PATH")
	}
	dir, events := bucket(t)
	h := newHost(t, "--bucket", "logs="+dir)
	c := exec.Command("python3", "testdata/life.py", h.url, fmt.Sprint(events))
	c.Env = append(h.env, "AWS_ACCESS_KEY_ID="+h.id, "AWS_SECRET_ACCESS_KEY="+h.secret, "AWS_DEFAULT_REGION=us-east-1")
	out, err := c.CombinedOutput()
	if want := "imported\nasked 20\ncancelled\nput\nrestored\n"; err != nil || string(out) != want {
		t.Errorf("%v: %s; want %s", err, out, want)
	}
}
