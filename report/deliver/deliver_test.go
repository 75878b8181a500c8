package deliver_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/internal/hint"
	"tarn/report/deliver"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// aParcel is a report with a page and a file of evidence.
func aParcel(t *testing.T) deliver.Parcel {
	t.Helper()
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "evidence"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "report.html"), []byte("<p>fine</p>"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "evidence", "a.csv"), []byte("id\n1\n"), 0o600))
	return deliver.Parcel{ID: "0192", Name: "weekly-2026-11-23T0700Z", Title: "cis-aws: 2 of 60 controls failed", Text: "Two controls < failed.", Summary: []byte(`{"failed":2}`), Dir: dir}
}

func TestAddresses(t *testing.T) {
	dir := t.TempDir()
	good := map[string][]string{
		"./reports":                             {filepath.Join(dir, "reports")},
		"/srv/reports/":                         {"/srv/reports/"},
		"s3://bucket/reports/weekly":            {"s3://bucket/reports/weekly"},
		"mailto:a@example.com, b@example.com":   {"mailto:a@example.com", "mailto:b@example.com"},
		"https://example.com/hooks/1?x=y":       {"https://example.com/hooks/1?x=y"},
		"http://127.0.0.1:8080/":                {"http://127.0.0.1:8080/"},
		"http://[::1]:8080/":                    {"http://[::1]:8080/"},
		"https://10.1.2.3/private-is-yours-say": {"https://10.1.2.3/private-is-yours-say"},
	}
	for text, want := range good {
		got, err := deliver.Addresses(text, dir)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"", "mailto:", "mailto:a", "mailto:a@b\r\nBcc: c@d", "mailto:A <a@example.com>", "ftp://example.com", "http://example.com/", "http://localhost.example.com/", "https://u:p4ss@example.com/", "https://", "https://example.com/#x", "s3:bucket", "s3://", "s3:///x"} {
		got, err := deliver.Addresses(text, dir)
		if !errors.Is(err, deliver.ErrAddress) || strings.Contains(err.Error(), "p4ss") || len(hint.Of(err)) == 0 {
			t.Errorf("%q: %q, %v, %v", text, got, err, hint.Of(err))
		}
	}
}

func TestWhatIsShownOfAnAddress(t *testing.T) {
	for to, want := range map[string]string{
		"/srv/reports":                         "/srv/reports",
		"mailto:a@example.com":                 "mailto:a@example.com",
		"https://example.com":                  "https://example.com",
		"https://example.com/":                 "https://example.com",
		"https://hooks.example.com/T0/B0/s3cr": "https://hooks.example.com/…",
		"https://example.com?token=s3cr":       "https://example.com/…",
		"HTTPS://u:s3cr@example.com":           "HTTPS://example.com/…",
	} {
		if got := deliver.Shown(to); got != want {
			t.Errorf("of %s is shown %s; want %s", to, got, want)
		}
	}
}
