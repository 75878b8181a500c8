package s3_test

import (
	"bufio"
	"encoding/json"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"tarn/interop/s3test"
)

// served is AWS's client for a server of the lake.
func served(t *testing.T, l *lake, args ...string) *cloudtrail.Client {
	t.Helper()
	client, _ := l.served(t, args...)
	return client
}

// served is the same with what ends the server.
func (l *lake) served(t *testing.T, args ...string) (client *cloudtrail.Client, end func()) {
	t.Helper()
	out, _ := l.run(t, 0, "access", "create", "admin", "--role", "admin", "--format", "ndjson")
	var key struct{ AccessKeyID, SecretAccessKey string }
	if err := json.Unmarshal([]byte(out), &key); err != nil {
		t.Fatal(err)
	}
	c := l.command(append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	said, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var line struct{ Address string }
	lines := bufio.NewScanner(said)
	for line.Address == "" && lines.Scan() {
		_ = json.Unmarshal(lines.Bytes(), &line) // others are no JSON
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() {
			t.Log(lines.Text())
		}
	}()
	end = sync.OnceFunc(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		<-drained
		_ = c.Wait()
	})
	t.Cleanup(end)
	return cloudtrail.New(cloudtrail.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://" + line.Address),
		Credentials: credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.SecretAccessKey, "")}), end
}

// TestResultsComeIntoABucket has a server bring results of a query into a real bucket,
// from where an import takes the events, and checks the signature. An export beside the
// server is signed with the same key.
func TestResultsComeIntoABucket(t *testing.T) {
	server := s3test.Start(t)
	server.Bucket(t, "results", false)
	l := filled(t, server, "2026-01-02", "2026-01-03")
	client := served(t, l, "--results-bucket", "results", "--results-bucket", "missing")
	deliver := func(to string) (id string, status types.DeliveryStatus) {
		t.Helper()
		q, err := client.StartQuery(t.Context(), &cloudtrail.StartQueryInput{QueryStatement: aws.String("SELECT eventJson FROM cloudtrail"), DeliveryS3Uri: &to})
		if err != nil {
			t.Fatal(err)
		}
		for status = types.DeliveryStatusPending; status == types.DeliveryStatusPending || status == ""; {
			d, err := client.DescribeQuery(t.Context(), &cloudtrail.DescribeQueryInput{QueryId: q.QueryId})
			if err != nil {
				t.Fatal(err)
			}
			status = d.DeliveryStatus
		}
		return *q.QueryId, status
	}
	id, status := deliver("s3://results/team/x")
	if status != types.DeliveryStatusSuccess {
		t.Fatal(status)
	}
	if _, status := deliver("s3://missing/x"); status != types.DeliveryStatusFailed {
		t.Errorf("into no bucket: %s", status)
	}
	keys := keysOf(t, l)
	listed, err := client.ListPublicKeys(t.Context(), &cloudtrail.ListPublicKeysInput{StartTime: aws.Time(time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)), EndTime: aws.Time(time.Date(2023, 2, 1, 0, 0, 0, 0, time.UTC))})
	if err != nil || len(listed.PublicKeyList) != 1 {
		t.Fatalf("keys of earlier times: %v, %v", listed, err)
	}
	folder := "team/x/AWSLogs/000000000000/CloudTrail-Lake/Query/" + time.Now().UTC().Format("2006/01/02") + "/" + id
	server.Put(t, "results", path.Join(folder, "public_keys.json"), read(t, keys))
	back := newLake(t, server)
	_, told := back.run(t, 0, "import", "s3://results/"+folder+"/")
	if !strings.Contains(told, "10 events stored") || !strings.Contains(told, "and the signature is right") {
		t.Errorf("the import says %s", told)
	}
	dir := filepath.Join(t.TempDir(), "out")
	l.run(t, 0, "export", "--into", dir)
	if text := string(read(t, filepath.Join(dir, "public_keys.json"))); !strings.Contains(text, *listed.PublicKeyList[0].Fingerprint) || strings.Count(text, "Fingerprint") != 1 {
		t.Errorf("the export has other keys: %s", text)
	}
}
