package lake

import (
	"encoding/base64"
	"fmt"

	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/proof"
)

// Continues tells of a checkpoint that somebody kept.
type Continues struct {
	// Size is how many entries the log had then.
	Size int64 `json:"log_size"`
	// Holds says that the lake still has them, all and unchanged; Since is how many
	// came behind them.
	Holds bool  `json:"holds"`
	Since int64 `json:"entries_since"`
}

// continues checks that the log goes on from a checkpoint that somebody kept. That
// one was signed, but what it signed may have been written anew and signed again
// with the same key: only who kept a checkpoint, or has a witness, can tell.
func (v *verifier) continues(log entrylog.Checked) {
	if v.opts.Checkpoint == nil {
		return
	}
	c := &Continues{}
	v.report.Continues = c
	old, wrong := goesOnFrom(log, v.opts.Checkpoint)
	c.Size = old.Size
	if wrong != "" {
		v.problem(entrylog.EntriesFile, "is not a continuation of the checkpoint that you kept: %s", wrong)
		return
	}
	c.Holds, c.Since = true, int64(len(log.Entries))-old.Size
}

// goesOnFrom is goesOn for a checkpoint whose signatures are to be checked too.
func goesOnFrom(log entrylog.Checked, signed []byte) (old entrylog.Checkpoint, wrong string) {
	old, err := log.Keys.Open(signed)
	switch {
	case err != nil && old.Size > int64(len(log.Entries)):
		return old, shortened(log, old) + ". Which key was to sign it, the log does not say any more"
	case err != nil:
		return old, fmt.Sprintf("that is not one of this lake, or was changed: %v", err)
	}
	return old, goesOn(log, old)
}

// goesOn says why the log is not a continuation of a checkpoint; empty if it is.
func goesOn(log entrylog.Checked, old entrylog.Checkpoint) string {
	if old.Size > int64(len(log.Entries)) {
		return shortened(log, old)
	}
	if root := rootOf(log.Entries[:old.Size]); root != [32]byte(old.Root) {
		return fmt.Sprintf("the first %s are not those that it signed. The tree hash over them is %s, and was %s: history was rewritten, "+
			"and signed anew", plainly(old.Size, "entry", "entries"), base64.StdEncoding.EncodeToString(root[:]), old.Root)
	}
	return ""
}

func shortened(log entrylog.Checked, old entrylog.Checkpoint) string {
	n := int64(len(log.Entries))
	return fmt.Sprintf("that was of %d entries, and the log has %d: %s at its end were taken away, or an older copy was put in its place",
		old.Size, n, plainly(old.Size-n, "entry", "entries"))
}

func plainly(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

func rootOf(entries []entrylog.Entry) proof.Hash {
	var t proof.Growing
	for _, e := range entries {
		t.Add(proof.Leaf(e.Payload))
	}
	return t.Root()
}
