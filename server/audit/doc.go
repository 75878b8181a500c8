// Package audit keeps what was asked of the lake, by whom and with what success, as
// events of CloudTrail's own record format in the lake's own store.
//
// A door of the server (HTTP, the socket for commands) makes an [Act] and hands it to
// the [Recorder]. What changes something is on disk when Record returns. What only
// reads is written within a second, and what comes in great number is summed up:
// putting events in, by credential and minute, and requests of whoever has not
// proven who they are. Putting these events is not itself recorded.
//
//	act.go       what a door says of an act
//	record.go    the record that it becomes
//	clip.go      bounds of what is kept of requests and answers
//	recorder.go  when records are written
//	sums.go      many acts as one record
package audit
