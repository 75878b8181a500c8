// Package duck is the only door to DuckDB.
//
// DuckDB is never given a database of its own to keep. An [Instance] lives in
// memory, may read the files below the folders that it was opened for, and
// stays warm; a query gets a fresh connection to it, and with that its own
// variables and temporary tables. It loads no extensions and does not talk to
// the network. One without folders parses.
//
// Who calls this package has checked the SQL: the settings here are the second
// wall, not the first. DuckDB itself says that they are no security boundary
// against hostile SQL, so SQL from the network runs in a process of its own
// (package worker), which is the third. [Engine] is what both are to others.
//
// It speaks to DuckDB's C library by the driver's own bindings and not by
// database/sql, because that holds a whole result in memory that DuckDB's limit
// does not count, and makes a value of each field.
package duck
