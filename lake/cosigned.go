package lake

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"

	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

// Cosigned is the newest checkpoint that a witness has signed for the lake.
type Cosigned struct {
	Witness Witness `json:"witness"`
	// Asked says that the witness is asked still.
	Asked bool `json:"asked"`
	// Size is how many entries of the log it remembers, Time when it signed that;
	// zero if it never did.
	Size int64     `json:"log_size"`
	Time time.Time `json:"time,omitzero"`
	// Note is the checkpoint, with the log's signatures and the witness's.
	Note string `json:"note,omitempty"`
	root [32]byte
}

// file is where the lake keeps what a witness signed.
func (w Witness) file() string {
	return path.Join(entrylog.CosignedDir, fmt.Sprintf("%x", sha256.Sum256([]byte(w.Key)))[:16])
}

// readCosigned reads what the lake keeps of a witness, and checks both signatures.
func readCosigned(fsys vfs.FS, keys entrylog.Keys, w Witness) (Cosigned, error) {
	b, err := vfs.ReadFile(fsys, w.file())
	if errors.Is(err, fs.ErrNotExist) {
		return Cosigned{Witness: w}, nil
	}
	if err != nil {
		return Cosigned{Witness: w}, err
	}
	return openCosigned(b, keys, w)
}

// openCosigned reads a checkpoint with the signatures of the log and of a witness.
func openCosigned(b []byte, keys entrylog.Keys, w Witness) (Cosigned, error) {
	c := Cosigned{Witness: w}
	cp, err := keys.Open(b)
	if err != nil {
		return c, err
	}
	v, err := w.verifier()
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	n, err := note.Open(b, note.VerifierList(v))
	if err != nil {
		return c, fmt.Errorf("%w: not signed by %s: %w", ErrCorrupt, w.Name(), err)
	}
	for _, sig := range slices.Concat(n.Sigs, n.UnverifiedSigs) {
		// Bits of the last letter that mean nothing are nobody's to change either.
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return c, fmt.Errorf("%w: the signature of %s: %w", ErrCorrupt, sig.Name, err)
		}
	}
	at, err := torchwood.CosignatureTimestamp(n.Sigs[0])
	c.Size, c.Note, c.root, c.Time = cp.Size, string(b), [32]byte(cp.Root), time.Unix(at, 0).UTC()
	return c, err
}

// Cosigned returns what each witness remembers that is asked, as far as the lake was
// told.
func (s *Snapshot) Cosigned() (all []Cosigned, err error) {
	keys, err := s.state.verifiers()
	if err != nil {
		return nil, err
	}
	for _, w := range s.state.witness {
		c, err := readCosigned(s.lake.fsys, keys, w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.file(), err)
		}
		c.Asked = true
		all = append(all, c)
	}
	return all, nil
}

// Submission is what a witness is shown.
type Submission struct {
	// Checkpoint is the newest one, of Size entries; Old is the size that the witness
	// signed last, as far as the lake was told.
	Checkpoint []byte
	Size, Old  int64
}

// Submission returns what a witness is to be shown next.
func (l *Lake) Submission(w Witness) (Submission, error) {
	s := l.now()
	newest, err := l.newest(s)
	if err != nil {
		return Submission{}, err
	}
	keys, err := s.verifiers()
	if err != nil {
		return Submission{}, err
	}
	// One that is damaged is replaced: the witness says itself what it remembers.
	known, _ := readCosigned(l.fsys, keys, w)
	return Submission{newest.Note, newest.Size, known.Size}, nil
}

// Consistency proves that the log's first old entries are the beginning of its first
// size ones: a Merkle consistency proof of RFC 6962, a hash each.
func (l *Lake) Consistency(old, size int64) (proof [][32]byte, err error) {
	newest, err := l.newest(l.now())
	if err != nil {
		return nil, err
	}
	hashes, err := entrylog.Consistency(l.fsys, newest, old, size)
	for _, h := range hashes {
		proof = append(proof, h)
	}
	return proof, err
}

