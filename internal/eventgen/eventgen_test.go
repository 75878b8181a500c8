package eventgen

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// shapes are buckets of all sorts; what holds must hold for each of them.
var shapes = map[string]Options{
	"a month":           {Events: 3000},
	"a day":             {Days: 1, Events: 800, EventsPerObject: 12},
	"one lane":          {Accounts: 1, Regions: 1, Events: 700, Seed: 7},
	"many lanes":        {Accounts: 9, Regions: 16, Events: 2000, EventsPerObject: 20},
	"two trails":        {Events: 2500, EventsPerObject: 40, DuplicatePercent: 20},
	"everything twice":  {Events: 900, EventsPerObject: 30, DuplicatePercent: 100},
	"no story":          {Events: 1500, NoStory: true},
	"single records":    {Events: 300, EventsPerObject: 1},
	"hardly any":        {Events: 2},
	"out of all bounds": {Days: -3, Events: 1200, Accounts: -1, Regions: 99, EventsPerObject: -5, DuplicatePercent: 300},
	"another start":     {Start: time.Date(2024, 2, 27, 15, 4, 5, 0, time.FixedZone("", 7200)), Days: 4, Events: 600},
}

func eachShape(t *testing.T, test func(*testing.T, Options)) {
	for name, o := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, o)
		})
	}
}

// sum hashes all keys and bodies of a bucket.
func sum(o Options) string {
	h := sha256.New()
	for object := range New(o).Objects() {
		fmt.Fprintln(h, object.Key, object.Records)
		h.Write(object.Body)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestSameSeedSameBytes(t *testing.T) {
	o := Options{Events: 3000, DuplicatePercent: 10, Seed: 3}
	first := sum(o)
	if again := sum(o); again != first {
		t.Errorf("the same options gave two buckets: %s and %s", first, again)
	}
	o.Seed = 4
	if other := sum(o); other == first {
		t.Errorf("seeds 3 and 4 gave the same bucket")
	}
	g := New(o)
	for range g.Objects() {
		break // a walk that ends early leaves no trace in the next one
	}
	n := 0
	for object := range g.Objects() {
		n += object.Records
	}
	if want := 3000 + 300 + g.Story().Events; n < want-6 || n > want {
		t.Errorf("second walk over a generator: %d records, want about %d", n, want)
	}
}

// event is what tests look at in a record.
type event struct {
	EventID, EventTime, EventSource, EventName, AwsRegion string
	SourceIPAddress, ErrorCode, ErrorMessage              string
	RecipientAccountID                                    string
	ManagementEvent, ReadOnly                             bool
	UserIdentity                                          struct{ Type, Arn, AccountID, AccessKeyID, UserName string }
	RequestParameters, ResponseElements                   json.RawMessage
	AdditionalEventData                                   map[string]any
}

func (e *event) time(t *testing.T) time.Time {
	at, err := time.Parse("2006-01-02T15:04:05Z", e.EventTime)
	if err != nil {
		t.Errorf("eventTime: %v", err)
	}
	return at
}

// records takes an object apart.
func records(t *testing.T, body []byte) []json.RawMessage {
	t.Helper()
	var o struct{ Records []json.RawMessage }
	if err := json.Unmarshal(body, &o); err != nil {
		t.Fatalf("body is no JSON: %v", err)
	}
	if bytes.ContainsRune(body, '\n') || !bytes.HasPrefix(body, []byte(`{"Records":[{"eventVersion":"1.`)) || !bytes.HasSuffix(body, []byte(`}]}`)) {
		t.Errorf("body is not one line {\"Records\":[…]}")
	}
	return o.Records
}

func parse(t *testing.T, raw []byte) *event {
	t.Helper()
	e := new(event)
	if err := json.Unmarshal(raw, e); err != nil {
		t.Fatalf("record: %v\n%s", err, raw)
	}
	return e
}

// fieldOrder is the order in which CloudTrail writes a record's fields.
// A * marks those that are always there.
var fieldOrder = strings.Fields(`eventVersion* userIdentity* eventTime* eventSource* eventName* awsRegion*
	sourceIPAddress* userAgent* errorCode errorMessage requestParameters* responseElements* additionalEventData
	requestID eventID* readOnly* resources eventType* apiVersion managementEvent* recipientAccountId* sharedEventID
	vpcEndpointId vpcEndpointAccountId serviceEventDetails eventCategory* tlsDetails sessionCredentialFromConsole`)

// misplaced says what is wrong with a record's fields, or nothing.
func misplaced(raw []byte) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.Token()
	i := 0
	for d.More() {
		key, _ := d.Token()
		for i < len(fieldOrder) && strings.TrimSuffix(fieldOrder[i], "*") != key {
			if strings.HasSuffix(fieldOrder[i], "*") {
				return fmt.Sprintf("%v where %s belongs", key, fieldOrder[i])
			}
			i++
		}
		if i == len(fieldOrder) {
			return fmt.Sprintf("%v is unknown or out of order", key)
		}
		i++
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err.Error()
		}
	}
	if _, err := d.Token(); err != nil {
		return err.Error()
	}
	return ""
}

