// Package confine lets a process give up, for good and in all its threads, what it
// has no use for: the one door to the kernel's Landlock, and to the capability that
// lifts immutable flags.
//
// What is given up is given up for the processes that this one starts from then on,
// too. Nothing is given up where the kernel cannot: Version says what it can.
package confine

import (
	"github.com/landlock-lsm/go-landlock/landlock"
	kernel "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// Rights are what may be done below a folder.
type Rights uint64

// The rights that are granted in one piece.
const (
	// Read is to read files and to list folders.
	Read Rights = kernel.AccessFSReadFile | kernel.AccessFSReadDir
	// Edit is to write and cut a file that is there, and all that may be granted on
	// a single file.
	Edit Rights = kernel.AccessFSWriteFile | kernel.AccessFSTruncate
	// Remove is to remove files and folders, or to move them away.
	Remove Rights = kernel.AccessFSRemoveFile | kernel.AccessFSRemoveDir
	// Add is to make files and folders under new names.
	Add Rights = kernel.AccessFSMakeReg | kernel.AccessFSMakeDir
	// Move is to move files from folder to folder, where Remove and Add allow it. One
	// never comes to where more may be done to it.
	Move Rights = kernel.AccessFSRefer
	// Change is all of it, and to make sockets; nobody makes links or devices.
	Change Rights = Edit | Remove | Add | Move | kernel.AccessFSMakeSock

	// changes are all rights but those to read and to run.
	changes = Change | kernel.AccessFSMakeSym | kernel.AccessFSMakeFifo | kernel.AccessFSMakeChar | kernel.AccessFSMakeBlock
)

// Rule grants rights below paths, which must be there.
type Rule struct {
	Rights Rights
	Paths  []string
}

// Grant is a rule.
func Grant(r Rights, paths ...string) Rule { return Rule{r, paths} }

// Version is that of the kernel's Landlock, 0 without one.
func Version() int {
	version, err := kernel.LandlockGetABIVersion()
	if err != nil {
		return 0
	}
	return version
}

// The versions from which on something holds.
const (
	// FilesSince is when files can be moved between folders of different rights:
	// before, whoever writes under one name and moves to another cannot be confined.
	FilesSince = 2
	// TruncateSince is when cutting a file that is not open can be refused.
	TruncateSince = 3
)

// Changes takes from this process to change any file but as the rules grant. What it
// has open stays open. It goes on reading everything.
func Changes(rules ...Rule) error {
	if Version() < FilesSince {
		return nil
	}
	c, err := landlock.NewConfig(landlock.AccessFSSet(changes))
	if err != nil {
		return err
	}
	return c.BestEffort().RestrictPaths(paths(rules)...)
}

// Everything takes from this process all files but those that the rules grant, the
// network, and signals to others.
func Everything(rules ...Rule) error { return landlock.V11.BestEffort().Restrict(paths(rules)...) }

func paths(rules []Rule) []landlock.Rule {
	var all []landlock.Rule
	for _, r := range rules {
		if len(r.Paths) > 0 {
			all = append(all, landlock.PathAccess(landlock.AccessFSSet(r.Rights), r.Paths...))
		}
	}
	return all
}
