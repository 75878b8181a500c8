package lake_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tarn/lake"
	"tarn/lake/laketest"
)

func TestReportsAreRecordedOnce(t *testing.T) {
	p := laketest.NewPlace(t)
	day := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	r := lake.ReportRecord{
		ID: "0199a1c4-0000-7000-8000-000000000001", Pack: "cis-aws", Schedule: "monday", Due: &day, From: day.AddDate(0, 0, -7), To: day, LogSize: 1,
		Parameters: map[string]string{"bucket": "b"}, Results: []lake.ReportResult{{Control: "root-used", Verdict: "failed", Rows: 3}},
		Files: []lake.ReportFile{{Name: "report.html", File: lake.File{Bytes: 3, SHA256: "YQ=="}}},
	}
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		r.Stores = []string{st.ID}
		for range 2 {
			if err := l.RecordReport(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		later := r
		later.ID, later.Files = "0199a1c4-0000-7000-8000-000000000002", []lake.ReportFile{{Name: "report.pdf"}}
		if err := l.RecordReport(t.Context(), later); err != nil {
			t.Fatal(err)
		}
		for what, change := range map[string]func(*lake.ReportRecord){
			"id": func(r *lake.ReportRecord) { r.ID = "x" }, "files": func(r *lake.ReportRecord) { r.Files = nil },
			"period": func(r *lake.ReportRecord) { r.To = r.From }, "a log that is longer": func(r *lake.ReportRecord) { r.ID, r.LogSize = "0199a1c4-0000-7000-8000-000000000003", 99 },
			"an entry that is too long": func(r *lake.ReportRecord) {
				r.ID, r.Results = "0199a1c4-0000-7000-8000-000000000004", make([]lake.ReportResult, 10_000)
			},
		} {
			bad := r
			if change(&bad); l.RecordReport(t.Context(), bad) == nil {
				t.Errorf("%s: a report of which that is wrong is recorded", what)
			}
		}
	})
	p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
		all, err := s.Reports(t.Context())
		if err != nil || len(all) != 2 || all[0].Index != s.LogSize()-2 {
			t.Fatal(all, err)
		}
		if d := cmp.Diff(r, all[0], cmpopts.IgnoreFields(lake.ReportRecord{}, "Index", "Time", "By")); d != "" {
			t.Error(d)
		}
		if got, err := s.Report(t.Context(), func(r lake.ReportRecord) bool { return r.Pack == "cis-aws" }); err != nil || !strings.HasSuffix(got.ID, "2") {
			t.Error(got, err)
		}
		if _, err := s.Report(t.Context(), func(lake.ReportRecord) bool { return false }); !errors.Is(err, lake.ErrReport) {
			t.Error(err)
		}
	})
	p.Sound(t)
}
