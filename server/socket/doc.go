// Package socket lets a command run in the process that has the lake open for
// writing, as if it ran in the user's own.
//
// A client connects to the lake's socket and hands over its command line, its
// folder, its settings, and its own standard input, output and error themselves,
// as open files. The server runs the command on these files: what it prints goes
// to the client's terminal without passing anybody, progress is drawn as wide as
// that is, and a pipe is read as fast as the command takes what comes out of it.
// At the end the exit code goes back. A client that ends its side of the
// connection, or dies, interrupts its command.
//
// Who may run commands may read every file that the server can read, so only the
// server's own user is let in, and root, whatever the socket's mode says.
package socket
