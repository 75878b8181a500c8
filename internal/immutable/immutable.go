// Package immutable sets, lifts and tells the immutable flag of files (chattr +i):
// the kernel lets nobody, not even root, change, rename, link or remove a file that
// has it. It takes the capability CAP_LINUX_IMMUTABLE to set and to lift it.
//
// Names are looked up below a folder that is open. No link of any kind is followed on
// the way: who can put links there cannot have another file marked.
package immutable

import "errors"

// ErrCannot means that the file system, or the system, has no such flag.
var ErrCannot = errors.New("no immutable flag here")

// State is what is known of a file's flag.
type State int

// What is known of a flag.
const (
	Unknown State = iota // the file system does not tell
	Clear
	Set
)
