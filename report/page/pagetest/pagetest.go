// Package pagetest has reports to write documents of, for tests: one with all that a
// report can have, one with nothing, one whose every text was written by an enemy, one
// whose text is no UTF-8, and large ones.
package pagetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"tarn/report"
)

// from is when the periods of the reports begin.
var from = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

// All returns the reports that a test of documents should see, by name.
func All() map[string]*report.Report {
	return map[string]*report.Report{"full": Full(), "empty": {}, "hostile": Hostile(Enemy), "broken": Hostile("\xff\xfe broken \xc3")}
}

// Full returns a report with everything: verdicts of all kinds and severities, findings
// with events, acknowledged rows, parameters, trends, gaps, proofs.
func Full() *report.Report {
	r := &report.Report{
		ID: "5f0c6f0e-3b1a-4c58-9a55-1f7a2c1d9e10",
		Pack: report.Pack{ID: "cis-aws", Title: "CIS AWS Foundations: what events can show",
			About: "The monitoring and logging controls of the benchmark, as far as events can show them. Settings that nobody changed in these days leave no event, and are not judged here."},
		Stores: []report.Store{{ID: "a3e1", Name: "prod", Events: 1_204_331}, {ID: "a3e2", Name: "sandbox", Events: 88_120}},
		From:   from, To: from.AddDate(0, 0, 7),
		Ran: from.AddDate(0, 0, 7).Add(8*time.Hour + 12*time.Second), Took: 11_400 * time.Millisecond,
		By: "tarn 0.8.0",
		Log: report.Log{Lake: "audit.example.com/lake", Size: 48_211,
			Checkpoint: "audit.example.com/lake\n48211\n7c1kq0m1J1nQ0m0m9mQm1kq0m1J1nQ0m0m9mQm1kq0=\n\n— audit.example.com/lake Lq7P1kq0m1J1nQ0m0m9mQm1kq0m1J1nQ0m0m9mQm1kq0m1J1nQ0m0m9mQm1kq0m1J1nQ0m0m9mQm1kq0m1J1nQ0m0m9mQm=\n",
			PublicKey:  "audit.example.com/lake+2ea7cf59+AQ5m0m9mQm1kq0m1J1nQ0m0m9mQm1kq0m1J1nQ0m0m9mQm"},
	}
	addRoot(r)
	addTrails(r)
	addRest(r)
	addCoverage(r)
	return r
}

// addRoot adds a control that failed, with findings, events and rows that are
// acknowledged.
func addRoot(r *report.Report) {
	one := report.Result{
		ID: "root-used", Title: "The root user is not used",
		Why:      "Root may do everything and cannot be limited. Whoever has its password has the account.",
		Do:       "Find out who it was, and change password and keys if nobody knows. Give the task to a role, so that root can rest.",
		Severity: report.Critical, References: []string{"CIS AWS 3.0 4.3", "NIST 800-53 AC-6(9)", "PCI DSS 4.0 10.2.1.2"},
		Expects:    "No rows that nobody acknowledged.",
		SQL:        "SELECT eventtime, eventname, useridentity.accountid AS account, sourceipaddress, eventid\nFROM prod\nWHERE useridentity.type = 'Root'\n  AND useridentity.invokedby IS NULL\n  AND eventtype <> 'AwsServiceEvent'\n  AND eventtime >= timestamp '2026-11-02 00:00:00'\nORDER BY eventtime",
		Parameters: []report.Parameter{{Name: "allowed", Value: "none"}, {Name: "window", Value: "7d"}},
		Verdict:    report.Failed, Columns: []string{"eventtime", "eventname", "account", "sourceipaddress", "calls", "eventid"},
		Total: 5, Bytes: 12_300_000, Took: 240 * time.Millisecond,
	}
	names := []string{"ConsoleLogin", "CreateAccessKey", "PutBucketPolicy", "StopLogging", "ConsoleLogin"}
	for i, name := range names {
		id := fmt.Sprintf("2c3d7b52-8f4f-4f5f-9b5e-0a4f2e0b1c%02d", i)
		at := from.Add(time.Duration(i*31+5) * time.Hour).Format(time.DateTime)
		one.Rows = append(one.Rows, []string{at, name, "111122223333", "198.51.100." + fmt.Sprint(i+4), fmt.Sprint(i*i + 1), id})
		one.Acknowledged = append(one.Acknowledged, "")
		if i < 4 {
			r.Events = append(r.Events, event(id, name, at, i))
		}
	}
	one.Acknowledged[4] = "Maria Kowalska, 2026-11-08: the yearly test of the break-glass password, CHG-4711"
	for i, n := range []int64{0, 1, 0, 0, 2, 1, 3} {
		e := report.Earlier{To: from.AddDate(0, 0, 7*(i-6)), Verdict: report.Passed, Total: n}
		if n > 0 {
			e.Verdict = report.Failed
		}
		one.Earlier = append(one.Earlier, e)
	}
	one.Earlier[3].Verdict = report.Unknown
	r.Results = append(r.Results, one)
}

