package query_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// claim is a statement over the sample and the rows that it gives, without the
// names of the columns.
type claim struct {
	name, sql string
	want      []string // each row's values, separated by " | "
}

func prove(t *testing.T, claims []claim) {
	t.Helper()
	e, l := openEngine(t), sample(t)
	for _, tt := range claims {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := ask(e, l, tt.sql)
			if err != nil {
				t.Fatalf("%s: %v", tt.sql, err)
			}
			var got []string
			for _, row := range rows[1:] {
				got = append(got, strings.Join(row, " | "))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", tt.sql, d)
			}
		})
	}
}

// The sample's events are at 11:42:36 and 12:00:00.123456 on the 10th, and at
// 00:00:00 on the 11th, in UTC.
func TestTimesWithAZoneAreInstants(t *testing.T) {
	const noon = "2023-07-10 12:00:00.000"
	prove(t, []claim{
		{"a comparison", "SELECT eventID FROM cloudtrail WHERE eventTime > '2023-07-10T14:00:00+02:00' ORDER BY 1", []string{"id-2", "id-3"}},
		{"the other way round", "SELECT eventID FROM cloudtrail WHERE '2023-07-10T07:00:00-05' > eventTime", []string{"id-1"}},
		{"a trailing Z", "SELECT eventID FROM cloudtrail WHERE eventTime > '2023-07-10T12:00:00Z' ORDER BY 1", []string{"id-2", "id-3"}},
		{"BETWEEN", "SELECT eventID FROM cloudtrail WHERE eventTime BETWEEN '2023-07-10T13:00:00+02:00' AND '2023-07-10 14:00:00 +0200'", []string{"id-1"}},
		{"IN", "SELECT eventID FROM cloudtrail WHERE eventTime IN ('2023-07-11T02:00:00+02:00', '2023-07-10T13:42:36+02:00') ORDER BY 1", []string{"id-1", "id-3"}},
		{"equality", "SELECT eventID FROM cloudtrail WHERE eventTime = '2023-07-10T19:00:00-05:00'", []string{"id-3"}},
		{"another column of time", "SELECT eventID FROM cloudtrail WHERE userIdentity.sessionContext.attributes.creationDate = '2023-07-10T12:00:00+02:00'", []string{"id-3"}},
		{"casts and literals", "SELECT CAST('2023-07-10T14:00:00+02:00' AS timestamp) a, TIMESTAMP '2023-07-10T14:00:00+02:00' b, TRY_CAST('2023-07-10 14:00 +02' AS timestamp) c, '2023-07-10 12:00:00Z'::timestamp d",
			[]string{strings.Join([]string{noon, noon, noon, noon}, " | ")}},
		{"the name of a zone", "SELECT TIMESTAMP '2023-07-10 14:00:00 Europe/Oslo' a, CAST('2023-07-10 14:00:00 Europe/Oslo' AS timestamp) b", []string{noon + " | " + noon}},
		{"digits of the second", "SELECT TIMESTAMP '2023-07-10 14:00:00.1234567+02:00' a, CAST('2023-07-10T14:00:00.5+02:00' AS timestamp(3)) b", []string{"2023-07-10 12:00:00.123456 | 2023-07-10 12:00:00.500"}},
		{"a day", "SELECT CAST('2023-07-10T23:00:00-05:00' AS date) a, DATE '2023-07-11T01:00:00+02:00' b", []string{"2023-07-11 | 2023-07-10"}},
		{"from_iso8601_timestamp", "SELECT from_iso8601_timestamp('2023-07-10T14:00:00+02:00') a, from_iso8601_timestamp('2023-07-10T12:00:00Z') b", []string{noon + " | " + noon}},
		{"a text that is worked out", "SELECT CAST(concat('2023-07-10T14:00:00', '+02:00') AS timestamp) a, TRY_CAST(concat('2023', '+02:00') AS timestamp) b", []string{noon + " | ∅"}},
		{"a text of JSON", `SELECT CAST(json_extract(a, '$.t') AS timestamp) a, CAST(json_extract_scalar(a, '$.t') AS timestamp) b FROM (SELECT '{"t":"2023-07-10T14:00:00+02:00"}' AS a)`, []string{noon + " | " + noon}},
		{"a text of the data beside a time", "SELECT eventID FROM cloudtrail WHERE eventTime = concat('2023-07-11T02:00:00', substr('x+02:00', 2))", []string{"id-3"}},
		{"a subquery beside a time", "SELECT eventID FROM cloudtrail WHERE eventTime = (SELECT concat('2023-07-11T02:00:00', '+02:00'))", []string{"id-3"}},
		{"a column of a subquery", "SELECT id FROM (SELECT eventTime AS t, eventID AS id FROM cloudtrail) WHERE t = '2023-07-11T02:00:00+02:00'", []string{"id-3"}},
		{"a subquery beside a text", "SELECT count(*) FROM cloudtrail WHERE '2023-07-11T02:00:00+02:00' = (SELECT max(eventTime) FROM cloudtrail)", []string{"3"}},
		{"an aggregate", "SELECT eventSource FROM cloudtrail GROUP BY 1 HAVING max(eventTime) >= '2023-07-11T02:00:00+02:00'", []string{"ec2.amazonaws.com"}},
		{"a window", "SELECT lead(eventTime) OVER (ORDER BY eventTime) > '2023-07-11T01:00:00+02:00' FROM cloudtrail ORDER BY eventTime", []string{"false", "true", "∅"}},
		{"texts stay texts", "SELECT t = '2023-07-10T14:00:00+02:00' FROM (SELECT concat('2023-07-10T14:00:00', '+02:00') AS t)", []string{"true"}},
		{"a text of a map stays", "SELECT count(*) FROM cloudtrail WHERE element_at(MAP {'a': '2023-07-10T14:00:00+02:00'}, 'a') = '2023-07-10T14:00:00+02:00'", []string{"3"}},
		{"a lambda", "SELECT filter(ARRAY[TIMESTAMP '2023-07-10 12:00:00'], x -> x = '2023-07-10T14:00:00+02:00') = ARRAY[] a", []string{"false"}},
		{"CASE and its kin", "SELECT greatest(eventTime, '2023-07-11T03:00:00+02:00') a, coalesce(eventTime, '2023-07-11T03:00:00+02:00') b, CASE WHEN false THEN eventTime ELSE '2023-07-11T03:00:00+02:00' END c FROM cloudtrail WHERE eventID = 'id-3'",
			[]string{"2023-07-11 01:00:00.000 | 2023-07-11 00:00:00.000 | 2023-07-11 01:00:00.000"}},
		{"CASE of a time", "SELECT CASE eventTime WHEN '2023-07-11T02:00:00+02:00' THEN 'yes' END FROM cloudtrail WHERE eventID = 'id-3'", []string{"yes"}},
		{"date_diff", "SELECT date_diff('hour', '2023-07-10T14:00:00+02:00', eventTime) FROM cloudtrail WHERE eventID = 'id-3'", []string{"12"}},
		{"a day beside a text", "SELECT eventID FROM cloudtrail WHERE date(eventTime) <= '2023-07-10T23:00:00+02:00' ORDER BY 1", []string{"id-1", "id-2"}},
		{"a day beside a text of the next day", "SELECT count(*) FROM cloudtrail WHERE date(eventTime) < '2023-07-10T23:00:00-05:00'", []string{"2"}},
		{"a list", "SELECT contains(ARRAY[TIMESTAMP '2023-07-10 12:00:00'], '2023-07-10T14:00:00+02:00')", []string{"true"}},
	})
}

