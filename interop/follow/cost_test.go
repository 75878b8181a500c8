package follow

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tarn/interop/s3test"
)

// A list of the last days takes as many requests in a bucket with years as in one with
// days: one for each account and region, and one for each folder above.
func TestAListOfTheLastDaysIsCheap(t *testing.T) {
	server := s3test.Start(t)
	server.Bucket(t, "logs", false)
	regions := []string{"eu-west-1", "us-east-1", "ap-southeast-2"}
	today := time.Now().UTC()
	objects := 0
	for _, region := range regions {
		for day := range 300 {
			objects++
			key, text := logFileOf(fmt.Sprint(region, day), region, today.AddDate(0, 0, -day))
			path := filepath.Join(server.Root, "logs", key) // by S3 it would take minutes
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	l := newLake(t, server.Endpoint)
	l.start("follow", source, "--every", "500ms")
	all := l.until("everything", func(f followed) bool { return f.Listed != nil && f.Counts.Objects == objects })
	// AWSLogs/, the account's folder, its CloudTrail folder, and each region.
	want := 3 + len(regions)
	last := l.until("the last days", func(f followed) bool { return f.Requests == want })
	key, text := logFileOf("late", "us-east-1", today.AddDate(0, 0, -2))
	server.Put(t, "logs", key, text)
	l.untilThere((objects + 1) * perObject)
	t.Logf("%d objects: everything took %d requests with those for the objects, the last days %d", objects, all.Requests, last.Requests)
}
