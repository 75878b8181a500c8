package cloudtrail

import "encoding/json"

// foundEvent is an event that was looked up.
type foundEvent struct {
	EventId         string          `json:",omitempty"`
	EventName       string          `json:",omitempty"`
	ReadOnly        string          `json:",omitempty"`
	AccessKeyId     string          `json:",omitempty"`
	EventTime       *Time           `json:",omitempty"`
	EventSource     string          `json:",omitempty"`
	Username        string          `json:",omitempty"`
	Resources       []foundResource `json:",omitempty"`
	CloudTrailEvent string

	place place
}

type foundResource struct{ ResourceType, ResourceName string }

// eventOf tells of an event what stands in its record, which it has byte by byte.
func eventOf(at place, raw string) foundEvent {
	var said struct {
		EventID, EventName, EventSource string
		ReadOnly                        any
		UserIdentity                    struct{ UserName, AccessKeyID string }
		Resources                       []struct{ ARN, Type string }
		InsightDetails                  struct{ EventName, EventSource string }
	}
	_ = json.Unmarshal([]byte(raw), &said) // what of a record is odd is left out
	e := foundEvent{EventId: at.id, EventName: said.EventName, EventSource: said.EventSource, EventTime: &Time{at.time}, CloudTrailEvent: raw,
		Username: said.UserIdentity.UserName, AccessKeyId: said.UserIdentity.AccessKeyID, place: at}
	switch read := said.ReadOnly.(type) {
	case bool:
		e.ReadOnly = map[bool]string{true: "true", false: "false"}[read]
	case string:
		e.ReadOnly = read
	}
	if e.EventName == "" {
		e.EventName, e.EventSource = said.InsightDetails.EventName, said.InsightDetails.EventSource
	}
	for _, r := range said.Resources {
		e.Resources = append(e.Resources, foundResource{r.Type, r.ARN})
	}
	return e
}
