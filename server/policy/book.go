package policy

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"tarn/lake/statedb"
)

const kept statedb.Kind = "policy"

// Book has the policies of a lake's resources, in memory and in state.db. It is safe for
// concurrent use; a nil one has none.
type Book struct {
	db  *statedb.DB
	mu  sync.RWMutex
	all map[string]policy // by ARN
}

type policy struct {
	text string
	Document
}

// Open reads the policies that db has.
func Open(db *statedb.DB) (*Book, error) {
	b := &Book{db: db, all: map[string]policy{}}
	found, err := statedb.AllKept[string](db, kept)
	for _, one := range found {
		d, err := Parse(one.Doc, one.ID)
		if err != nil {
			return nil, fmt.Errorf("the resource policy of %s: %w", one.ID, err)
		}
		b.all[one.ID] = policy{one.Doc, d}
	}
	return b, err
}

// Put gives the resource of that ARN a policy, in the place of the one that it had. d is
// what Parse made of text.
func (b *Book) Put(arn, text string, d Document) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := statedb.Keep(b.db, kept, statedb.Kept[string]{ID: arn, Created: time.Now(), Doc: text})
	if err == nil {
		b.all[arn] = policy{text, d}
	}
	return err
}

// Get returns the policy of a resource as it was put, and whether there is one.
func (b *Book) Get(arn string) (text string, ok bool) {
	if b == nil {
		return "", false
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	p, ok := b.all[arn]
	return p.text, ok
}

// Remove takes the policy of a resource away, and says whether there was one.
func (b *Book) Remove(arn string) (was bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.all[arn]; !ok {
		return false, nil
	}
	if err := b.db.Forget(kept, arn); err != nil {
		return true, err
	}
	delete(b.all, arn)
	return true, nil
}

// Says is what the policy of a resource says of all of the actions together: Denied if it
// denies one, Allowed if it allows each.
func (b *Book) Says(who Caller, arn string, actions ...string) Decision {
	if b == nil {
		return Silent
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	p, ok := b.all[arn]
	if !ok {
		return Silent
	}
	return p.says(who, actions)
}

// GivesPut reports whether the policy of some channel allows somebody to put audit
// events, whatever they call themselves.
func (b *Book) GivesPut(who Caller) bool {
	if b == nil {
		return false
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, p := range b.all {
		for _, s := range p.statements {
			if s.external != nil {
				who.External = s.external[0]
			}
			if s.allow && slices.Contains(s.actions, PutAuditEvents) && s.about(who) {
				return true
			}
		}
	}
	return false
}

// Gives reports whether the policy of some resource allows the actions.
func (b *Book) Gives(who Caller, actions ...string) bool { return b.any(who, Allowed, actions) }

// Denies reports whether that of some resource denies one of them.
func (b *Book) Denies(who Caller, actions ...string) bool { return b.any(who, Denied, actions) }

func (b *Book) any(who Caller, want Decision, actions []string) bool {
	if b == nil {
		return false
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, p := range b.all {
		if p.says(who, actions) == want {
			return true
		}
	}
	return false
}
