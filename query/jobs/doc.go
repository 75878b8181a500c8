// Package jobs runs statements for people who do not wait for them: who asks gets an
// id, and comes back for the results within seven days.
//
//	jobs.go    what runs, and what becomes of it
//	ask.go     a statement is taken, and its way through the states
//	seen.go    who sees which query: lists, and the last of a name
//	rows.go    results on disk, in blocks that can be found by row
//	keep.go    results go after seven days, or when there are too many
//
// What a query is asked of is the lake as it was when it was asked. Whatever was
// answered is on disk before: that a query was taken, and that it has finished, with
// all its rows. What had not ended when its process did has failed.
package jobs