func TestAtTimeZoneIsTrinos(t *testing.T) {
	const two = "2023-07-10 14:00:00.000"
	prove(t, []claim{
		{"a time without zone is in UTC", "SELECT TIMESTAMP '2023-07-10 12:00:00' AT TIME ZONE 'Europe/Oslo'", []string{two}},
		{"a time with zone", "SELECT CAST('2023-07-10 12:00:00+00' AS timestamp with time zone) AT TIME ZONE 'Europe/Oslo' a, from_iso8601_timestamp('2023-07-10T12:00:00Z') AT TIME ZONE 'Europe/Oslo' b", []string{two + " | " + two}},
		{"a column", "SELECT eventTime AT TIME ZONE 'America/New_York' FROM cloudtrail WHERE eventID = 'id-3'", []string{"2023-07-10 20:00:00.000"}},
		{"functions", "SELECT at_timezone(TIMESTAMP '2023-07-10 12:00:00', 'Europe/Oslo') a, with_timezone(TIMESTAMP '2023-07-10 14:00:00', 'Europe/Oslo') b", []string{two + " | 2023-07-10 12:00:00.000"}},
		{"the hour is the clock's", "SELECT hour(eventTime AT TIME ZONE 'Europe/Oslo') a, date(eventTime AT TIME ZONE 'America/New_York') b FROM cloudtrail WHERE eventID = 'id-3'", []string{"2 | 2023-07-10"}},
		{"a comparison is of instants", "SELECT eventID FROM cloudtrail WHERE eventTime AT TIME ZONE 'Asia/Tokyo' >= TIMESTAMP '2023-07-11 00:00:00'", []string{"id-3"}},
		{"to_unixtime is of the instant", "SELECT to_unixtime(TIMESTAMP '1970-01-01 00:00:10' AT TIME ZONE 'Asia/Tokyo')", []string{"10.0"}},
	})
}

