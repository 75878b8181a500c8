// Package lake keeps audit events unchanged and provable on disk.
//
// A [Lake] is one folder: a log of record, sealed segments, and an index that
// can be thrown away. One sentence rules it: what the log of record names
// exists, and nothing else does. FORMAT.md says what every byte on disk means.
//
// # In
//
// [Lake.Append] starts an [Appender], which takes events one by one, tells
// duplicates and conflicts, keeps the UTC days that are open in memory or, what
// does not fit, in runs on disk, and seals a day as a [Segment], or a few, when
// no more is expected for it. A segment's files
// are synced and renamed into place first; then one log entry names them; then
// the log's checkpoint is signed. Only then do they exist: a crash leaves files
// that nobody names, never a name without its file.
//
// [Lake.CreateStore], [Lake.UpdateStore], [Lake.DeleteStore] and
// [Lake.RestoreStore] are one log entry each; what a [Store] is follows from its
// entries and the clock. [Lake.Rehearse] answers like an Appender and writes
// nothing.
//
// # Out
//
// [Lake.Snapshot] is the lake at one size of the log: stores and segments, and
// the needle filters that tell which segments may hold a value. [Snapshot.At] is
// the lake as it was at an earlier size. [Snapshot.Find]
// finds events by their ids and [Snapshot.Prove] makes a file that proves one of
// them to who has no lake; package tlogproof checks it. [Verify] reads everything
// again with other code than wrote it, and goes on where it was interrupted.
//
// # Away
//
// [Lake.Expire] lets days expire, by what the log of record says and nothing else;
// [Purge], in whatever process, removes their files later, unless a hold
// ([Lake.PlaceHold]) or a reader keeps them.
//
// One process at a time writes ([Open]); any number read ([View]).
package lake
