package lake_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

// needle is a value that an event has, and where it stands.
var needles = map[string]string{
	"accesskeyid":     `"userIdentity":{"accessKeyId":%q}`,
	"principalid":     `"userIdentity":{"principalId":%q}`,
	"arn":             `"userIdentity":{"arn":%q}`,
	"username":        `"userIdentity":{"userName":%q}`,
	"sourceipaddress": `"sourceIPAddress":%q`,
	"requestid":       `"requestID":%q`,
	"sharedeventid":   `"sharedEventID":%q`,
	"resourcearn":     `"resources":[{"type":"x"},{"ARN":%q}]`,
	"bucketname":      `"requestParameters":{"a":1,"bucketName":%q}`,
	"eventid":         `"eventID":%q`,

	"eventname":          `"eventName":%q`,
	"eventsource":        `"eventSource":%q`,
	"errorcode":          `"errorCode":%q`,
	"recipientaccountid": `"recipientAccountId":%q`,
	"issuerarn":          `"userIdentity":{"sessionContext":{"sessionIssuer":{"arn":%q}}}`,
	"rolearn":            `"requestParameters":{"roleArn":%q}`,
	"resourcetype":       `"resources":[{"type":%q},{"ARN":"x"}]`,
}

func TestNeedlesFindEveryValue(t *testing.T) {
	p := laketest.NewPlace(t)
	kinds := schemas.CloudTrail().Needles()
	// More than a batch, so that the segment is built from several.
	const n = 3000
	var events []lake.Event
	for i := range n {
		var b strings.Builder
		fmt.Fprintf(&b, `{"eventTime":%q`, noon)
		id := ""
		for j, k := range kinds {
			value := fmt.Sprintf("%s-%d é\"\\", k.Name, i)
			// Each record has an id or not, and one of the others.
			if k.Name == "eventid" && i%2 == 0 {
				id = value
			} else if j == 0 || j != 1+i%(len(kinds)-1) {
				continue
			}
			fmt.Fprintf(&b, ","+needles[k.Name], value)
		}
		b.WriteString("}")
		events = append(events, laketest.RawEvent(t, id, noon, b.String()))
	}
	p.Fill(t, lake.AppendOptions{}, laketest.Object{Key: "k", Events: events})
	p.Read(t, func(s *lake.Snapshot, st lake.Store) {
		seg := s.Segments(st.ID, false)[0]
		mayHold := func(kind, value string) bool {
			may, err := s.MayHold(st.ID, &seg, kind, value)
			if err != nil {
				t.Fatal(err)
			}
			return may
		}
		for j, k := range kinds {
			if needles[k.Name] == "" {
				t.Fatalf("no test for the needle %s", k.Name)
			}
			for i := range 300 {
				there := j == 0 && i%2 == 0 || j > 0 && j == 1+i%(len(kinds)-1)
				if value := fmt.Sprintf("%s-%d é\"\\", k.Name, i); there && !mayHold(k.Name, value) {
					t.Errorf("MayHold(%s, %s) = false; it is there", k.Name, value)
				}
			}
			wrong := 0
			for i := range 1000 {
				if mayHold(k.Name, fmt.Sprint("absent-", i)) {
					wrong++
				}
			}
			if wrong > 30 {
				t.Errorf("%d of 1000 values that are not there may be %ss; want about 4", wrong, k.Name)
			}
		}
		if !mayHold("of-a-later-version", "x") {
			t.Error("a kind that the file does not have may not hold x")
		}
	})
}

func TestDamagedNeedlesAreNotBelieved(t *testing.T) {
	p := laketest.NewPlace(t)
	p.Fill(t, lake.AppendOptions{}, laketest.Object{Key: "k", Events: []lake.Event{laketest.Event(t, "a", noon, "")}})
	for _, f := range p.Files(t) {
		if !strings.HasSuffix(f, ".needles") {
			continue
		}
		whole := contentOf(t, p, f)
		for at := 0; at < len(whole); at += 7 {
			whole[at] ^= 4
			replace(t, p, f, whole)
			whole[at] ^= 4
			p.Read(t, func(s *lake.Snapshot, st lake.Store) {
				wrong := 0
				for _, k := range schemas.CloudTrail().Needles() {
					if _, err := s.MayHold(st.ID, &s.Segments(st.ID, false)[0], k.Name, "a"); errors.Is(err, lake.ErrCorrupt) {
						wrong++
					} else if err != nil {
						t.Errorf("MayHold = %v; want ErrCorrupt or nothing", err)
					}
				}
				if wrong == 0 {
					t.Errorf("byte %d of the needles damaged: no kind complains", at)
				}
			})
		}
		replace(t, p, f, whole[:len(whole)/2])
		p.Read(t, func(s *lake.Snapshot, st lake.Store) {
			if _, err := s.MayHold(st.ID, &s.Segments(st.ID, false)[0], "eventid", "a"); !errors.Is(err, lake.ErrCorrupt) {
				t.Errorf("MayHold of half a file = %v; want ErrCorrupt", err)
			}
		})
	}
}
