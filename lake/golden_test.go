package lake_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"testing"

	"tarn/lake"
	"tarn/lake/laketest"
)

// testdata/format1 was made by the program that wrote segments of format 1: 120
// generated events of two days, imported, and then one object of them again with
// a changed event. What is sealed is read for ever.
func TestTheFirstFormatIsRead(t *testing.T) {
	p := laketest.NewPlace(t)
	if err := os.CopyFS(p.Dir, os.DirFS("testdata/format1")); err != nil {
		t.Fatal(err)
	}
	report, err := lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{})
	if err != nil || len(report.Problems)+len(report.Unread) > 0 {
		t.Fatalf("Verify: %+v, %v; want no problem", report, err)
	}
	p.Read(t, func(s *lake.Snapshot, st lake.Store) {
		rows := int64(0)
		for _, seg := range s.Segments(st.ID, false) {
			if rows += seg.Rows; seg.Format != 1 {
				t.Errorf("a segment has format %d; want 1", seg.Format)
			}
		}
		if rows != 120 || len(s.Segments(st.ID, true)) != 1 {
			t.Errorf("%d events and %d segments of conflicts; want 120 and 1", rows, len(s.Segments(st.ID, true)))
		}
		sum := sha256.New()
		err := s.Raw(t.Context(), st.ID, false, func(raw []byte) error {
			sum.Write(append(raw, '\n'))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		const want = "37cfc8b729dce3a552675c73e332d59eda6aea1d8f7185c3743e314b2c759b0a"
		if got := hex.EncodeToString(sum.Sum(nil)); got != want {
			t.Errorf("the events' bytes in order of time have the hash %s; want %s", got, want)
		}
	})
}
