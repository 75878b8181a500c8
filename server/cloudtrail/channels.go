package cloudtrail

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/schemas"
	"tarn/server/access"
	"tarn/server/fault"
)

var channelOperations = []operation{
	op("CreateChannel", access.Manage, (*API).createChannel),
	op("DeleteChannel", access.Manage, (*API).deleteChannel),
	op("GetChannel", access.Query, (*API).getChannel),
	op("ListChannels", access.Query, (*API).listChannels),
	op("UpdateChannel", access.Manage, (*API).updateChannel),
}

const (
	// channelARN begins the ARNs of channels.
	channelARN = "arn:aws:cloudtrail:" + channelRegion + ":000000000000:channel/"
	// channelRegion is the region of channels, and of the events that come through.
	channelRegion = "us-east-1"
	// maxChannels is how many somebody may have.
	maxChannels = 100
	// custom is the source of which there may be more than one channel.
	custom = "Custom"
	// intoStore is the one type of destinations that there is.
	intoStore = "EVENT_DATA_STORE"
)

type destination struct {
	Type     string `aws:"required"`
	Location string `aws:"required,min=3,max=1024,is=ref"`
}

type channelInput struct {
	Channel string `aws:"required,min=3,max=256,is=ref"`
}

type channelSummary struct{ ChannelArn, Name string }

type channelDetail struct {
	channelSummary
	Source       string
	Destinations []destination
}

func detailOfChannel(c statedb.Channel) channelDetail {
	d := channelDetail{channelSummary: summaryOfChannel(c), Source: c.Source}
	for _, id := range c.Destinations {
		d.Destinations = append(d.Destinations, destination{intoStore, lake.Store{ID: id}.ARN()})
	}
	return d
}

func summaryOfChannel(c statedb.Channel) channelSummary {
	return channelSummary{channelARN + c.ID, c.Name}
}

// sees reports whether a channel is there for somebody who does that: if all of its
// destinations are.
func sees(who access.Principal, act access.Act, c statedb.Channel) bool {
	return !slices.ContainsFunc(c.Destinations, func(store string) bool { return !who.May(act, store) })
}

// channelID is the id in what a caller calls a channel: its ARN, or its id alone.
func channelID(ref string) (id string, ok bool) {
	if rest, is := strings.CutPrefix(ref, "arn:"); is {
		if id, ok = cutLast(rest, ":channel/"); !ok || strings.Count(rest, ":") != 4 {
			return "", false
		}
		ref = id
	}
	ref = strings.ToLower(ref)
	return ref, uuid.Valid(ref)
}

func cutLast(text, sep string) (after string, ok bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return "", false
	}
	return text[i+len(sep):], true
}

// channel is the channel that a caller means.
func (a *API) channel(who access.Principal, act access.Act, ref string) (statedb.Channel, error) {
	id, ok := channelID(ref)
	if !ok {
		return statedb.Channel{}, fault.New("ChannelARNInvalidException", "%q is not the ARN of a channel, nor its id", ref)
	}
	c, ok := a.Channels.get(id)
	if !ok || !sees(who, act, c) {
		return statedb.Channel{}, fault.New("ChannelNotFoundException", "there is no channel %s", ref)
	}
	return c, nil
}

// withoutChannels calls fn unless a channel leads into the store; meanwhile none comes
// to do so.
func (a *API) withoutChannels(store lake.Store, fn func() error) error {
	leads := fault.New("ChannelExistsForEDSException", "a channel leads into the event data store %s", store.Name).
		With("delete the channel first, or give it another destination")
	return a.Channels.unless(store.ID, leads, fn)
}

type createChannelInput struct {
	Name         string        `aws:"required,min=3,max=128,is=name"`
	Source       string        `aws:"required,min=1,max=256"`
	Destinations []destination `aws:"required,min=1,max=200"`
	Tags         []tag         `aws:"max=200"`
}

type createChannelOutput struct {
	*channelDetail
	Tags []tag `json:",omitempty"`
}

func (a *API) createChannel(_ context.Context, who access.Principal, in *createChannelInput) (*createChannelOutput, error) {
	if _, err := tagsOf(in.Tags); err != nil {
		return nil, err
	}
	if strings.ContainsFunc(in.Source, unicode.IsControl) || strings.TrimSpace(in.Source) == "" {
		return nil, fault.New("InvalidSourceException", "%q is not the name of a source", in.Source).With("Custom, or the name of a partner such as Okta")
	}
	id := uuid.New()
	made, err := a.changeChannel(who, func(seen []statedb.Channel) (c statedb.Channel, err error) {
		if len(seen) >= maxChannels {
			return c, fault.New("ChannelMaxLimitExceededException", "there are %d channels; that is how many there may be", len(seen))
		}
		i := slices.IndexFunc(seen, func(c statedb.Channel) bool { return c.Source == in.Source })
		if in.Source != custom && i >= 0 {
			return c, fault.New("ChannelAlreadyExistsException", "the source %s has a channel already: %s", in.Source, seen[i].Name).
				With("give that one the destinations, or make this one's source Custom")
		}
		c = statedb.Channel{ID: id, Created: time.Now().UTC(), ChannelDetails: statedb.ChannelDetails{Source: in.Source}}
		return a.filled(who, c, seen, in.Name, in.Destinations)
	})
	if err == nil {
		err = a.tag(id, in.Tags)
	}
	return &createChannelOutput{made, in.Tags}, err
}

