// Package journal keeps events on disk from the moment they are acknowledged
// until they stand in files that queries see.
//
//	hot/journal/<number>    eight bytes of magic, then frames
//
// A frame is a [Batch]: the events of one store that were accepted together. Many
// goroutines add batches at a time, and one write and one sync makes all durable
// that were added meanwhile (group commit). A file ends when [Writer.Rotate] begins
// the next one: by then all of it is durable, so only the last file may end in a
// torn frame, of which nobody was told that it counts.
package journal
