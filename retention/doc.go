// Package retention will age the lake: plan, show and apply the expiry of
// segments whose retention period is over, and the holds that stop it. Nothing
// expires before it is built; docs/plan.md says when.
package retention