// KeepCosignature keeps what a witness answered to a checkpoint: signature lines, of
// which its own must be one. What it signed before is replaced.
func (l *Lake) KeepCosignature(w Witness, checkpoint, lines []byte) error {
	if l.log == nil {
		return ErrReadOnly
	}
	v, err := w.verifier()
	if err != nil {
		return err
	}
	n, err := note.Open(slices.Concat(checkpoint, lines), note.VerifierList(v))
	if err != nil {
		return fmt.Errorf("%w: %s answered with no signature of its own: %w", ErrWitness, w.Name(), err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	keys, err := l.state.verifiers()
	if err != nil {
		return err
	}
	cp, err := keys.Open(checkpoint)
	if err != nil {
		return err
	}
	if known, err := readCosigned(l.fsys, keys, w); err == nil && known.Size > cp.Size {
		return nil
	}
	signed := cp.Note
	for _, sig := range n.Sigs {
		signed = fmt.Appendf(bytes.Clone(signed), "— %s %s\n", sig.Name, sig.Base64)
	}
	// A signature that verify would complain of is none.
	if _, err := openCosigned(signed, keys, w); err != nil {
		return fmt.Errorf("%w: the answer of %s is no signature of the checkpoint: %w", ErrWitness, w.Name(), err)
	}
	if err := l.fsys.MkdirAll(entrylog.CosignedDir); err != nil {
		return err
	}
	if err := vfs.WriteFile(l.fsys, w.file(), signed); err != nil {
		return err
	}
	return errors.Join(l.fsys.SyncDir(entrylog.CosignedDir), l.fsys.SyncDir(entrylog.Dir))
}

// cosigned brings along what witnesses have signed of the log that the copy has: a
// larger size would look as if entries had been taken from it.
func (c *copier) cosigned() error {
	keys, err := c.state.verifiers()
	if err != nil {
		return err
	}
	some := false
	err = vfs.Walk(c.from.fsys, entrylog.CosignedDir, func(name string, _ fs.DirEntry) error {
		signed, err := vfs.ReadFile(c.from.fsys, name)
		if err != nil {
			c.blame(name, err)
			return nil
		}
		cp, err := keys.Open(signed)
		if err != nil || cp.Size > c.state.pos.Size {
			return nil // damage is for verify to tell
		}
		some = true
		if err := c.to.fsys.MkdirAll(entrylog.CosignedDir); err != nil {
			return err
		}
		return vfs.WriteFile(c.to.fsys, name, signed)
	})
	if err != nil || !some {
		return err
	}
	return errors.Join(c.to.fsys.SyncDir(entrylog.CosignedDir), c.to.fsys.SyncDir(entrylog.Dir))
}

// Witnessed is what Verify found of witnesses.
type Witnessed struct {
	// By are all who were ever asked.
	By []Cosigned `json:"by"`
	// Policy says whether a checkpoint meets VerifyOptions.Policy, and Size which: so
	// many entries are remembered by those that it wants, Since came behind them.
	Policy bool  `json:"policy_met"`
	Size   int64 `json:"log_size"`
	Since  int64 `json:"entries_since"`
}

// cosigned checks what witnesses have signed: it must be true of the log.
func (v *verifier) cosigned(log entrylog.Checked) {
	w := &Witnessed{}
	files := map[string]bool{}
	for _, asked := range witnessesOf(log.Entries) {
		files[asked.Witness.file()] = true
		c, err := readCosigned(v.fsys, log.Keys, asked.Witness)
		c.Asked = asked.Asked
		switch {
		case err != nil:
			v.problem(asked.Witness.file(), "%v", err)
		case c.Size > int64(len(log.Entries)) && c.Size <= v.covered():
			c.Size, c.Note = 0, "" // of what is written at this moment
		case c.Note != "":
			if wrong := goesOn(log, entrylog.Checkpoint{Size: c.Size, Root: c.root}); wrong != "" {
				v.problem(asked.Witness.file(), "the log is not a continuation of what the witness %s signed: %s", c.Witness.Name(), wrong)
				c.Size = 0
			}
		}
		w.By = append(w.By, c)
	}
	err := vfs.Walk(v.fsys, entrylog.CosignedDir, func(name string, _ fs.DirEntry) error {
		if !files[name] && !strings.HasSuffix(name, ".tmp") {
			v.problem(name, "is of no witness that the log names")
		}
		return nil
	})
	if err != nil {
		v.problem(entrylog.CosignedDir, "%v", err)
	}
	if len(w.By) > 0 || v.policy != nil {
		v.report.Witnessed = w
		v.meetsPolicy(log, w)
	}
}

// witnessesOf are all who were ever asked, by what the entries say.
func witnessesOf(entries []entrylog.Entry) (all []Cosigned) {
	for _, raw := range entries {
		e, err := decodeEntry(raw.Payload)
		if err != nil || e.Witness == nil {
			continue
		}
		at := slices.IndexFunc(all, func(c Cosigned) bool { return c.Witness.Key == e.Witness.Key })
		if at < 0 {
			all, at = append(all, Cosigned{}), len(all)
		}
		all[at] = Cosigned{Witness: *e.Witness, Asked: e.Type == typeWitnessAdd}
	}
	return all
}

// meetsPolicy looks for the largest size of the log that the witnesses remember whom the
// policy wants. Who signed a larger one remembers the smaller too: that the one goes
// on from the other was computed here.
func (v *verifier) meetsPolicy(log entrylog.Checked, w *Witnessed) {
	if v.policy == nil {
		return
	}
	all := int64(len(log.Entries))
	notes := map[int64]string{all: string(log.Newest.Note)} // also where no witness is wanted
	for _, c := range w.By {
		notes[c.Size] = cmp.Or(notes[c.Size], c.Note)
	}
	delete(notes, 0)
	for _, size := range slices.Backward(slices.Sorted(maps.Keys(notes))) {
		signed := map[string]bool{}
		for _, c := range w.By {
			if c.Size >= size {
				signed[c.Witness.Key] = true
			}
		}
		if v.policy.met(signed) && v.policy.takesLog(notes[size]) {
			w.Policy, w.Size, w.Since = true, size, all-size
			return
		}
	}
	if !v.policy.takesLog(notes[all]) {
		v.problem(entrylog.CosignedDir, "the policy is not met: none of the logs that it names is this one, by its key in use")
		return
	}
	v.problem(entrylog.CosignedDir, "the policy is not met: no checkpoint has the cosignatures that its quorum wants")
}
