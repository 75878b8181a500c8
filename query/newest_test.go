package query_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/query"
)

// days is a store of many days with few events, some of them at the same time, with a
// name that is rare; a day may have several segments, which lie across each other.
func days(t *testing.T, n int) *testLake {
	l := newLake(t, "cloudtrail")
	r := rand.New(rand.NewPCG(5, 6))
	first := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	made := 0
	for day := range n {
		at := first.AddDate(0, 0, day)
		for range 1 + r.IntN(2) {
			var some []event
			for range 1 + r.IntN(4) {
				made++
				name := "'Often'"
				if made%12 == 0 {
					name = "'Rare'"
				}
				some = append(some, event{
					"eventtime": fmt.Sprintf("TIMESTAMP '%s'", at.Add(time.Duration(r.IntN(8))*3*time.Hour).Format(time.DateTime)),
					"eventid":   fmt.Sprintf("'id-%04d'", made), "eventname": name, "readonly": fmt.Sprint(made%3 == 0),
				})
			}
			l.add("cloudtrail", at.Format(time.DateOnly), false, some...)
		}
	}
	return l
}

// Where the newest or oldest rows are asked for, what lies beyond them is left out, and
// the answer is that over everything.
func TestNewestOfManySegments(t *testing.T) {
	e, l := openEngine(t), days(t, 50)
	all := len(l.Segments(l.stores[0].ID, false))
	for _, tt := range []struct {
		sql  string
		most int // segments that may be read; 0 for all
	}{
		{"SELECT eventTime, eventID FROM %s ORDER BY eventTime DESC, eventID LIMIT 5", 6},
		{"SELECT eventTime, eventID FROM %s ORDER BY eventTime DESC, eventID LIMIT 5 OFFSET 20", 24},
		{"SELECT * FROM %s x ORDER BY x.eventTime, x.eventID LIMIT 3", 6},
		{"SELECT eventID, eventTime AS t FROM %s ORDER BY t DESC, 1 LIMIT 4", 6},
		{"SELECT eventTime, eventID FROM %s ORDER BY 1 ASC, 2 LIMIT 4", 6},
		{"SELECT eventTime, eventID FROM %s WHERE eventTime < '2024-02-01 12:00:00' ORDER BY eventTime DESC, eventID LIMIT 7", 9},
		{"SELECT eventTime, eventID FROM %s WHERE readOnly ORDER BY eventTime DESC, eventID LIMIT 4", 12},
		{"SELECT eventTime, eventID FROM %s WHERE eventName = 'Rare' ORDER BY eventTime DESC, eventID LIMIT 1", all / 2},
		{"SELECT eventTime, eventID FROM %s WHERE eventName = 'Rare' ORDER BY eventTime LIMIT 1", all / 2},
		{"SELECT eventTime, eventID FROM %s WHERE eventName = 'Rare' ORDER BY eventTime DESC LIMIT 100", 0},
		{"SELECT eventTime, eventID FROM %s WHERE eventName = 'None' ORDER BY eventTime DESC LIMIT 100", 0},
		{"SELECT eventTime, eventID FROM %s WHERE readOnly AND eventTime BETWEEN '2024-01-05 00:00:00' AND '2024-02-10 00:00:00' ORDER BY eventTime, eventID DESC LIMIT 3", 12},
		{"SELECT date(eventTime) AS eventTime, eventID FROM %s ORDER BY eventTime DESC, eventID LIMIT 5", 0},
		{"SELECT max(eventTime) AS eventTime FROM %s ORDER BY eventTime DESC LIMIT 1", 0},
		{"SELECT DISTINCT eventTime FROM %s ORDER BY eventTime DESC LIMIT 5", 0},
		{"SELECT eventTime, row_number() OVER (ORDER BY eventTime, eventID) FROM %s ORDER BY eventTime DESC, 2 LIMIT 5", 0},
		{"SELECT eventTime, count(*) FROM %s GROUP BY eventTime ORDER BY eventTime DESC LIMIT 5", 0},
		{"SELECT eventTime, eventID FROM %s WHERE eventID NOT IN (SELECT eventID FROM cloudtrail WHERE eventName = 'Rare') ORDER BY eventTime DESC, 2 LIMIT 5", 0},
		{"SELECT eventTime, eventID FROM %s ORDER BY eventID DESC, eventTime LIMIT 5", 0},
		{"SELECT eventTime FROM %s ORDER BY date(eventTime) DESC, eventTime LIMIT 5", 0},
	} {
		res, err := e.Run(t.Context(), l, fmt.Sprintf(tt.sql, "cloudtrail"))
		if err != nil {
			t.Errorf("%s: %v", tt.sql, err)
			continue
		}
		kept, of := res.Plan().Segments()
		if left := kept < of; tt.most > 0 && kept > tt.most || tt.most == 0 && left && len(res.Plan().Scans[0].Beyond) > 0 {
			t.Errorf("%s: %d of %d segments are read; want at most %d\n%s", tt.sql, kept, of, tt.most, res.Plan())
		}
		got := rowsOf(t, res)
		over := fmt.Sprintf(tt.sql, "(SELECT * FROM cloudtrail)")
		if !strings.Contains(over, ") x") {
			over = strings.Replace(over, "(SELECT * FROM cloudtrail)", "(SELECT * FROM cloudtrail) AS y", 1)
		}
		whole, err := e.Run(t.Context(), l, over)
		if err != nil {
			t.Fatal(over, err)
		}
		if d := cmp.Diff(rowsOf(t, whole), got); d != "" {
			t.Errorf("%s (-all +some):\n%s", tt.sql, d)
		}
	}
}

func rowsOf(t *testing.T, res *query.Result) (rows []string) {
	t.Helper()
	defer res.Close()
	for row, err := range res.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, fmt.Sprint(row))
	}
	return rows
}
