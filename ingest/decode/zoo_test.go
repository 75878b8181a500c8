package decode_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/ingest/decode"
)

// zoo is a folder of odd files that other programs were tested with.
const zoo = "../../../shared/data/odd"

// tally is what comes out of a file.
type tally struct {
	Events, Rejects int
	Digest          bool
}

// Every file of the zoo ends accounted for, with as many events as it has.
func TestZoo(t *testing.T) {
	if _, err := os.Stat(zoo); err != nil {
		t.Skip("the shared data is not there: ", err)
	}
	got := map[string]tally{}
	err := filepath.WalkDir(zoo, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		in, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var sum tally
		_, records, kind := read(t, in)
		checkPlaces(t, in, records)
		sum.Digest = kind == decode.Digest
		for _, r := range records {
			if r.Reason == "" {
				sum.Events++
			} else {
				sum.Rejects++
				t.Logf("%s: at %d+%d: %s", path, r.Offset, r.Length, r.Reason)
			}
			if r.Reason == "" && !bytes.HasPrefix(r.Raw, []byte("{")) {
				t.Errorf("%s: an event is %.60q", path, r.Raw)
			}
		}
		name, err := filepath.Rel(zoo, path)
		got[filepath.ToSlash(name)] = sum
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(expected, got); d != "" {
		t.Errorf("what came out (-want +got):\n%s", d)
	}
}

// expected was counted by another program, but for the two files that are no JSON:
// bad_cloudtrail.json is cut off, samples-large.json has braces too many behind its
// second record. Times are "..." in what is rejected of streamalert.
var expected = map[string]tally{
	"bad1_01.json":                                                        {Events: 1},
	"bad_cloudtrail.json":                                                 {Rejects: 1},
	"by-event-version/1_0.json":                                           {Events: 1},
	"by-event-version/1_01.json":                                          {Events: 1},
	"by-event-version/1_02.json":                                          {Events: 1},
	"by-event-version/1_03.json":                                          {Events: 1},
	"by-event-version/1_04.json":                                          {Events: 1},
	"by-event-version/1_05.json":                                          {Events: 1},
	"by-event-version/1_06.json":                                          {Events: 1},
	"by-event-version/1_07.json":                                          {Events: 1},
	"by-event-version/1_08.json":                                          {Events: 2},
	"by-event-version/1_09.json":                                          {Events: 1},
	"by-event-version/1_10.json":                                          {Events: 1},
	"by-event-version/1_11.json":                                          {Events: 2},
	"by-event-version/discard_kms_crypto.json":                            {Events: 4},
	"by-event-version/federated.json":                                     {Events: 1},
	"by-event-version/idc.json":                                           {Events: 1},
	"cloudtrail_pretty_bare_record.json":                                  {Events: 1},
	"cloudtrail_singleline.json":                                          {Events: 1},
	"cribl_capture.json":                                                  {Events: 44},
	"eventbridge-fivexl-test_events.json":                                 {Events: 9},
	"otel/cloudtrail_digest_empty.json":                                   {Digest: true},
	"otel/cloudtrail_digest_malformed_times.json":                         {Digest: true},
	"otel/cloudwatch_logs_subscription_envelope.json":                     {Events: 1},
	"otel/insight_identitycenter_rotatekey.json":                          {Events: 3},
	"samples-large.json":                                                  {Events: 2, Rejects: 1},
	"streamalert/cloudtrail_aws_config.json":                              {Rejects: 3},
	"streamalert/cloudtrail_critical_api_calls.json":                      {Events: 15},
	"streamalert/cloudtrail_ec2_image_creation.json":                      {Events: 2},
	"streamalert/cloudtrail_mfa_policy_abuse_attempt.json":                {Events: 4},
	"streamalert/cloudtrail_network_acl_ingress_anywhere.json":            {Rejects: 2},
	"streamalert/cloudtrail_public_resources.json":                        {Events: 12},
	"streamalert/cloudtrail_put_bucket_acl.json":                          {Rejects: 2},
	"streamalert/cloudtrail_put_object_acl_public.json":                   {Rejects: 4},
	"streamalert/cloudtrail_put_object_acl_public_publisher_example.json": {Events: 1},
	"streamalert/cloudtrail_root_account_usage.json":                      {Rejects: 2},
	"streamalert/cloudtrail_security_group_ingress_anywhere.json":         {Events: 2},
	"streamalert/cloudtrail_snapshot_or_ami_made_public.json":             {Events: 5},
}
