package bench_test

import (
	"encoding/json"
	"testing"
	"time"

	"tarn/internal/eventgen"
)

// BenchmarkLookupEvents asks for a page of 50 of the last 90 days, by each attribute: with
// a value that is frequent (that of the newest event), and with one that is rare.
func BenchmarkLookupEvents(b *testing.B) {
	f := newFaceOf(b, eventgen.Options{Events: events(b), Start: time.Now().AddDate(0, 0, -89), Days: 89})
	c := f.client(b)
	var newest struct {
		Events []struct {
			EventId, EventName, EventSource, Username, AccessKeyId string
			Resources                                              []struct{ ResourceType, ResourceName string }
		}
	}
	check(b, c.call(b.Context(), "/", "LookupEvents", "{}", &newest))
	values := map[string]string{"ReadOnly": "false"}
	for _, e := range newest.Events {
		for key, value := range map[string]string{"EventId": e.EventId, "EventName": e.EventName, "EventSource": e.EventSource, "Username": e.Username, "AccessKeyId": e.AccessKeyId} {
			if value != "" {
				values[key] = value
			}
		}
		for _, r := range e.Resources {
			values["ResourceType"], values["ResourceName"] = r.ResourceType, r.ResourceName
		}
	}
	ask := func(name, key, value string) {
		in := map[string]any{}
		if key != "" {
			in["LookupAttributes"] = []map[string]string{{"AttributeKey": key, "AttributeValue": value}}
		}
		text, err := json.Marshal(in)
		check(b, err)
		b.Run(name, func(b *testing.B) {
			var page struct{ Events []struct{ EventId string } }
			for b.Loop() {
				check(b, c.call(b.Context(), "/", "LookupEvents", string(text), &page))
			}
			b.ReportMetric(float64(len(page.Events)), "events")
		})
	}
	ask("all", "", "")
	for _, key := range []string{"EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId"} {
		if values[key] != "" {
			ask(key+"/frequent", key, values[key])
		}
	}
	ask("EventName/rare", "EventName", "StopLogging")
	ask("AccessKeyId/rare", "AccessKeyId", f.story.AccessKeyID)
	ask("Username/rare", "Username", f.story.ServiceUser)
	ask("ResourceName/rare", "ResourceName", "arn:aws:s3:::"+f.story.Bucket)
	ask("EventId/absent", "EventId", "00000000-0000-4000-8000-000000000000")
}
