// Package server answers over the network what the commands answer at a terminal.
//
// A [Server] has a lake that is open for writing, an engine for queries that runs
// them in a sandbox, and a keeper of credentials (package access). It listens where
// it is told, on the loopback interface unless somebody wants otherwise, and lets
// nobody in who has not proven who they are: only /healthz and /readyz answer
// everybody, and they tell nothing.
//
// Whoever may know of some stores alone gets a snapshot that has no others. So what
// they may not see is not there for them, in rows, errors, hints and timing alike.
package server
