// Package worker runs SQL in processes of its own, in which nothing can be
// reached but the folders that a query was granted.
//
// A worker is this program started again under the name of [Name], with an
// empty environment and two pipes. [Serve], called first of all, makes such a
// process serve: it opens DuckDB, gives up what it does not need (limits.go,
// wall_linux.go), and answers requests until its parent is gone. [Pool] is the
// parent's side, and a duck.Engine like the one in the same process.
//
// The parent believes a worker nothing. What comes through the pipe has a
// bounded length and is taken apart with care; a worker that says something
// that makes no sense, dies, or is late, is killed and its query fails. Workers
// that behave stay warm for queries with the same grants.
package worker
