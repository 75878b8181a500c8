package cloudtrail

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"tarn/ingest"
	"tarn/ingest/activity"
	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/server/access"
	"tarn/server/fault"
)

// AuditResult is the output of PutAuditEvents: what became of each event.
type AuditResult struct {
	// Successful are those that are durable, in the channel's destinations.
	Successful []AuditSuccess `json:"successful"`
	// Failed are those that were not taken.
	Failed []AuditFailure `json:"failed"`
}

// AuditSuccess is an event that was taken: its sender's id of it, and its eventID.
type AuditSuccess struct {
	ID      string `json:"id"`
	EventID string `json:"eventID"`
}

// AuditFailure is an event that was not taken, and why.
type AuditFailure struct {
	ID           string `json:"id"`
	ErrorCode    string `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`
}

// longestReason is how many bytes AWS's clients take of an ErrorMessage.
const longestReason = 1024

var externalID = regexp.MustCompile(`^[\w+=,.@:/-]+$`)

// PutAuditEvents puts the events of a body into the destinations of a channel. Its
// names of errors are AWS's for this operation, which are none of CloudTrail's.
func (a *API) PutAuditEvents(ctx context.Context, who access.Principal, channel, external string, body []byte) (*AuditResult, error) {
	who = who.Doing("PutAuditEvents")
	if err := who.MayAtAll(access.Ingest); err != nil {
		return nil, err
	}
	if external != "" && (len(external) < 2 || len(external) > 1224 || !externalID.MatchString(external)) {
		return nil, fault.New("ValidationException", "externalId is not 2 to 1224 letters, digits and _+=,.@:/-")
	}
	id, ok := channelID(channel)
	if !ok {
		return nil, fault.New("InvalidChannelARN", "%q is not the ARN of a channel, nor its id", channel)
	}
	c, ok := a.Channels.get(id)
	if !ok || !who.MayPut(channelARN+id, c.Destinations, external) {
		return nil, fault.New("ChannelNotFound", "there is no channel %s", channel)
	}
	stores, err := a.open(c)
	if err != nil {
		return nil, err
	}
	entries, err := activity.AuditEvents(body, activity.Origin{Region: channelRegion, Channel: channelARN + id})
	if whole := new(activity.Fault); errors.As(err, &whole) {
		return nil, fault.New(whole.Code, "%s", whole.Message)
	}
	if err != nil {
		return nil, err
	}
	for _, st := range stores {
		if err := ingest.Audit(ctx, a.Lake, st, entries); err != nil {
			return nil, fmt.Errorf("put audit events: %w", err)
		}
	}
	a.Channels.note(id, func(i *statedb.Ingestion) { went(i, entries, time.Now().UTC()) })
	return resultOf(entries), nil
}

// open are the stores that a channel leads into, all of which take events.
func (a *API) open(c statedb.Channel) (all []lake.Store, err error) {
	for _, id := range c.Destinations {
		st, err := a.Lake.Store(id)
		if err == nil {
			err = st.Usable()
		}
		if errors.Is(err, lake.ErrStoreNotFound) || errors.Is(err, lake.ErrStoreInactive) {
			return nil, fault.New(activity.UnsupportedRequest, "the channel leads into an event data store that was deleted").
				With("restore the store, or give the channel another destination")
		}
		if err != nil {
			return nil, err
		}
		all = append(all, st)
	}
	return all, nil
}

// went notes how it went with events.
func went(i *statedb.Ingestion, entries []activity.Entry, now time.Time) {
	i.AttemptTime, i.AttemptEvent = now, ""
	for _, e := range entries {
		if e.Fault != nil {
			i.ErrorCode = e.Fault.Code
			continue
		}
		i.SuccessTime, i.SuccessEvent, i.AttemptEvent = now, e.Event.ID, e.Event.ID
	}
}

func resultOf(entries []activity.Entry) *AuditResult {
	out := &AuditResult{Successful: []AuditSuccess{}, Failed: []AuditFailure{}}
	for _, e := range entries {
		if e.Fault == nil {
			out.Successful = append(out.Successful, AuditSuccess{e.ID, e.Event.ID})
			continue
		}
		out.Failed = append(out.Failed, AuditFailure{e.ID, e.Fault.Code, fmt.Sprintf("%.*s", longestReason, e.Fault.Message)})
	}
	return out
}
