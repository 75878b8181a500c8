package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"tarn/ingest"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

// A store of each family takes the events of its categories and no others, whatever
// they are wrapped in.
func TestEveryFamilyTakesItsCategories(t *testing.T) {
	categories := []string{"Management", "Data", "NetworkActivity", "Insight", "Aggregated", "ConfigurationItem", "Evidence", "ActivityAuditLog"}
	dir := t.TempDir()
	var lines strings.Builder
	texts := map[string]string{}
	for _, c := range categories {
		texts[c] = fmt.Sprintf(`{"eventTime":"2026-01-02T03:04:05Z","eventID":%q,"eventCategory":%q}`, c, c)
		if c == "Aggregated" {
			texts[c] = `{"eventId":"a","eventCategory":"Aggregated","timeWindow":{"windowStart":"2026-01-02T03:00:00Z"}}`
		}
		lines.WriteString(`{"detail":` + texts[c] + "}\n")
	}
	put(t, dir, "lines.jsonl", lines.String())
	for _, family := range schemas.Families() {
		t.Run(family.Name, func(t *testing.T) {
			p := laketest.NewPlace(t)
			var want []string
			for _, c := range family.Categories {
				want = append(want, texts[c])
			}
			p.Write(t, func(l *lake.Lake, _ lake.Store) {
				st, err := l.CreateStore("of-"+family.Name, family)
				if err != nil {
					t.Fatal(err)
				}
				r := importAll(t, l, st, ingest.Options{}, dir)
				if n := int64(len(want)); r.Counts.Stored != n || r.Counts.Filtered != int64(len(categories))-n {
					t.Errorf("%+v; want %d stored and the others filtered", r.Counts, n)
				}
			})
			p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
				st, err := s.Store("of-" + family.Name)
				if err != nil {
					t.Fatal(err)
				}
				laketest.Same(t, "events", want, laketest.Texts(t, s, st, false))
			})
			p.Sound(t)
		})
	}
}
