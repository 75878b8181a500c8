package policy

import (
	"slices"
	"strings"
)

// Decision is what policies say of what somebody wants.
type Decision int

// The decisions. What a later one says is stronger.
const (
	Silent Decision = iota
	Allowed
	Denied
)

// Caller is somebody who wants something.
type Caller struct {
	// ID is that of the access key or token, Name whose it is, Role what they may do.
	ID, Name, Role string
	// External is what they call themselves when they put audit events.
	External string
}

// Actions are what a policy of the resource of that ARN may be about; none where there
// is no policy of such a resource.
func Actions(arn string) []string {
	switch kindOf(arn) {
	case "eventdatastore":
		return []string{"cloudtrail:StartQuery", "cloudtrail:CancelQuery", "cloudtrail:ListQueries", "cloudtrail:DescribeQuery",
			"cloudtrail:GetQueryResults", "cloudtrail:GenerateQuery", "cloudtrail:GenerateQueryResultsSummary", "cloudtrail:GetEventDataStore"}
	case "channel":
		return []string{PutAuditEvents}
	case "dashboard":
		return []string{StartDashboardRefresh}
	}
	return nil
}

// The actions that are about no event data store.
const (
	PutAuditEvents        = "cloudtrail-data:PutAuditEvents"
	StartDashboardRefresh = "cloudtrail:StartDashboardRefresh"
)

// ActionsOf are what a policy of an event data store has to allow whoever does the
// operation of that name: each of them. Operations that no policy names go with what
// they tell: statements that are answered at once with the two that run one and read its
// results, all others with the store's settings.
func ActionsOf(operation string) []string {
	named := "cloudtrail:" + operation
	switch {
	case slices.Contains(Actions("::::::eventdatastore/"), named):
		return []string{named}
	case slices.Contains([]string{"RunSQL", "LookupEvents", "StartDashboardRefresh"}, operation):
		return []string{"cloudtrail:StartQuery", "cloudtrail:GetQueryResults"}
	}
	return []string{"cloudtrail:GetEventDataStore"}
}

// kindOf is the kind of the resource of an ARN.
func kindOf(arn string) string {
	kind, _, _ := strings.Cut(arn[strings.LastIndexByte(arn, ':')+1:], "/")
	return kind
}

// says is what a document says of all of the actions.
func (d Document) says(who Caller, actions []string) Decision {
	least := Allowed
	for _, action := range actions {
		of := Silent
		for _, s := range d.statements {
			if slices.Contains(s.actions, action) && s.about(who) {
				of = max(of, s.effect())
			}
		}
		if of == Denied {
			return Denied
		}
		least = min(least, of)
	}
	return least
}

func (s statement) effect() Decision {
	if s.allow {
		return Allowed
	}
	return Denied
}

// about reports whether a statement is about somebody.
func (s statement) about(who Caller) bool {
	if s.external != nil && !slices.Contains(s.external, who.External) {
		return false
	}
	return s.everybody || slices.ContainsFunc([]string{who.ID, userARN + who.Name, roleARN + who.Role}, func(name string) bool {
		return slices.Contains(s.principals, name)
	})
}

// Roles are the roles that the document names.
func (d Document) Roles() (all []string) {
	for _, s := range d.statements {
		for _, name := range s.principals {
			if role, ok := strings.CutPrefix(name, roleARN); ok {
				all = append(all, role)
			}
		}
	}
	return all
}
