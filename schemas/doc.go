// Package schemas says what an event is: for each family of events the columns
// that queries see, with the names and types that CloudTrail Lake publishes,
// and for each column the place in the raw event that feeds it.
//
// The tables here are the contract of three readers. Segments are written from
// them (field ids are on disk for ever: see [Field.ID]), queries resolve names
// against them, and docs/schemas.md is generated from them. Package
// schemas/columns turns raw events into Arrow columns by these tables.
//
// The package does no I/O. Column names are compared without case; they are
// spelled in lower case as published. Everything but the event's time can be
// NULL: real records miss any member.
package schemas
