// Package remote carries a command line to a server over HTTP, and back what it prints.
//
// A client sends an [Order]: the words of a command line, and the files that it names to
// be read. The server runs it in an empty folder, in which those files lie under their
// names. What the command prints comes back as it is printed, what it reads from standard
// input is sent when it wants it, and files that it wrote come last, with the exit code.
// No name in an order leads out of that folder.
//
// Both ways are a row of frames: a letter, the length of the payload (uint32,
// little-endian) and the payload. An answer without the frame of the exit code is not
// whole.
package remote
