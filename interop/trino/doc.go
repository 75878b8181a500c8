// Package trino asks a real Trino what package query's tables of statements
// ask Tarn, over the same segments. Its tests need a server; README.md one
// folder up says how to get one.
package trino
