// Package crashtest cuts a lake's power. A [Story] is a life of a lake: Live it on a
// disk in memory, and every operation on that disk is a moment at which the power
// may fail. [World.Crash] takes the disk as it may be found after each of these
// moments and requires what the lake promises:
//
//   - it opens, or says that there is no lake where its creation was not acknowledged;
//   - it shows what was acknowledged, and of what was not a commit whole or nothing;
//   - it verifies, but for files that nothing names;
//   - the same import again completes it, with no event lost and none doubled;
//
// and all of it with an index that is missing, of an earlier time, or of a later
// one than the log: SQLite opens it by its path, so it does not lie on the disk in
// memory, and the lake may not believe it anyway.
package crashtest