// Now is worked out for the plan and put into the statement.
func TestNowBoundsTheTime(t *testing.T) {
	e, l := openEngine(t), sample(t)
	for _, condition := range []string{
		"eventTime > now() - INTERVAL '20' DAY",
		"eventTime > current_timestamp - INTERVAL '2' HOUR",
		"eventTime BETWEEN date_add('day', -30, now()) AND now()",
		"eventTime >= current_date - INTERVAL '7' DAY",
		"date(eventTime) = current_date",
		"eventTime >= date_trunc('month', now())",
		"eventTime >= from_unixtime(to_unixtime(now()) - 100) OR false",
		"current_timestamp - INTERVAL '1' DAY < eventTime",
	} {
		plan, err := e.Explain(context.Background(), l, "SELECT count(*) FROM cloudtrail WHERE "+condition)
		if err != nil {
			t.Errorf("%s: %v", condition, err)
			continue
		}
		kept, all := plan.Segments()
		if want := map[bool]int{true: 2}[strings.Contains(condition, " OR ")]; kept != want || all != 2 {
			t.Errorf("%s reads %d of %d segments; want %d:\n%s", condition, kept, all, want, plan)
		}
		if _, err := ask(e, l, "SELECT count(*) FROM cloudtrail WHERE "+condition); err != nil {
			t.Errorf("%s: %v", condition, err)
		}
	}
}

// Leaving segments out must not change an answer: each comparison is asked of
// the column, which bounds the time, and of an expression that does not.
func TestBoundsOfTimeKeepTheAnswer(t *testing.T) {
	e, l := openEngine(t), sample(t)
	values := []string{
		"'2023-07-10T14:00:00+02:00'", "'2023-07-11T02:00:00+02:00'", "'2023-07-11T00:00:00Z'", "'2023-07-11'", "'2023-7-11 0:00 +00'",
		"TIMESTAMP '2023-07-10 12:00:00.123456'", "TIMESTAMP '2023-07-10 12:00:00.1234564'", "DATE '2023-07-11'", "DATE '2023-07-10T23:00:00-05:00'",
		"from_iso8601_timestamp('2023-07-11T02:00:00+02:00')", "date_add('hour', 12, TIMESTAMP '2023-07-10 12:00:00')",
		"TIMESTAMP '2023-07-10 00:00:00' + INTERVAL '1' DAY", "date_parse('2023-07-11', '%Y-%m-%d')", "from_unixtime(1689033600)",
		"CAST('2023-07-11 02:00:00+02' AS timestamp with time zone)", "TIMESTAMP '2023-07-11 02:00:00 Europe/Oslo'",
		"CAST('2023-07-11T00:00:00.0006' AS timestamp(3))", "date_trunc('day', TIMESTAMP '2023-07-11 05:00:00')", "NULL",
	}
	columns := map[string]string{"eventTime": "eventTime + INTERVAL '0' DAY", "date(eventTime)": "CAST(eventTime + INTERVAL '0' DAY AS date)"}
	for column, blind := range columns {
		for _, v := range values {
			var parts []string
			for _, condition := range []string{"$c < $v", "$c <= $v", "$c = $v", "$c >= $v", "$v < $c", "$c BETWEEN $v AND $v", "$c IN ($v, $v)", "$c <> $v"} {
				parts = append(parts, fmt.Sprintf("SELECT %d AS a, eventID FROM cloudtrail WHERE %s", len(parts), strings.ReplaceAll(condition, "$v", v)))
			}
			sql := strings.Join(parts, " UNION ALL ") + " ORDER BY 1, 2"
			got, err1 := ask(e, l, strings.ReplaceAll(sql, "$c", column))
			want, err2 := ask(e, l, strings.ReplaceAll(sql, "$c", blind))
			if err1 != nil || err2 != nil {
				t.Fatalf("%s: %v, %v", sql, err1, err2)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s with %s (-without bounds +with):\n%s", v, column, d)
			}
		}
	}
}

// Whatever the form of a text, it means the instant that the engine takes it
// for as a time with zone.
func TestFormsOfTime(t *testing.T) {
	e, l := openEngine(t), sample(t)
	var items, want []string
	for _, day := range []string{"2023-07-10", "2023-7-1"} {
		for _, between := range []string{" ", "T"} {
			for _, clock := range []string{"14:00:00", "04:05:06.7", "14:00:00.123456789"} {
				for _, zone := range []string{"", "Z", " UTC", "+02", "-02:00", "+05:30", " +02:00", " Europe/Oslo"} {
					text := day + between + clock + zone
					items = append(items, fmt.Sprintf("CAST('%s' AS timestamp) = CAST(CAST('%s' AS timestamp with time zone) AS timestamp)", text, text))
					want = append(want, "true")
				}
			}
		}
	}
	for first := 0; first < len(items); first += 24 {
		got, err := ask(e, l, "SELECT "+strings.Join(items[first:first+24], ", "))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want[first:first+24], got[1]); d != "" {
			t.Errorf("%s (-want +got):\n%s", strings.Join(items[first:first+24], "\n"), d)
		}
	}
}

func TestManyNestedMeetingsStaySmall(t *testing.T) {
	e, l := openEngine(t), sample(t)
	sql := "eventTime"
	for range 100 {
		sql = "coalesce(lower(" + sql + "), '2023-07-10T14:00:00+02:00')"
	}
	start := time.Now()
	_, err := e.Explain(context.Background(), l, "SELECT "+sql+" FROM cloudtrail")
	if err == nil || time.Since(start) > 10*time.Second {
		t.Errorf("Explain = %v in %s; want a quick refusal", err, time.Since(start))
	}
}
