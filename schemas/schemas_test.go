package schemas_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/schemas"
)

// The ids are in every sealed file. If this test fails, a column was inserted
// or moved: append it instead.
func TestFieldIDsNeverMove(t *testing.T) {
	want := map[string]int{
		"eventversion": 100, "useridentity": 200, "eventtime": 300, "sourceipaddress": 700,
		"requestparameters": 1100, "eventid": 1500, "resources": 1700, "tlsdetails": 3100,
		"sessioncredentialfromconsole": 3200, "eventcontext": 3300,
		"eventjson": 9000, "seq": 9001,
		"requestparameters_bucketname": 9100, "additionaleventdata_mfaused": 9112,
	}
	got := map[string]int{}
	for _, f := range schemas.CloudTrail().Stored() {
		if _, ok := want[f.Name]; ok {
			got[f.Name] = f.ID
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("field ids (-want +got):\n%s", d)
	}
}

func TestEveryFamilyHasUniqueIDsAndTheLakesColumns(t *testing.T) {
	for _, f := range schemas.Families() {
		seen := map[int]string{}
		for _, c := range f.Stored() {
			checkIDs(t, f.Name, seen, c)
		}
		for _, name := range []string{schemas.EventTime, schemas.EventID, schemas.Raw, schemas.Checksum} {
			if _, ok := f.Column(name); !ok {
				t.Errorf("family %s has no column %s", f.Name, name)
			}
		}
	}
}

// testdata/ids.txt has every id of every part of every family. A line may be
// added, never changed: sealed files know their columns by these numbers.
func TestEveryIDIsPinned(t *testing.T) {
	var b strings.Builder
	for _, f := range schemas.Families() {
		for _, c := range f.Stored() {
			writeIDs(&b, f.Name, c)
		}
	}
	const name = "testdata/ids.txt"
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("ids (-pinned +tables):\n%s", d)
	}
}

func writeIDs(b *strings.Builder, path string, f schemas.Field) {
	path += " " + f.Name
	fmt.Fprintf(b, "%d %s %s\n", f.ID, path, f.Type())
	for _, part := range f.Fields {
		writeIDs(b, path, part)
	}
}

func checkIDs(t *testing.T, family string, seen map[int]string, f schemas.Field) {
	t.Helper()
	if other, ok := seen[f.ID]; ok {
		t.Errorf("family %s: %s and %s have id %d", family, other, f.Name, f.ID)
	}
	seen[f.ID] = f.Name
	for _, part := range f.Fields {
		checkIDs(t, family, seen, part)
	}
}

func TestCloudTrailHasThePublishedColumnsInOrder(t *testing.T) {
	want := []string{
		"eventversion", "useridentity", "eventtime", "eventsource", "eventname", "awsregion",
		"sourceipaddress", "useragent", "errorcode", "errormessage", "requestparameters",
		"responseelements", "additionaleventdata", "requestid", "eventid", "readonly",
		"resources", "eventtype", "apiversion", "managementevent", "recipientaccountid",
		"sharedeventid", "annotation", "vpcendpointid", "vpcendpointaccountid",
		"serviceeventdetails", "addendum", "edgedevicedetails", "insightdetails",
		"eventcategory", "tlsdetails", "sessioncredentialfromconsole", "eventjson",
		"eventjsonchecksum", "eventcontext",
	}
	var got []string
	for _, c := range schemas.CloudTrail().Columns {
		got = append(got, c.Name)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("columns (-want +got):\n%s", d)
	}
}

func TestParseTime(t *testing.T) {
	at := time.Date(2023, 7, 10, 11, 42, 36, 0, time.UTC).UnixMicro()
	for in, want := range map[string]int64{
		"2023-07-10T11:42:36Z":         at,
		"2023-07-10 11:42:36":          at,
		"2023-07-10T13:42:36+02:00":    at,
		"2023-07-10T11:42:36.000001Z":  at + 1,
		"20230710T114236Z":             at,
		"2023-02-29T00:00:00Z":         -1,
		"2023-02-31T00:00:60Z":         -1,
		"2016-12-31T23:59:60Z":         time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro(),
		"0000-01-01T00:00:00Z":         -1,
		"9999-12-31T23:59:59-23:00":    -1,
		"9999-99-99T99:99:99Z":         -1,
		"2023-07-10":                   -1,
		"...":                          -1,
		"":                             -1,
		"2023-07-1aT11:42:36Z":         -1,
		"2023-07-10T11:42:36.5+00:00 ": -1,
	} {
		got, ok := schemas.ParseTime([]byte(in))
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("ParseTime(%q) = %d; want %d", in, got, want)
		}
	}
}
