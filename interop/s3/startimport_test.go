package s3_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"tarn/interop/s3test"
)

// importing is what an import of a bucket is asked with.
func importing(uri string) *cloudtrail.StartImportInput {
	return &cloudtrail.StartImportInput{Destinations: []string{"cloudtrail"}, ImportSource: &types.ImportSource{S3: &types.S3ImportSource{
		S3LocationUri: &uri, S3BucketRegion: aws.String("us-east-1"), S3BucketAccessRoleArn: aws.String("arn:aws:iam::111122223333:role/r")}}}
}

// imported waits for the end of an import.
func imported(t *testing.T, client *cloudtrail.Client, id *string) *cloudtrail.GetImportOutput {
	t.Helper()
	for {
		i, err := client.GetImport(t.Context(), &cloudtrail.GetImportInput{ImportId: id})
		if err != nil {
			t.Fatal(err)
		}
		if i.ImportStatus != types.ImportStatusInitializing && i.ImportStatus != types.ImportStatusInProgress {
			return i
		}
	}
}

// TestStartImport imports a real bucket by AWS's client: all of it, a part of its time, and
// again; what is not there, or may not be read, is told at once.
func TestStartImport(t *testing.T) {
	s := s3test.Start(t)
	s.Bucket(t, "trail", false)
	n := fill(t, s, "trail", "org/", 4, 24)
	l := newLake(t, s)
	l.run(t, 0, "store", "create", "cloudtrail")
	client := served(t, l, "--bucket", "trail", "--bucket", "missing")
	for uri, want := range map[string]string{"s3://trail/other/": "nothing below", "s3://missing/": "missing", "s3://unnamed/": "knows no bucket"} {
		_, err := client.StartImport(t.Context(), importing(uri))
		var wrong *types.InvalidImportSourceException
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", uri, err)
		}
	}
	in := importing("s3://trail/org/AWSLogs/")
	in.StartEventTime, in.EndEventTime = aws.Time(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)), aws.Time(time.Date(2026, 1, 31, 23, 59, 59, 0, time.UTC))
	i, err := client.StartImport(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if got := imported(t, client, i.ImportId); got.ImportStatus != types.ImportStatusCompleted || *got.ImportStatistics.EventsCompleted != int64(n/4) {
		t.Errorf("a day: %s, %d events of %d", got.ImportStatus, *got.ImportStatistics.EventsCompleted, n/4)
	}
	s.Put(t, "trail", "org/AWSLogs/111122223333/CloudTrail/eu-central-1/2026/01/30/111122223333_CloudTrail_eu-central-1_20260130T0000Z_broken.json.gz", []byte("no gzip"))
	if i, err = client.StartImport(t.Context(), importing("s3://trail/org")); err != nil {
		t.Fatal(err)
	}
	got := imported(t, client, i.ImportId)
	if got.ImportStatus != types.ImportStatusFailed || *got.ImportStatistics.EventsCompleted != int64(n-n/4) {
		t.Errorf("all: %s, %d events of %d", got.ImportStatus, *got.ImportStatistics.EventsCompleted, n-n/4)
	}
	failures, err := client.ListImportFailures(t.Context(), &cloudtrail.ListImportFailuresInput{ImportId: i.ImportId})
	if err != nil || len(failures.Failures) != 1 || !strings.HasPrefix(*failures.Failures[0].Location, "s3://trail/") || !strings.HasSuffix(*failures.Failures[0].Location, "_broken.json.gz") {
		t.Errorf("%+v, %v", failures, err)
	}
	if got := l.count(t); got != n {
		t.Errorf("%d events of %d", got, n)
	}
}

