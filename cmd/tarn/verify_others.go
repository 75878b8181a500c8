package main

import (
	"fmt"
	"os"

	"tarn/lake"
)

// compared are files that somebody kept, with which a lake is compared.
type compared struct{ checkpoint, keys, policy string }

// comparing are the options that they make.
func (a *app) comparing(with compared) (o lake.VerifyOptions, err error) {
	o.Key = a.config.get("key")
	for name, to := range map[string]*[]byte{with.checkpoint: &o.Checkpoint, with.policy: &o.Policy} {
		if name == "" {
			continue
		}
		if *to, err = os.ReadFile(a.inDir(name)); err != nil {
			return o, fmt.Errorf("verify: %w", err)
		}
	}
	if with.keys != "" {
		if o.Known, err = a.knownKeys(with.keys); err != nil {
			return o, fmt.Errorf("verify: %w", err)
		}
	}
	return o, nil
}

// tellOthers says what the lake is by what others kept, and where nothing but the
// owner's word says that it is theirs.
func (a *app) tellOthers(r *lake.Report) {
	if c := r.Continues; c != nil && c.Holds {
		fmt.Fprintf(a.out, "continues the checkpoint of %s: %s since, none changed before\n", countedEntries(c.Size), countedEntries(c.Since))
	}
	if w := r.Witnessed; w != nil {
		for _, by := range w.By {
			if by.Size > 0 {
				fmt.Fprintf(a.out, "%s signed %s on %s\n", printable(by.Witness.Name()), countedEntries(by.Size), by.Time.Format("2006-01-02 15:04:05"))
			}
		}
		if w.Policy {
			fmt.Fprintf(a.out, "the policy is met by %s; %s since\n", countedEntries(w.Size), countedEntries(w.Since))
		}
	}
	for _, k := range r.Breaks {
		reason := ""
		if k.Reason != "" {
			reason = fmt.Sprintf(" (%q)", k.Reason)
		}
		fmt.Fprintf(a.out, "ATTENTION: on %s, in entry %d, the signing key was declared lost%s. No signature ties the key that follows\n"+
			"           to the one before: who did it, and that all entries up to there are as they were, only checkpoints that\n"+
			"           somebody kept, witnesses and the owner can tell\n", k.Time.Format("2006-01-02"), k.From-1, reason)
	}
}
