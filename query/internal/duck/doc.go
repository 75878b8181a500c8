// Package duck is the only door to DuckDB.
//
// DuckDB is never given a database of its own to keep. A [Parser] is one
// instance that turns SQL into a tree and a tree into SQL, and reads no files
// at all. A [Session] is an instance made for one query: it lives in memory,
// may open the files it was made for and nothing else, and is thrown away with
// the query's result. Neither loads extensions or talks to the network.
//
// Who calls this package has checked the SQL: the settings here are the second
// wall, not the first. DuckDB itself says that they are no security boundary
// against hostile SQL, so SQL from the network will run a Session in a process
// of its own. A Session takes plain strings and gives plain strings for that
// reason.
package duck