// changeChannel keeps the channel that fn makes, which it gives those that the caller
// sees.
func (a *API) changeChannel(who access.Principal, fn func(seen []statedb.Channel) (statedb.Channel, error)) (*channelDetail, error) {
	c, err := a.Channels.change(func(all []statedb.Channel) (statedb.Channel, error) {
		return fn(slices.DeleteFunc(all, func(c statedb.Channel) bool { return !sees(who, access.Manage, c) }))
	})
	if err != nil {
		return nil, err
	}
	d := detailOfChannel(c)
	return &d, nil
}

// filled is a channel with a name and destinations, where there are such.
func (a *API) filled(who access.Principal, c statedb.Channel, seen []statedb.Channel, name string, to []destination) (statedb.Channel, error) {
	if name != "" {
		taken := func(other statedb.Channel) bool { return other.ID != c.ID && other.Name == name }
		if slices.ContainsFunc(seen, taken) {
			return c, fault.New("ChannelAlreadyExistsException", "there is a channel %s already", name)
		}
		c.Name = name
	}
	if to == nil {
		return c, nil
	}
	ids, err := a.destinations(who, to)
	c.Destinations = ids
	return c, err
}

// destinations are the ids of the stores that events are to go into.
func (a *API) destinations(who access.Principal, to []destination) (ids []string, err error) {
	for _, d := range to {
		if d.Type != intoStore {
			return nil, fault.New(fault.Invalid, "the destination's Type is %q; there is %s", d.Type, intoStore)
		}
		st, err := a.store(who, access.Manage, d.Location)
		if err == nil {
			err = st.Usable()
		}
		if err != nil {
			return nil, err
		}
		if st.Family != schemas.Activity().Name {
			return nil, fault.New("InvalidEventDataStoreCategoryException", "the event data store %s is for %s events, and a channel's are activity events", st.Name, st.Family).
				With("make one with the selector eventCategory Equals ActivityAuditLog, or by: tarn store create NAME --family activity")
		}
		if slices.Contains(ids, st.ID) {
			return nil, fault.New(fault.Invalid, "the event data store %s is a destination twice", st.Name)
		}
		ids = append(ids, st.ID)
	}
	return ids, nil
}

type updateChannelInput struct {
	Channel      string        `aws:"required,min=3,max=256,is=ref"`
	Name         string        `aws:"min=3,max=128,is=name"`
	Destinations []destination `aws:"min=1,max=200"`
}

func (a *API) updateChannel(_ context.Context, who access.Principal, in *updateChannelInput) (*channelDetail, error) {
	was, err := a.channel(who, access.Manage, in.Channel)
	if err != nil {
		return nil, err
	}
	return a.changeChannel(who, func(seen []statedb.Channel) (statedb.Channel, error) {
		i := slices.IndexFunc(seen, func(c statedb.Channel) bool { return c.ID == was.ID })
		if i < 0 { // it was deleted meanwhile
			return was, fault.New("ChannelNotFoundException", "there is no channel %s", in.Channel)
		}
		return a.filled(who, seen[i], seen, in.Name, in.Destinations)
	})
}

func (a *API) deleteChannel(_ context.Context, who access.Principal, in *channelInput) (*none, error) {
	c, err := a.channel(who, access.Manage, in.Channel)
	if err != nil {
		return nil, err
	}
	if err := a.Channels.remove(c.ID); err != nil {
		return nil, err
	}
	if _, err := a.Policies.Remove(channelARN + c.ID); err != nil {
		return nil, err
	}
	return &none{}, a.State.ForgetTags(c.ID)
}

type getChannelOutput struct {
	channelDetail
	IngestionStatus ingestionStatus
}

type ingestionStatus struct {
	LatestIngestionSuccessTime    *Time  `json:",omitempty"`
	LatestIngestionSuccessEventID string `json:",omitempty"`
	LatestIngestionErrorCode      string `json:",omitempty"`
	LatestIngestionAttemptTime    *Time  `json:",omitempty"`
	LatestIngestionAttemptEventID string `json:",omitempty"`
}

func (a *API) getChannel(_ context.Context, who access.Principal, in *channelInput) (*getChannelOutput, error) {
	c, err := a.channel(who, access.Query, in.Channel)
	if err != nil {
		return nil, err
	}
	i := c.Ingestion
	return &getChannelOutput{detailOfChannel(c), ingestionStatus{at(i.SuccessTime), i.SuccessEvent, i.ErrorCode, at(i.AttemptTime), i.AttemptEvent}}, nil
}

type listChannelsInput struct {
	MaxResults int    `aws:"min=1,max=1000"`
	NextToken  string `aws:"min=4,max=1000"`
}

type listChannelsOutput struct {
	Channels  []channelSummary
	NextToken string `json:",omitempty"`
}

func (a *API) listChannels(_ context.Context, who access.Principal, in *listChannelsInput) (*listChannelsOutput, error) {
	all := slices.DeleteFunc(a.Channels.list(), func(c statedb.Channel) bool { return !sees(who, access.Query, c) })
	some, next, err := page(all, func(c statedb.Channel) string { return c.ID }, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &listChannelsOutput{Channels: []channelSummary{}, NextToken: next}
	for _, c := range some {
		out.Channels = append(out.Channels, summaryOfChannel(c))
	}
	return out, nil
}
