// Package follow imports new objects as they land: in a bucket, or in a folder.
//
// A follow hears of objects by the messages of a queue, which may be late, twice, out of
// order, or not come at all, and it lists the source again and again, which misses
// nothing. What it hears is only where to look: it looks itself, and nowhere but at its
// source. A message is done with when its objects are in the lake's ledger, or recorded
// as failures, which are tried again later and later; so a process may end at any point.
package follow
