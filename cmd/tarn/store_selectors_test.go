package main

import (
	"path/filepath"
	"testing"

	"tarn/internal/eventgen"
)

// What a store's selectors take is what SQL finds in a store that took everything.
// The conditions are written by hand; with ../shared, real buckets are asked too.
func TestSelectorsTakeWhatSQLFinds(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	vars := map[string]string{"TARN_LAKE": filepath.Join(t.TempDir(), "lake"), "TARN_FORMAT": "csv"}
	must := func(args ...string) string {
		t.Helper()
		out, errs, code := tarn(t, vars, args...)
		if code != exitDone {
			t.Fatalf("tarn %q exits with %d: %s", args, code, errs)
		}
		return out
	}
	buckets, _ := filepath.Glob(filepath.Join(sharedData, "s3-*"))
	generated := t.TempDir()
	if _, err := eventgen.WriteBucket(generated, eventgen.Options{Events: 4000, Days: 2, EventsPerObject: 200, Incidents: true}); err != nil {
		t.Fatal(err)
	}
	imports := append([]string{"import", generated}, buckets...)
	must(append(imports, "--store", "everything")...)
	const (
		management = `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}`
		objects    = `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}`
		isData     = `(eventCategory = 'Data' OR eventCategory IS NULL AND managementEvent = false)`
		isObject   = isData + ` AND cardinality(filter(resources, r -> r.type = 'AWS::S3::Object')) > 0`
	)
	for name, tt := range map[string]struct{ selectors, where string }{
		"management": {management + `]}]`, `NOT coalesce(` + isData + `, false)`},
		"writes":     {management + `,{"Field":"readOnly","Equals":["false"]}]}]`, `NOT coalesce(` + isData + `, false) AND readOnly = false`},
		"described": {management + `,{"Field":"eventName","StartsWith":["Describe","List"],"NotEndsWith":["s"]}]}]`,
			`NOT coalesce(` + isData + `, false) AND (eventName LIKE 'Describe%' OR eventName LIKE 'List%') AND eventName NOT LIKE '%s'`},
		"nobody": {management + `,{"Field":"userIdentity.arn","NotStartsWith":["arn:"]},{"Field":"eventSource","NotEquals":["kms.amazonaws.com"]}]}]`,
			`NOT coalesce(` + isData + `, false) AND (userIdentity.arn IS NULL OR userIdentity.arn NOT LIKE 'arn:%') AND (eventSource IS NULL OR eventSource <> 'kms.amazonaws.com')`},
		"console": {management + `,{"Field":"sessionCredentialFromConsole","Equals":["true"]}]},{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventType","Equals":["AwsConsoleSignIn"]}]}]`,
			`NOT coalesce(` + isData + `, false) AND (sessionCredentialFromConsole = 'true' OR eventType = 'AwsConsoleSignIn')`},
		"objects": {objects + `,{"Field":"resources.ARN","NotStartsWith":["arn:aws:s3:::fjordbyte-customer"]}]}]`,
			isObject + ` AND cardinality(filter(resources, r -> r.type = 'AWS::S3::Object' AND coalesce(r.arn, r.arnprefix, '') LIKE 'arn:aws:s3:::fjordbyte-customer%')) = 0`},
		"taken": {objects + `,{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::fjordbyte-customer"]}]}]`,
			isData + ` AND cardinality(filter(resources, r -> r.type = 'AWS::S3::Object' AND coalesce(r.arn, r.arnprefix, '') LIKE 'arn:aws:s3:::fjordbyte-customer%')) > 0`},
	} {
		must("store", "create", name, "--selectors", tt.selectors)
		must(append(imports, "--store", name)...)
		got := must("query", "SELECT eventid, eventjsonchecksum FROM "+name+" ORDER BY 1, 2")
		want := must("query", "SELECT eventid, eventjsonchecksum FROM everything WHERE "+tt.where+" ORDER BY 1, 2")
		if got != want || len(got) < 100 {
			t.Errorf("%s: selectors take %d bytes of ids, SQL finds %d; want the same, and some", name, len(got), len(want))
		}
	}
}
