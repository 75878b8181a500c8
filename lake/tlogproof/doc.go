// Package tlogproof makes and checks files that prove one event: that it was in a
// lake, in which store, day, segment and row, and when it was sealed.
//
// Such a file is a C2SP tlog-proof. It holds a checkpoint of the lake's log of
// record, signed with a key that the checker has from elsewhere; the path of hashes
// from one log entry up to that checkpoint; and, as extra data, the entry itself and
// the path of hashes from the event's own bytes up to the tree hash that the entry
// names. FORMAT.md says what each byte means, docs/proofs.md how to check one
// without this program.
//
// To check needs the proof, the event and the key, and nothing else: no lake, no
// network, no clock. What is checked may come from anybody: every length in it has a
// bound, and nothing in it is believed before a signature covers it.
package tlogproof
