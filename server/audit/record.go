package audit

import (
	"encoding/json"
	"slices"
	"time"

	"tarn/internal/uuid"
	"tarn/lake"
)

// record is an event as CloudTrail writes one, of the newest version of its format.
type record struct {
	EventVersion        string         `json:"eventVersion"`
	UserIdentity        Identity       `json:"userIdentity"`
	EventTime           string         `json:"eventTime"`
	EventSource         string         `json:"eventSource"`
	EventName           string         `json:"eventName"`
	AWSRegion           string         `json:"awsRegion"`
	SourceIPAddress     string         `json:"sourceIPAddress"`
	UserAgent           string         `json:"userAgent,omitempty"`
	ErrorCode           string         `json:"errorCode,omitempty"`
	ErrorMessage        string         `json:"errorMessage,omitempty"`
	RequestParameters   map[string]any `json:"requestParameters"`
	ResponseElements    map[string]any `json:"responseElements"`
	AdditionalEventData map[string]any `json:"additionalEventData,omitempty"`
	RequestID           string         `json:"requestID,omitempty"`
	EventID             string         `json:"eventID"`
	ReadOnly            bool           `json:"readOnly"`
	Resources           []resource     `json:"resources,omitempty"`
	EventType           string         `json:"eventType"`
	ManagementEvent     bool           `json:"managementEvent"`
	RecipientAccountID  string         `json:"recipientAccountId"`
	Annotation          string         `json:"annotation,omitempty"`
	EventCategory       string         `json:"eventCategory"`
	TLSDetails          *TLS           `json:"tlsDetails,omitempty"`
}

type resource struct {
	AccountID string `json:"accountId"`
	Type      string `json:"type"`
	ARN       string `json:"ARN"`
}

const (
	eventVersion = "1.11"
	region       = "us-east-1" // that of the lake's ARNs
	storeType    = "AWS::CloudTrail::EventDataStore"
	mostStores   = 20
)

// record makes the record of an act that is done at that time.
func (r *Recorder) record(a Act, at time.Time) record {
	rec := record{
		EventVersion: eventVersion, UserIdentity: a.Who, EventTime: at.Format(time.RFC3339), EventSource: source, EventName: a.Name,
		AWSRegion: region, SourceIPAddress: clip(a.Source, shortBytes), UserAgent: clip(a.Agent, shortBytes),
		ErrorCode: a.Code, ErrorMessage: clip(a.Message, shortBytes), RequestID: a.ID, EventID: uuid.New(), ReadOnly: !a.Changes,
		EventType: "AwsApiCall", ManagementEvent: !a.Data, RecipientAccountID: account, EventCategory: "Management", TLSDetails: a.TLS,
		AdditionalEventData: a.More,
	}
	if a.Who.Type == Server().Type {
		rec.EventType = "AwsServiceEvent"
	}
	if a.Data {
		rec.EventCategory = "Data"
	}
	var cut, also bool
	rec.RequestParameters, cut = object(a.Request)
	if a.Changes && a.Code == "" {
		rec.ResponseElements, also = object(a.Response)
	}
	if cut || also {
		rec.Annotation = "more was asked or answered than a record holds"
	}
	rec.Resources = r.resources(a, rec)
	return rec
}

// resources are the stores that an act was about, as far as there are such.
func (r *Recorder) resources(a Act, rec record) (all []resource) {
	refs := slices.Clone(a.Stores)
	for _, said := range []map[string]any{rec.RequestParameters, rec.ResponseElements} {
		for _, name := range []string{"eventDataStore", "eventDataStoreArn", "resourceArn", "resourceId", "destinations"} {
			refs = append(refs, texts(said[name])...)
		}
	}
	seen := map[string]bool{}
	for _, ref := range refs {
		st, err := r.lake.Store(ref)
		if err != nil || seen[st.ID] || len(all) == mostStores {
			continue
		}
		seen[st.ID] = true
		all = append(all, resource{account, storeType, st.ARN()})
	}
	return all
}

// texts are a text, those of a list, or where a list's members say they are.
func texts(v any) (all []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			all = append(all, texts(one)...)
		}
	case map[string]any:
		return texts(v["location"])
	}
	return all
}

// event is the record as the lake takes it.
func event(rec record, at time.Time) (lake.Event, error) {
	raw, err := json.Marshal(rec)
	if err != nil {
		return lake.Event{}, err
	}
	return lake.Event{ID: rec.EventID, Time: at.UnixMicro(), Raw: raw, Leaf: lake.Leaf(raw)}, nil
}
