package access

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what somebody may do.
type Role string

// The roles.
const (
	// Admin may do everything.
	Admin Role = "admin"
	// Ingester may put events into stores, and learn nothing of what is there.
	Ingester Role = "ingester"
	// Reader may ask questions of stores.
	Reader Role = "reader"
	// Auditor may ask questions, and see the log of record, proofs and verdicts.
	Auditor Role = "auditor"
	// Monitor may see how the server does, and nothing that is in the lake.
	Monitor Role = "monitor"
)

// Roles are all of them.
func Roles() []Role { return []Role{Admin, Ingester, Reader, Auditor, Monitor} }

// ParseRole returns the role of that name.
func ParseRole(name string) (Role, error) {
	if r := Role(name); slices.Contains(Roles(), r) {
		return r, nil
	}
	var names []string
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return "", fmt.Errorf("no role %q; roles are %s", name, strings.Join(names, ", "))
}

// Act is a kind of thing that is done.
type Act string

// The acts.
const (
	Query  Act = "query"  // ask questions of a store, or see its settings
	Ingest Act = "ingest" // put events into a store
	Audit  Act = "audit"  // see the log of record, proofs and verdicts
	Manage Act = "manage" // make, change or delete anything
	// Measure is to see how the server does.
	Measure Act = "measure"
)

// may reports whether the role has the act in it.
func (r Role) may(a Act) bool {
	switch r {
	case Admin:
		return true
	case Auditor:
		return a == Query || a == Audit || a == Measure
	case Reader:
		return a == Query
	case Monitor:
		return a == Measure
	case Ingester:
		return a == Ingest
	}
	return false
}
