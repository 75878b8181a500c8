// Package policy holds resource policies: documents in the language of IAM that stand
// with an event data store, a channel or a dashboard, and say who may do what with it
// besides what their role lets them.
//
// A document is taken only where each word of it means something here: what would have
// no effect is refused when it is put, so nobody believes in a Deny that denies nothing.
// An explicit Deny wins over every Allow and every role; an Allow gives what a role does
// not. Policies are about asking and about putting events in, never about managing: who
// manages can always take a policy away.
package policy
