package access

import (
	"fmt"
	"slices"

	"tarn/lake"
	"tarn/server/policy"
)

// Principal is somebody who has proven who they are.
type Principal struct {
	// ID is the credential's, Name whose it is.
	ID, Name string
	// Role is what they may do; Stores are the ids of the stores with which: none
	// are all.
	Role   Role
	Stores []string

	policies  *policy.Book
	operation string
}

// Under is somebody of whom resource policies say something, too.
func (p Principal) Under(policies *policy.Book) Principal {
	p.policies = policies
	return p
}

// Doing is somebody who does the operation of that name: policies are about operations.
func (p Principal) Doing(operation string) Principal {
	p.operation = operation
	return p
}

// Does reports whether they do the operation of that name.
func (p Principal) Does(operation string) bool { return p.operation == operation }

// May reports whether they may do that with the store of that id: by their role, unless
// the store's policy denies it, or by the policy alone.
func (p Principal) May(a Act, store string) bool {
	role := p.Role.may(a) && (len(p.Stores) == 0 || slices.Contains(p.Stores, store))
	if a != Query || p.policies == nil {
		return role
	}
	switch p.policies.Says(p.caller(""), lake.Store{ID: store}.ARN(), policy.ActionsOf(p.operation)...) {
	case policy.Denied:
		return false
	case policy.Allowed:
		return true
	}
	return role
}

// MayWith is May for a store. What was asked of the lake is for those alone who may see
// its log: others' statements are in it.
func (p Principal) MayWith(a Act, st lake.Store) bool {
	if st.Own() && !p.Role.may(Audit) {
		return false
	}
	return p.May(a, st.ID)
}

// MayPut reports whether they may put audit events into the channel of that ARN, which
// leads into those stores. external is what they call themselves.
func (p Principal) MayPut(channel string, stores []string, external string) bool {
	switch p.policies.Says(p.caller(external), channel, policy.PutAuditEvents) {
	case policy.Denied:
		return false
	case policy.Allowed:
		return true
	}
	return !slices.ContainsFunc(stores, func(store string) bool { return !p.May(Ingest, store) })
}

// MayRefresh reports whether they may have the queries asked of the dashboard of that
// ARN; whether those are answered, the event data stores say.
func (p Principal) MayRefresh(dashboard string, sees bool) bool {
	switch p.policies.Says(p.caller(""), dashboard, policy.StartDashboardRefresh) {
	case policy.Denied:
		return false
	case policy.Allowed:
		return true
	}
	return sees
}

// MayAtAll is nil if they may do that with some store or channel, and a *Refusal that
// says what is missing otherwise.
func (p Principal) MayAtAll(a Act) error {
	switch {
	case p.Role.may(a):
		return nil
	case a == Query && p.policies.Gives(p.caller(""), policy.ActionsOf(p.operation)...):
		return nil
	case a == Ingest && p.operation == "PutAuditEvents" && p.policies.GivesPut(p.caller("")):
		return nil
	}
	return &Refusal{"AccessDeniedException",
		fmt.Sprintf("%s has the role %s, which may not %s", p.ID, p.Role, a)}
}

// SeesAll reports whether there is no store that is not there for them.
func (p Principal) SeesAll() bool {
	return p.Role.may(Query) && len(p.Stores) == 0 && !p.policies.Denies(p.caller(""), policy.ActionsOf(p.operation)...)
}

func (p Principal) caller(external string) policy.Caller {
	return policy.Caller{ID: p.ID, Name: p.Name, Role: string(p.Role), External: external}
}
