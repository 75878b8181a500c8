package s3_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tarn/internal/s3"
	"tarn/interop/s3test"
	"tarn/report/deliver"
)

// TestReportsComeIntoABucket brings files into buckets, with locks and without.
func TestReportsComeIntoABucket(t *testing.T) {
	server := s3test.Start(t)
	server.Use(t)
	server.Bucket(t, "reports", false)
	server.Bucket(t, "locked", true)
	client := open(t, s3.Settings{})
	courier := &deliver.Courier{S3: func() (*s3.Client, error) { return client, nil }}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("report.html", "<html>")
	write("evidence/a.csv", "a,b")
	parcel := deliver.Parcel{ID: "1", Name: "weekly-2026-11-23T0700Z", Title: "weekly", Text: "x", Dir: dir}
	for _, to := range []string{"s3://reports", "s3://reports/a/b", "s3://locked/a/"} {
		for range 2 { // nobody heard that it had come
			if err := courier.Deliver(t.Context(), to, parcel); err != nil {
				t.Errorf("%s: %v", to, err)
			}
		}
		place, _ := s3.ParseURI(to)
		for name, want := range map[string]string{"report.html": "<html>", "evidence/a.csv": "a,b"} {
			got, _, err := client.Read(t.Context(), s3.Object{URI: place.Join(parcel.Name + "/" + name)}, 100)
			if err != nil || string(got) != want {
				t.Errorf("%s %s: %q %v", to, name, got, err)
			}
		}
	}
	write("report.html", "<html>another")
	if err := courier.Deliver(t.Context(), "s3://reports", parcel); !errors.Is(err, deliver.ErrFinal) || !strings.Contains(err.Error(), "with other bytes") {
		t.Errorf("written over: %v", err)
	}
	if err := courier.Deliver(t.Context(), "s3://nobody/x", parcel); !errors.Is(err, s3.ErrNoBucket) || errors.Is(err, deliver.ErrFinal) {
		t.Errorf("no bucket: %v", err)
	}
}
