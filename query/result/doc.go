// Package result writes the answer to a query for a person or a program.
//
// There is one function, [Write], and a [Writer] for each format. All but
// Parquet and Arrow write rows as they come and hold none back, except for the table,
// which has to see some rows to know how wide its columns are.
package result
