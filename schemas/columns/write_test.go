package columns_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/google/go-cmp/cmp"

	"tarn/schemas"
	"tarn/schemas/columns"
)

// However many events are written together, each has the columns that it has
// alone: with dictionaries, without them where there are too many values or too
// many new ones, and where a column is written in pieces.
func TestEventsTogetherAreAsEachAlone(t *testing.T) {
	var events []string
	for i := range 3000 {
		var e strings.Builder
		fmt.Fprintf(&e, `{"eventID":"id-%d","eventName":"Name%d","errorMessage":"new each time: %d"`, i, i%7, i)
		switch i % 5 {
		case 0: // a dictionary of more than a megabyte, and pieces
			fmt.Fprintf(&e, `,"requestParameters":{"long":"%d %s","bucketName":"b%d","n":null}`, i, strings.Repeat("x", 2000), i%3)
		case 1:
			fmt.Fprintf(&e, `,"resources":[{"ARN":"arn-%d"},null,{"accountId":"1","ARN":"escaped \u0041 %d"}],"requestParameters":{}`, i, i)
		case 2:
			fmt.Fprintf(&e, `,"userIdentity":{"type":"T%d","sessionContext":{"attributes":{"mfaAuthenticated":"true","creationDate":"2026-01-01T00:00:%02dZ"}}},"resources":[]`, i%4, i%60)
		case 3:
			fmt.Fprintf(&e, `,"readOnly":%t,"responseElements":{"nested":{ "a" : [%d] }}`, i%2 == 0, i)
		}
		events = append(events, e.String()+"}")
	}
	family := schemas.CloudTrail()
	b := columns.NewBuilder(family)
	for range 2 { // the second time in the memory of the first
		b.Reset()
		for i, raw := range events {
			b.Append(columns.Event{Raw: []byte(raw), Time: int64(i), Seq: int64(i)})
		}
	}
	all := table(t, family, b)
	defer all.Release()
	for i := 0; i < len(events); i += 97 {
		got, want := map[string]any{}, row(t, family, events[i])
		for c := range int(all.NumCols()) {
			value(t, got, all.Column(c), i)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("columns of event %d among the others (-alone +together):\n%s", i, d)
		}
	}
}

// value adds row i of the column, as JSON, to those that are not NULL.
func value(t *testing.T, to map[string]any, c *arrow.Column, i int) {
	t.Helper()
	name := c.Name()
	if name == schemas.Raw || name == schemas.Seq || name == schemas.EventTime {
		return
	}
	for _, part := range c.Data().Chunks() {
		if i >= part.Len() {
			i -= part.Len()
			continue
		}
		if part.IsNull(i) {
			return
		}
		v, err := json.Marshal(part.GetOneForMarshal(i))
		if err != nil {
			t.Fatal(err)
		}
		to[name] = string(v)
		return
	}
}

// Bounds of a column hold for all its values, the empty text and what is near it
// too: engines leave out what is beyond them.
func TestBoundsHold(t *testing.T) {
	family := schemas.CloudTrail()
	for name, texts := range map[string][]string{
		"few":  {"b", "", "a", "", "\u0000"},
		"one":  {""},
		"many": strings.Split(strings.Repeat(" ", 300)+"z", " "),
		"new":  append([]string{"\u00ff", ""}, strings.Fields(fmt.Sprint(rand.New(rand.NewPCG(1, 2)).Perm(4000)))...),
	} {
		b := columns.NewBuilder(family)
		var want []string
		for i, text := range texts {
			raw := fmt.Sprintf(`{"eventName":"%s","requestID":"%[1]s","userIdentity":{"arn":"%[1]s"},"requestParameters":{"bucketName":"%[1]s"}}`, text)
			b.Append(columns.Event{Raw: []byte(raw), Time: int64(i), Seq: int64(i)})
			want = append(want, strings.NewReplacer(`\u0000`, "\x00", `\u00ff`, "ÿ").Replace(text))
		}
		b.Append(columns.Event{Raw: []byte("{}"), Time: 1, Seq: 1})
		r, err := file.NewParquetReader(written(t, family, b))
		if err != nil {
			t.Fatal(err)
		}
		group := r.MetaData().RowGroup(0)
		for i := range group.NumColumns() {
			chunk, err := group.ColumnChunk(i)
			if err != nil {
				t.Fatal(err)
			}
			switch path := chunk.PathInSchema().String(); path {
			case "eventname", "requestid", "useridentity.arn", "useridentity_arn", "requestparameters_bucketname":
				s, err := chunk.Statistics()
				if err != nil {
					t.Fatal(err)
				}
				low, high := string(s.EncodeMin()), string(s.EncodeMax())
				if low != slices.Min(want) || high != slices.Max(want) || s.NullCount() != 1 {
					t.Errorf("%s: %s is from %q to %q, with %d NULLs; want %q to %q, and 1", name, path, low, high, s.NullCount(), slices.Min(want), slices.Max(want))
				}
			}
		}
	}
}
