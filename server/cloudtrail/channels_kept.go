package cloudtrail

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"tarn/lake/statedb"
)

// writeStatus is how often it is written down how the channels' events went.
const writeStatus = 5 * time.Second

// Channels are a lake's channels, in memory and in state.db. How their events went is
// written down later than it is known. They are safe for concurrent use.
type Channels struct {
	db      *statedb.DB
	mu      sync.Mutex
	all     map[string]statedb.Channel // by id
	changed map[string]bool            // ids of those of which state.db has an older state
}

// OpenChannels reads the channels that db has.
func OpenChannels(db *statedb.DB) (*Channels, error) {
	all, err := db.Channels()
	c := &Channels{db: db, all: map[string]statedb.Channel{}, changed: map[string]bool{}}
	for _, one := range all {
		c.all[one.ID] = one
	}
	return c, err
}

// Run writes down how the events went, again and again until ctx is done, and then
// once more. An error is tried again; the last one is returned.
func (c *Channels) Run(ctx context.Context) error {
	clock := time.NewTicker(writeStatus)
	defer clock.Stop()
	for {
		select {
		case <-ctx.Done():
			return c.Write()
		case <-clock.C:
			_ = c.Write() // it is no evidence, and is tried again
		}
	}
}

// Write writes down what is not in state.db yet.
func (c *Channels) Write() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []statedb.Channel
	for id := range c.changed {
		all = append(all, c.all[id])
	}
	if all == nil {
		return nil
	}
	err := c.db.PutChannels(all...)
	if err == nil {
		clear(c.changed)
	}
	return err
}

// get returns a channel; its destinations are not to be changed.
func (c *Channels) get(id string) (statedb.Channel, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one, ok := c.all[id]
	return one, ok
}

// list returns all channels in order of their ids.
func (c *Channels) list() []statedb.Channel {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sorted()
}

func (c *Channels) sorted() []statedb.Channel {
	var all []statedb.Channel
	for _, one := range c.all {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b statedb.Channel) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// change calls fn with all channels while nobody else changes any, and keeps the
// channel that it returns.
func (c *Channels) change(fn func([]statedb.Channel) (statedb.Channel, error)) (statedb.Channel, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one, err := fn(c.sorted())
	if err == nil {
		err = c.db.PutChannels(one)
	}
	if err == nil {
		c.all[one.ID] = one
		delete(c.changed, one.ID)
	}
	return one, err
}

// remove forgets a channel.
func (c *Channels) remove(id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.db.RemoveChannel(id); err != nil {
		return err
	}
	delete(c.all, id)
	delete(c.changed, id)
	return nil
}

// unless calls fn, during which no channel changes, unless one leads into the store.
func (c *Channels) unless(store string, leads error, fn func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.all {
		if slices.Contains(one.Destinations, store) {
			return leads
		}
	}
	return fn()
}

// note notes how it went with events of a channel.
func (c *Channels) note(id string, fn func(*statedb.Ingestion)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one, ok := c.all[id]; ok {
		fn(&one.Ingestion)
		c.all[id] = one
		c.changed[id] = true
	}
}