// event is a record as CloudTrail writes it. Every other one has a proof.
func event(id, name, at string, i int) report.Event {
	e := report.Event{ID: id, Store: "prod", Raw: fmt.Sprintf(`{"eventVersion":"1.09","userIdentity":{"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333","sessionContext":{"attributes":{"creationDate":"2026-11-02T05:00:00Z","mfaAuthenticated":"false"}}},"eventTime":"%s","eventSource":"iam.amazonaws.com","eventName":"%s","awsRegion":"eu-central-1","sourceIPAddress":"198.51.100.%d","userAgent":"Mozilla/5.0 (X11; Linux x86_64) <b>curl</b>","requestParameters":{"tags":[],"conditions":{},"list":["a","b, {c}"]},"responseElements":null,"eventID":"%s","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333"}`,
		strings.Replace(at, " ", "T", 1)+"Z", name, i+4, id)}
	if i%2 == 0 {
		e.Proof = "c2sp.org/tlog-proof@v1\nextra AAAAAAAAvFMBAAAA7c1kq0m1J1nQ0m0m9mQm1kq0m1J1nQ0m0m9mQm1kq0=\nindex 48120\n7c1kq0m1J1nQ0m0m9mQm1kq0m1J1nQ0m0m9mQm1kq0=\nJ1nQ0m0m9mQm1kq0m1J1nQ0m0m9mQm1kq07c1kq0m1=\n"
	}
	return e
}

// addTrails adds a control with many findings, and one that could not be asked.
func addTrails(r *report.Report) {
	many := report.Result{
		ID: "denied-calls", Title: "Calls that were denied are looked at, when one caller has many of them in an hour",
		Why: "Who tries doors does not know the house.", Do: "Ask the caller. If it is a program, take away the calls that it does not need.",
		Severity: report.Medium, References: []string{"CIS AWS 3.0 4.1", "SOC 2 CC7.2"}, Expects: "At most 10 rows.",
		SQL: "SELECT useridentity.arn AS caller, count(*) AS calls FROM prod WHERE errorcode LIKE '%AccessDenied%' GROUP BY 1", Verdict: report.Failed,
		Columns: []string{"hour", "caller", "errors", "reasons"}, Total: 1_873, Bytes: 40_000_000, Took: 900 * time.Millisecond,
	}
	for i := range 250 {
		many.Rows = append(many.Rows, []string{from.Add(time.Duration(i) * time.Hour / 2).Format(time.DateTime),
			fmt.Sprintf("arn:aws:sts::111122223333:assumed-role/deploy-to-production-%03d/session-%x", i, i*7919), fmt.Sprint(i * 13 % 1000),
			"not authorized to perform: s3:GetObject on resource: arn:aws:s3:::payroll-2026/backup because no identity-based policy allows it"})
	}
	r.Results = append(r.Results, many, report.Result{
		ID: "trail-stopped", Title: "Nobody stops or changes a trail",
		Why: "What is not recorded did not happen, for all that an auditor can tell.", Do: "Start the trail again, and find out what was done meanwhile.",
		Severity: report.High, References: []string{"CIS AWS 3.0 4.5", "ISO 27001 A.8.15"}, Expects: "No rows.",
		SQL: "SELECT 1", Verdict: report.Unknown, Note: "There are no management events of account 444455556666 from 2026-11-04 03:00 to 2026-11-04 09:00.",
		Earlier: []report.Earlier{{To: from, Verdict: report.Passed}},
	})
}

// addRest adds controls that passed, and one whose answer is too wide for paper.
func addRest(r *report.Report) {
	for i, title := range []string{"Nobody signs in to the console without a second factor", "Keys of KMS are not disabled or deleted",
		"Bucket policies are not changed", "Security groups are not opened to the world", "Routes, gateways and networks stay as they are",
		"Organisations are not changed", "Роли и политики не меняются вне окна", "Οι ρόλοι δεν αλλάζουν", "Sichere Größen ändern sich nicht: „Straße“, žluťoučký kůň"} {
		r.Results = append(r.Results, report.Result{
			ID: fmt.Sprintf("control-%d", i+4), Title: title, Why: "It would let somebody in who should not be there.", Do: "Undo it.",
			Severity: []report.Severity{report.High, report.Medium, report.Low}[i%3], References: []string{fmt.Sprintf("CIS AWS 3.0 4.%d", i+4)},
			Expects: "No rows.", SQL: "SELECT eventid FROM prod WHERE eventname IN ('a', 'b')", Verdict: report.Passed, Columns: []string{"eventid"},
			Bytes: 1_000_000, Took: 30 * time.Millisecond,
			Earlier: []report.Earlier{{To: from.AddDate(0, 0, -7), Verdict: report.Failed, Total: int64(i)}, {To: from, Verdict: report.Passed}},
		})
	}
	wide := report.Result{ID: "wide", Title: "Every import is known", Severity: report.Low, Verdict: report.Passed, Expects: "At least one row.", Total: 3,
		SQL: "SELECT *"}
	for i := range 14 {
		wide.Columns = append(wide.Columns, fmt.Sprintf("column_number_%d", i))
	}
	for range 3 {
		row := make([]string, 14)
		for i := range row {
			row[i] = strings.Repeat("value ", i+1)
		}
		wide.Rows = append(wide.Rows, row)
	}
	r.Results = append(r.Results, wide)
}

// addCoverage adds accounts with days and nights, one of them with a gap.
func addCoverage(r *report.Report) {
	random := rand.New(rand.NewPCG(1, 2))
	for i, place := range [][3]string{{"prod", "111122223333", "eu-central-1"}, {"prod", "111122223333", "us-east-1"}, {"prod", "444455556666", "eu-central-1"}} {
		c := report.Coverage{Store: place[0], Account: place[1], Region: place[2], Hours: make([]int64, 7*24)}
		for h := range c.Hours {
			busy := 20
			if h%24 > 7 && h%24 < 18 && h/24 < 5 {
				busy = 900
			}
			c.Hours[h] = int64(random.IntN(busy))
			if i == 2 && h >= 51 && h < 57 {
				c.Hours[h] = 0
			}
		}
		if i == 2 {
			c.Missing = []report.Stretch{{From: from.Add(51 * time.Hour), To: from.Add(57 * time.Hour)}}
		}
		r.Coverage = append(r.Coverage, c)
	}
}
