// Package ingest brings events into a lake.
//
// [Import] takes CloudTrail log files as they lie in a bucket that was copied
// to disk: it lists what is there, walks it by day across accounts and regions,
// takes each file apart (package decode), and appends the records to a store
// (lake.Appender). A tar archive, or what comes through a pipe, is walked from
// front to back, and its members are objects like files. Down once: path → object → record → event → store; up once:
// a [Result] that accounts for every file and every record.
//
// Importing is idempotent. A file that is in the store already is not read
// again; a record that is there already is a duplicate.
package ingest
