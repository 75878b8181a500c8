// Package runner asks the controls of a pack of an event data store, and makes a report of
// what came of it.
//
//	run.go        Run: the report as a whole
//	ask.go        one control: its statement, its answer, its verdict
//	looks.go      what the program looks at itself: the log, the files, the imports
//	coverage.go   in which hours there were events, and where they are missing
//	evidence.go   the events that findings name, as they are, with their proofs
//
// A report is about a moment: the events that the log of record names or counts at one
// size of it (lake.Snapshot.At). So whoever has the lake may ask the same again later,
// and gets the same answer.
package runner
