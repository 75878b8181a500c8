package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/internal/progress"
	"tarn/lake"
	"tarn/query/result"
)

// demoLake is where the demo makes its lake, unless --lake says otherwise.
const demoLake = "./tarn-demo"

func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Make a lake to play with, and question it",
		Long: `Make a lake in ./tarn-demo from a month of generated CloudTrail logs of a small
company, with an intrusion hidden in it; ask it the questions that find the
intrusion, each shown with its SQL; verify it. Running it again adds nothing.

EXIT STATUS
  0 done, 12 the lake differs from what was sealed`,
		Example: `  tarn demo
  tarn demo --lake /tmp/play`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("lake") {
				a.lakeDir = demoLake
			}
			return a.demo(c)
		},
	}
}

func (a *app) demo(c *cobra.Command) error {
	g := eventgen.Options{EventsPerObject: 40, DuplicatePercent: 2, Incidents: true}
	story := eventgen.New(g).Story()
	key, err := a.demoImport(c.Context(), g)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	err = a.read(func(snap *lake.Snapshot) error { return a.demoQuestions(c.Context(), snap, story) })
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	fmt.Fprintf(a.out, "And has anybody changed a byte of this?\n\n    tarn verify --lake %s\n\n", a.lakeDir)
	if err := a.verify(c, verifyOptions{}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, `
Next (tarn is what "go build -o bin/tarn ./cmd/tarn" makes: bin/tarn):

    export TARN_LAKE=%[1]s
    tarn query --sample                       # a hundred questions more
    tarn query "SELECT * FROM cloudtrail WHERE eventID = '%[2]s'"
    tarn query --explain "SELECT 1 FROM cloudtrail WHERE userIdentity.accessKeyId = '%[3]s'"
    tarn export --raw | head -1
    unset TARN_LAKE; tarn import ./AWSLogs    # your own: aws s3 sync s3://BUCKET/AWSLogs ./AWSLogs

The demo is gone with "rm -r %[1]s", its key with "rm %[4]s".
`, a.lakeDir, story.StopLoggingID, story.AccessKeyID, key)
	return err
}

// demoImport writes the month's bucket to a temporary folder and imports it.
// It returns where the lake's key is.
func (a *app) demoImport(ctx context.Context, g eventgen.Options) (key string, err error) {
	bucket, err := os.MkdirTemp("", "tarn-demo-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(bucket)
	a.alone = false // it could not remove that any more
	made, err := eventgen.WriteBucket(bucket, g)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(a.out, "A month at Fjordbyte, a small company: %s CloudTrail log files with %s records (%s gzipped).\n"+
		"Somewhere in it somebody broke in. First, the logs go into a lake:\n\n    tarn import AWSLogs --lake %s\n\n",
		progress.Count(int64(made.Objects)), progress.Count(int64(made.Records)), progress.Bytes(made.GzBytes), a.lakeDir)
	from, err := ingest.List([]string{bucket})
	if err != nil {
		return "", err
	}
	l, store, err := a.openForImport(defaultStore)
	if err != nil {
		return "", err
	}
	start := time.Now()
	r, err := a.importWith(ctx, l, store, from, ingest.Options{})
	if err = errors.Join(err, l.Close()); err != nil {
		return "", err
	}
	a.tellImport(a.out, store, r, time.Since(start))
	_, err = fmt.Fprintln(a.out)
	return l.KeyFile(), err
}

// question is what an investigator asks, and why.
type question struct{ ask, sql string }

func demoQuestions(s eventgen.Story) []question {
	return []question{
		{"What happens here at all?",
			"SELECT eventSource, count(*) AS events, count(DISTINCT eventName) AS names\nFROM cloudtrail GROUP BY 1 ORDER BY 2 DESC LIMIT 6"},
		{"Who fails to sign in?",
			"SELECT sourceIPAddress, userIdentity.userName, count(*) AS failures, min(eventTime) AS first\nFROM cloudtrail\nWHERE eventName = 'ConsoleLogin' AND element_at(responseElements, 'ConsoleLogin') = 'Failure'\nGROUP BY 1, 2 ORDER BY 3 DESC LIMIT 5"},
		{"One address stands out. What came from it after the guessing?",
			fmt.Sprintf("SELECT eventTime, userIdentity.userName, eventName, errorCode\nFROM cloudtrail\nWHERE sourceIPAddress = '%s'\n  AND element_at(responseElements, 'ConsoleLogin') IS DISTINCT FROM 'Failure'\nORDER BY eventTime LIMIT 8", s.SignInAddress)},
		{"They got in. What did they change?",
			fmt.Sprintf("SELECT eventTime, eventName, errorCode, element_at(requestParameters, 'userName') AS on_user\nFROM cloudtrail\nWHERE sourceIPAddress = '%s' AND readOnly = false AND eventName <> 'ConsoleLogin'\nORDER BY eventTime", s.SignInAddress)},
		{"A new access key. What was it used for?",
			fmt.Sprintf("SELECT eventName, count(*) AS calls, count(errorCode) AS refused,\n       min(eventTime) AS first, max(eventTime) AS last\nFROM cloudtrail WHERE userIdentity.accessKeyId = '%s'\nGROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10", s.AccessKeyID)},
		{"How much data left, and from which bucket?",
			fmt.Sprintf("SELECT element_at(requestParameters, 'bucketName') AS bucket, count(*) AS objects,\n       sum(CAST(element_at(additionalEventData, 'bytesTransferredOut') AS double)) AS bytes\nFROM cloudtrail\nWHERE userIdentity.accessKeyId = '%s' AND eventName = 'GetObject' GROUP BY 1", s.AccessKeyID)},
		{"Did anybody try to blind us?",
			"SELECT eventTime, userIdentity.arn, eventName, errorCode\nFROM cloudtrail\nWHERE eventName IN ('StopLogging', 'DeleteTrail', 'StartLogging') ORDER BY eventTime"},
		{"Which security groups were opened to the world?",
			"SELECT eventTime, sourceIPAddress, element_at(requestParameters, 'groupId') AS opened\nFROM cloudtrail\nWHERE eventName = 'AuthorizeSecurityGroupIngress'\n  AND CAST(requestParameters AS varchar) LIKE '%0.0.0.0/0%'\nORDER BY eventTime"},
	}
}

func (a *app) demoQuestions(ctx context.Context, snap *lake.Snapshot, s eventgen.Story) error {
	engine, err := a.engine()
	if err != nil {
		return err
	}
	defer engine.Close()
	for _, q := range demoQuestions(s) {
		start := time.Now()
		res, err := engine.Run(ctx, snap, q.sql)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, "%s\n\n%s\n\n", q.ask, indent(q.sql))
		width, _ := terminal(a.out)
		_, err = result.Write(ctx, a.out, "table", res, result.Options{Width: width})
		if err = errors.Join(err, res.Close()); err != nil {
			return err
		}
		fmt.Fprintf(a.out, "(%s)\n\n", progress.Duration(time.Since(start)))
	}
	return nil
}

func indent(s string) string { return "    " + strings.ReplaceAll(s, "\n", "\n    ") }