func TestRecordsAreLikeCloudTrails(t *testing.T) {
	eachShape(t, func(t *testing.T, o Options) {
		for object := range New(o).Objects() {
			account, region := strings.Split(object.Key, "/")[1], strings.Split(object.Key, "/")[3]
			// The only angle brackets CloudTrail itself writes are these.
			body := bytes.ReplaceAll(object.Body, []byte("<sensitiveDataRemoved>"), nil)
			for _, hole := range []string{"<", "$victim", "$key"} {
				if i := bytes.Index(body, []byte(hole)); i >= 0 {
					t.Fatalf("not filled in: %s", body[i:min(i+80, len(body))])
				}
			}
			rs := records(t, object.Body)
			if len(rs) != object.Records || len(rs) == 0 {
				t.Errorf("%s: %d records, Object says %d", object.Key, len(rs), object.Records)
			}
			for _, raw := range rs {
				if wrong := misplaced(raw); wrong != "" {
					t.Fatalf("%s\n%s", wrong, raw)
				}
				e := parse(t, raw)
				if e.ErrorCode != "" && e.ErrorMessage == "" {
					t.Errorf("%s without a message", e.ErrorCode)
				}
				if e.RecipientAccountID != account || e.AwsRegion != region {
					t.Errorf("record of %s in %s is in %s", e.RecipientAccountID, e.AwsRegion, object.Key)
				}
			}
		}
	})
}

func TestNothingIsReal(t *testing.T) {
	keyID := regexp.MustCompile(`\b(AKIA|ASIA|AROA|AIDA|AIPA|ANPA)[A-Z0-9]{10,}`)
	documentation := []netip.Prefix{
		netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"),
		netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("10.0.0.0/8"),
	}
	for object := range New(Options{Events: 6000}).Objects() {
		for _, id := range keyID.FindAll(object.Body, -1) {
			if !bytes.Contains(id, []byte("EXAMPLE")) {
				t.Errorf("%s could be somebody's", id)
			}
		}
		for _, raw := range records(t, object.Body) {
			from := parse(t, raw).SourceIPAddress
			if strings.HasSuffix(from, ".amazonaws.com") {
				continue
			}
			ip, err := netip.ParseAddr(from)
			if err != nil || !slices.ContainsFunc(documentation, func(p netip.Prefix) bool { return p.Contains(ip) }) {
				t.Errorf("sourceIPAddress %q could be somebody's (%v)", from, err)
			}
		}
	}
}

func TestCountsAddUp(t *testing.T) {
	eachShape(t, func(t *testing.T, o Options) {
		g := New(o)
		set := g.options // with defaults
		times := map[string]int{}
		total := 0
		for object := range g.Objects() {
			for _, raw := range records(t, object.Body) {
				times[parse(t, raw).EventID]++
				total++
			}
		}
		if want := set.Events + g.Story().Events; len(times) != want {
			t.Errorf("%d distinct events, want %d in the background and %d in the story", len(times), set.Events, g.Story().Events)
		}
		// Each lane rounds its share down.
		copies, want := total-len(times), set.Events*set.DuplicatePercent/100
		if copies > want || copies < want-len(g.lanes) {
			t.Errorf("%d records delivered twice, want about %d", copies, want)
		}
		for id, n := range times {
			if n > 2 {
				t.Errorf("%s is delivered %d times", id, n)
			}
		}
	})
}

func TestCopiesAreTheSameElsewhere(t *testing.T) {
	first, where := map[string]string{}, map[string]string{}
	for object := range New(Options{Events: 3000, EventsPerObject: 50, DuplicatePercent: 30}).Objects() {
		for _, raw := range records(t, object.Body) {
			id := parse(t, raw).EventID
			if seen, again := first[id]; again && (seen != string(raw) || where[id] == object.Key) {
				t.Fatalf("%s in %s and %s:\n%s\n%s", id, where[id], object.Key, seen, raw)
			}
			first[id], where[id] = string(raw), object.Key
		}
	}
}