// TestStartImportGoesOn stops an import of a bucket that is slow to answer, and starts it
// again; then it is the server that ends within one. What is stored is there once in the
// end. A bucket whose lists are refused is told of at once.
func TestStartImportGoesOn(t *testing.T) {
	s := s3test.Start(t)
	s.Bucket(t, "trail", false)
	n := fill(t, s, "trail", "", 6, 30)
	var slow, denied atomic.Bool
	var objects atomic.Int64
	slow.Store(true)
	asked := make(chan struct{}, 1)
	faulty := s.Faulty(t, func(r *http.Request) s3test.Fault {
		if strings.HasSuffix(r.URL.Path, ".json.gz") && objects.Add(1) > 40 && slow.Load() {
			select {
			case asked <- struct{}{}:
			default:
			}
			return s3test.Fault{Status: http.StatusServiceUnavailable, Code: "SlowDown"}
		}
		if denied.Load() {
			return s3test.Fault{Status: http.StatusForbidden, Code: "AccessDenied"}
		}
		return s3test.Fault{}
	})
	l := newLake(t, nil, s3test.EnvFor(faulty)...)
	l.run(t, 0, "store", "create", "cloudtrail")
	client, end := l.served(t, "--bucket", "trail")
	i, err := client.StartImport(t.Context(), importing("s3://trail/AWSLogs/"))
	if err != nil {
		t.Fatal(err)
	}
	<-asked
	stopped, err := client.StopImport(t.Context(), &cloudtrail.StopImportInput{ImportId: i.ImportId})
	if err != nil || stopped.ImportStatus != types.ImportStatusStopped {
		t.Fatal(stopped, err)
	}
	slow.Store(false)
	if _, err = client.StartImport(t.Context(), &cloudtrail.StartImportInput{ImportId: i.ImportId}); err != nil {
		t.Fatal(err)
	}
	if got := imported(t, client, i.ImportId); got.ImportStatus != types.ImportStatusCompleted {
		t.Errorf("%s", got.ImportStatus)
	}
	n += fill(t, s, "trail", "more/", 3, 60) / 2 // the other half are the same events
	select {
	case <-asked: // of the first import
	default:
	}
	objects.Store(0)
	slow.Store(true)
	if i, err = client.StartImport(t.Context(), importing("s3://trail/more/")); err != nil {
		t.Fatal(err)
	}
	<-asked
	end()
	slow.Store(false)
	client, _ = l.served(t, "--bucket", "trail")
	if got := imported(t, client, i.ImportId); got.ImportStatus != types.ImportStatusStopped {
		t.Errorf("when the server ended: %s", got.ImportStatus)
	}
	if _, err = client.StartImport(t.Context(), &cloudtrail.StartImportInput{ImportId: i.ImportId}); err != nil {
		t.Fatal(err)
	}
	if got := imported(t, client, i.ImportId); got.ImportStatus != types.ImportStatusCompleted {
		t.Errorf("%s", got.ImportStatus)
	}
	if got := l.count(t); got != n {
		t.Errorf("%d events of %d", got, n)
	}
	denied.Store(true)
	var wrong *types.InvalidImportSourceException
	if _, err = client.StartImport(t.Context(), importing("s3://trail/")); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "s3:ListBucket") {
		t.Errorf("denied: %v", err)
	}
}

// TestStartImportAsksForTheKeysOfDigests imports what tarn export wrote, with its digests.
func TestStartImportAsksForTheKeysOfDigests(t *testing.T) {
	s := s3test.Start(t)
	s.Bucket(t, "exported", false)
	from := filled(t, s, "2026-01-02", "2026-01-03")
	from.run(t, 0, "export", "--into", "s3://exported")
	trail := cloudTrail(t, "exported", "", keysOf(t, from))
	var asked atomic.Int64
	answer := trail.Config.Handler
	trail.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answer.ServeHTTP(w, r)
	})
	l := newLake(t, s, "AWS_ENDPOINT_URL_CLOUDTRAIL="+trail.URL)
	l.run(t, 0, "store", "create", "cloudtrail")
	client := served(t, l, "--bucket", "exported")
	i, err := client.StartImport(t.Context(), importing("s3://exported/"))
	if err != nil {
		t.Fatal(err)
	}
	if got := imported(t, client, i.ImportId); got.ImportStatus != types.ImportStatusCompleted {
		t.Errorf("%s %v", got.ImportStatus, got.ImportStatistics)
	}
	if out, _ := l.run(t, 0, "log", "--type", "commit", "--format", "json"); asked.Load() != 1 || !strings.Contains(out, `"digests":{"verified":2}`) {
		t.Errorf("CloudTrail was asked %d times; the commit: %s", asked.Load(), out)
	}
}
