// Package witness shows a lake's checkpoints to C2SP witnesses, and has the lake
// keep what they sign. Nothing that is written to the lake waits for that, or
// fails because of it.
package witness
