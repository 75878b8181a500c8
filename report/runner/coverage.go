package runner

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"tarn/query/samples"
	"tarn/report"
)

// management is the category of events that have none.
const management = "Management"

// hourly counts the events of each hour, by place and category.
const hourly = `SELECT coalesce(recipientAccountId, '') AS account, coalesce(awsRegion, '') AS region,
       coalesce(eventCategory, CASE WHEN managementEvent = false THEN 'Data' ELSE 'Management' END) AS category,
       date_diff('hour', $from, date_trunc('hour', eventTime)) AS hour, count(*) AS n
FROM $store
WHERE eventTime >= $from AND eventTime < $to
GROUP BY 1, 2, 3, 4`

// place is an account and a region.
type place struct{ account, region string }

// cover counts the events of each hour and says where some are missing.
func (r *maker) cover(ctx context.Context) error {
	v := r.values()
	v.Params, v.From = nil, r.From.UTC().Truncate(time.Hour) // hours are counted from a whole one
	sql, err := samples.Sample{Name: "coverage", SQL: hourly}.Statement(v)
	if err != nil {
		return err
	}
	res, err := r.engine.Run(ctx, r.past, sql)
	if err != nil {
		return err
	}
	defer res.Close()
	hours := int((r.To.Sub(v.From) + time.Hour - 1) / time.Hour)
	all := map[place][]int64{}
	r.present = map[string]int64{}
	for row, err := range res.Rows(ctx) {
		if err != nil {
			return err
		}
		hour, err1 := strconv.Atoi(row[3].Text)
		n, err2 := strconv.ParseInt(row[4].Text, 10, 64)
		if err1 != nil || err2 != nil || hour < 0 || hour >= hours {
			return fmt.Errorf("the hour %s has %s events", row[3].Text, row[4].Text)
		}
		p := place{row[0].Text, row[1].Text}
		if all[p] == nil {
			all[p] = make([]int64, hours)
		}
		all[p][hour] += n
		r.present[row[2].Text] += n
	}
	for p, counts := range all {
		r.report.Coverage = append(r.report.Coverage, report.Coverage{Store: r.store.Name, Account: p.account, Region: p.region, Hours: counts,
			Missing: missing(counts, v.From, r.To, r.report.Ran.Add(-delivery))})
	}
	slices.SortFunc(r.report.Coverage, func(a, b report.Coverage) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
	})
	return nil
}

// delivery is how long events may be on their way: of the hours before a report is made
// nothing can be told yet.
const delivery = 2 * time.Hour

// missing are the stretches of hours without events, in a place that has some in nine
// hours of ten and ten of them on average: there one expects some. Of other places
// nothing can be told, nor of the hours that begin at arrived or later.
func missing(counts []int64, from, to, arrived time.Time) (all []report.Stretch) {
	if n := int(max(arrived.Sub(from), 0)+time.Hour-1) / int(time.Hour); n < len(counts) {
		counts, to = counts[:n], from.Add(time.Duration(n)*time.Hour)
	}
	var sum int64
	busy := 0
	for _, n := range counts {
		sum += n
		if n > 0 {
			busy++
		}
	}
	if 10*busy < 9*len(counts) || sum < 10*int64(len(counts)) || len(counts) < 24 {
		return nil
	}
	for i := 0; i < len(counts); i++ {
		first := i
		for i < len(counts) && counts[i] == 0 {
			i++
		}
		if i > first {
			end := from.Add(time.Duration(i) * time.Hour)
			if end.After(to) {
				end = to
			}
			all = append(all, report.Stretch{From: from.Add(time.Duration(first) * time.Hour).UTC(), To: end.UTC()})
		}
	}
	return all
}
