package follow

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

const (
	fromS3          = `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"logs"},"object":{"key":"a+b%2Fc","size":3}}}]}`
	fromVersity     = `{"Records":[{"eventName":"s3:ObjectCreated:CompleteMultipartUpload","s3":{"bucket":{"name":"logs"},"object":{"key":"a/b.json.gz","versionId":null}}},{"eventName":"s3:ObjectRemoved:Delete","s3":{"bucket":{"name":"logs"},"object":{"key":"gone"}}}]}`
	fromEventBridge = `{"version":"0","detail-type":"Object Created","source":"aws.s3","detail":{"version":"0","bucket":{"name":"logs"},"object":{"key":"a+b","size":5},"reason":"PutObject"}}`
	fromCloudTrail  = `{"s3Bucket":"logs","s3ObjectKey":["AWSLogs/1/a.json.gz","AWSLogs/1/b.json.gz"]}`
)

// bySNS wraps a message as SNS does.
func bySNS(text string) string {
	wrapped, _ := json.Marshal(map[string]string{"Type": "Notification", "MessageId": "x", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": text})
	return string(wrapped)
}

func TestMessagesAreUnderstood(t *testing.T) {
	tests := []struct {
		name, text string
		want       []notice
		others     int
		strange    bool
	}{
		{"S3 has keys as in a URL", fromS3, []notice{{"logs", []string{"a b/c", "a+b%2Fc"}}}, 0, false},
		{"another S3 server, and a removal", fromVersity, []notice{{"logs", []string{"a/b.json.gz"}}}, 1, false},
		{"EventBridge has keys as they are", fromEventBridge, []notice{{"logs", []string{"a+b"}}}, 0, false},
		{"CloudTrail's own", fromCloudTrail, []notice{{"logs", []string{"AWSLogs/1/a.json.gz"}}, {"logs", []string{"AWSLogs/1/b.json.gz"}}}, 0, false},
		{"in SNS", bySNS(fromCloudTrail), []notice{{"logs", []string{"AWSLogs/1/a.json.gz"}}, {"logs", []string{"AWSLogs/1/b.json.gz"}}}, 0, false},
		{"in SNS, twice", bySNS(bySNS(fromEventBridge)), []notice{{"logs", []string{"a+b"}}}, 0, false},
		{"in SNS, too often", bySNS(bySNS(bySNS(fromEventBridge))), nil, 0, true},
		{"S3 tries the queue", `{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"logs"}`, nil, 1, false},
		{"CloudTrail tries the topic", bySNS(validated), nil, 1, false},
		{"another event", `{"detail-type":"Object Deleted","detail":{"bucket":{"name":"logs"},"object":{"key":"a"}}}`, nil, 1, false},
		{"no key", `{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"logs"}}}]}`, nil, 1, false},
		{"a key that is too long", `{"s3Bucket":"logs","s3ObjectKey":["` + strings.Repeat("a", 1025) + `"]}`, nil, 1, false},
		{"text", "hello", nil, 0, true},
		{"another JSON", `{"a":1}`, nil, 0, true},
		{"a list", `[]`, nil, 0, true},
		{"a wrong type", `{"Records":"x"}`, nil, 0, true},
		{"nothing", "", nil, 0, true},
		{"too much", strings.Repeat(" ", noticeBytes+1), nil, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			named, others, err := read([]byte(tt.text))
			if diff := cmp.Diff(tt.want, named); diff != "" || others != tt.others || errors.Is(err, errStrange) != tt.strange {
				t.Errorf("%d others, %v\n%s", others, err, diff)
			}
		})
	}
}

// Whatever comes, what is named could be a key, a message in SNS says the same, and
// nothing is said twice as often as it stands there.
func FuzzRead(f *testing.F) {
	for _, text := range []string{fromS3, fromVersity, fromEventBridge, fromCloudTrail, bySNS(fromS3), validated, `{"Event":"s3:TestEvent"}`, `{"records":[{"eventname":"ObjectCreated:"}]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		named, others, err := read(text)
		if err != nil && (len(named) > 0 || others > 0 || !errors.Is(err, errStrange)) {
			t.Fatalf("%v, %d, %v", named, others, err)
		}
		if len(named)+others > len(text) {
			t.Fatalf("%d named in %d bytes", len(named)+others, len(text))
		}
		for _, n := range named {
			if n.Bucket == "" || len(n.Keys) == 0 || len(n.Keys) > 2 {
				t.Fatalf("%+v", n)
			}
			for _, key := range n.Keys {
				if key == "" || len(key) > keyBytes || !utf8.ValidString(key) {
					t.Fatalf("%q is no key", key)
				}
			}
		}
		if err != nil || !utf8.Valid(text) || len(text) > noticeBytes/2 {
			return
		}
		again, more, err := read([]byte(bySNS(string(text))))
		if diff := cmp.Diff(named, again); err == nil && (diff != "" || more != others) {
			t.Fatalf("in SNS it says something else: %s", diff)
		}
	})
}
