package pagetest

import (
	"fmt"
	"strings"
	"time"

	"tarn/report"
)

// Enemy is what somebody writes into an event who knows that a report will quote it.
const Enemy = `<script>alert(1)</script><img src=x onerror=alert(2)>"'><svg/onload=alert(3)></style></pre></table><!--]]>` +
	"{{.Title}} javascript:alert(4) =HYPERLINK(\"http://x\") " +
	"\u202egnp.exe\u202c \u0000\u0007\u001b[31m\u009b \u2066hidden\u2069 zero\u200bwidth \ufeff\U000e0041 " +
	"שלום مرحبا 日本語 한국어 🦊 zalgo" // followed by a tower of marks and a word without an end

// Hostile returns a report whose every text is s, and some more than that.
func Hostile(s string) *report.Report {
	long := s + strings.Repeat("\u0301", 200) + strings.Repeat("W", 2_000)
	r := &report.Report{
		ID: s, Pack: report.Pack{ID: s, Title: s, About: s}, Stores: []report.Store{{ID: s, Name: s, Events: -1}},
		From: from, To: from.AddDate(0, 3, 0), Ran: from, Took: -1, By: s,
		Log: report.Log{Lake: s, Size: -5, Checkpoint: s, PublicKey: s},
	}
	for i, v := range []report.Verdict{report.Failed, report.Passed, report.Unknown, report.Verdict(s)} {
		one := report.Result{
			ID: s, Title: s, Why: s, Do: s, Severity: report.Severity(s), References: []string{s, s}, Expects: s, SQL: s,
			Parameters: []report.Parameter{{Name: s, Value: long}}, Verdict: v, Note: s, Columns: []string{s, "eventid", s},
			Rows: [][]string{{s, s, long}, {s, "e1"}, {}, {s, s, s, s, s}}, Total: 9, Acknowledged: []string{"", s},
			Earlier: []report.Earlier{{Verdict: v, Total: -3}, {To: from, Verdict: "strange", Total: 1 << 62}},
		}
		one.Columns = append(one.Columns, make([]string, i*20)...)
		r.Results = append(r.Results, one)
	}
	r.Coverage = []report.Coverage{
		{Store: s, Account: s, Region: s, Hours: make([]int64, 24*90), Missing: []report.Stretch{{From: from, To: from.AddDate(0, 0, 2)}}},
		{Hours: []int64{-4, 1 << 60}},
	}
	r.Events = []report.Event{{ID: s, Store: s, Raw: s, Proof: s}, {ID: "e1", Raw: `{"a":"` + `<script>` + `"}`},
		{ID: "e1", Raw: strings.Repeat("[", 5000) + strings.Repeat("]", 5000)}, {}}
	return r
}

// Large returns a report with so many failed controls, and as many rows in each.
func Large(controls, rows int) *report.Report {
	r := Full()
	r.Results = nil
	for i := range controls {
		one := report.Result{
			ID: fmt.Sprintf("control-%02d", i), Title: fmt.Sprintf("Control number %d finds nothing", i), Why: "It matters.", Do: "Look at each.",
			Severity: report.High, References: []string{"CIS AWS 3.0 4.1"}, Expects: "No rows.", SQL: "SELECT 1", Verdict: report.Failed,
			Columns: []string{"eventtime", "eventname", "caller", "sourceipaddress", "region", "eventid"}, Total: int64(rows),
		}
		for n := range rows {
			one.Rows = append(one.Rows, []string{from.Add(time.Duration(n) * time.Minute).Format(time.DateTime), "PutBucketPolicy",
				fmt.Sprintf("arn:aws:iam::111122223333:user/person-%d", n), "198.51.100.7", "eu-central-1",
				fmt.Sprintf("2c3d7b52-8f4f-4f5f-%04x-%012x", i, n)})
		}
		r.Results = append(r.Results, one)
	}
	return r
}
