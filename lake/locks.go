package lake

import (
	"fmt"

	"tarn/internal/confine"
	"tarn/internal/immutable"
)

// Locks say what keeps sealed files from being changed or removed on this machine.
// How an event data store is locked, and until when, is its own (Store.Lock).
type Locks struct {
	Landlock  LandlockLock  `json:"landlock"`
	Immutable ImmutableLock `json:"immutable"`
}

// LandlockLock is what the process that writes the lake gives up (Confine).
type LandlockLock struct {
	// Version is that of the kernel's Landlock, 0 without one.
	Version int `json:"version"`
	// Holds tells whether a process that writes confines itself; Missing says what
	// it cannot refuse, or why nothing is.
	Holds   bool   `json:"holds"`
	Missing string `json:"missing,omitempty"`
}

// ImmutableLock is the flag that tarn-locker sets.
type ImmutableLock struct {
	// Files are how many sealed files there are, Marked how many have the flag.
	Files  int64 `json:"files"`
	Marked int64 `json:"marked"`
	// Missing says why none can be told, where that is so.
	Missing string `json:"missing,omitempty"`
}

// Locks looks what locks there are. Of the sealed files it reads the flag.
func (s *Snapshot) Locks() Locks {
	k := Locks{Landlock: landlocked(confine.Version())}
	files, _ := sealedFiles(s.state, nil)
	untold := int64(0)
	for _, f := range files {
		state, err := immutable.Of(s.lake.fsys.Path(f.name))
		if err != nil {
			continue // what is missing, Verify tells
		}
		k.Immutable.Files++
		switch state {
		case immutable.Set:
			k.Immutable.Marked++
		case immutable.Unknown:
			untold++
		}
	}
	if untold > 0 {
		k.Immutable.Missing = fmt.Sprintf("the file system does not tell for %d files: it has no immutable flag", untold)
	}
	return k
}

func landlocked(version int) LandlockLock {
	k := LandlockLock{Version: version, Holds: version >= confine.FilesSince}
	switch {
	case version == 0:
		k.Missing = "this system has no Landlock, or it is turned off"
	case !k.Holds:
		k.Missing = fmt.Sprintf("this kernel has version %d of Landlock; it takes %d", version, confine.FilesSince)
	case version < confine.TruncateSince:
		k.Missing = fmt.Sprintf("to truncate a file that is not open is refused from version %d on", confine.TruncateSince)
	}
	return k
}

// String says it in a line.
func (k Locks) String() string {
	text := "none"
	if k.Landlock.Holds {
		text = fmt.Sprintf("Landlock %d", k.Landlock.Version)
	}
	if m := k.Landlock.Missing; m != "" {
		text += " (" + m + ")"
	}
	text += fmt.Sprintf("; immutable flag on %d of %d files", k.Immutable.Marked, k.Immutable.Files)
	if m := k.Immutable.Missing; m != "" {
		text += " (" + m + ")"
	}
	return text
}
