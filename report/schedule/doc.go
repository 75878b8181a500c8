// Package schedule makes reports when they are due, each once, and brings them where
// they are wanted.
//
//	cron.go        when something is due: cron expressions by the clock on the wall
//	plan.go        what a schedule says: how it is checked, its periods, what was missed
//	scheduler.go   what is due is recorded, made, delivered, tried again, given up
//
// What is due is recorded before it is made, under a key of schedule and due time:
// whatever ends the process, a period never gets two reports.
package schedule
