// Package query answers questions in SQL over the events of a lake.
//
// The SQL is CloudTrail Lake's, which is Trino's; the engine is DuckDB. A
// statement goes this way, a file of this package for each step:
//
//	token.go      the text falls into tokens, and nothing is misread
//	places.go     … by which it is known where a table's name may stand
//	source.go     names of stores that SQL cannot read bare get their quotes, and
//	rewrite.go    … what DuckDB's grammar has not is rewritten (alias.go,
//	              literal.go), or refused (placeholder.go)
//	statement.go  DuckDB's parser makes a tree of it
//	names.go      the columns of the answer get their names
//	check.go      every node and every function of the tree is on a list, or
//	              the statement is refused
//	resolve.go    every name gets its meaning (scope.go, columns.go), flat
//	              columns take the place of members where nobody can tell
//	              (member.go, shown.go), and
//	predicate.go  … what the WHERE says about time and needles is noted
//	dialect.go    what Trino writes differently is changed on the tree: times
//	              with a zone (instant.go), lambdas (lambda.go, zip.go), formats
//	              (format.go, javaformat.go), patterns (pattern.go), JSON
//	              (json.go, jsonclauses.go, jsontext.go), aggregates
//	              (aggregate.go), what goes by types (typed.go) or by the number
//	              of arguments (calls.go), operators (arithmetic.go), rows
//	              (row.go), addresses (network.go), UNNEST (unnest.go);
//	              athena.go is a store as Athena has it
//	fold.go       times that are made of constants are worked out, and
//	bounds.go     … bound the time of what is read
//	macros.go     what only has another name is a macro (macros/*.sql)
//	plan.go       segments are chosen from the snapshot, others left out
//	engine.go     DuckDB runs it, able to open the folders of these stores
//	              alone, here or in a process of its own (internal/worker)
//	result.go     rows come as text; package result writes them
//	fault.go      what the engine refuses is said in plain words, and
//	damage.go     … what is a segment's fault is not taken for the statement's
//
// Three promises. A statement reads the stores of the snapshot and nothing
// else: no file, no setting, no network, whatever it tries. Leaving segments
// out never changes an answer. And an error speaks of the text as it was
// typed, with line and column where that can be told ([SyntaxError]), or of a
// segment that is not what was sealed (lake.ErrCorrupt); neither rewritten SQL
// nor the path of a file is ever in it.
//
// SQL of others runs with Options.Sandbox: parsing, constants and the statement
// itself in processes that can reach the stores and nothing else. What brings
// such a process down is an error of that statement.
package query
