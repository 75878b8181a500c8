package lake

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"filippo.io/torchwood"

	"tarn/internal/hint"
)

// Witness is somebody who remembers the newest checkpoint that it was shown, signs
// it, and signs no other history: a C2SP tlog-witness. The log says who is asked.
type Witness struct {
	// URL is where it takes checkpoints: its submission prefix.
	URL string `json:"url"`
	// Key is its verification key (a signed-note key line of a cosignature).
	Key string `json:"key"`
}

// verifier checks the witness's cosignatures.
func (w Witness) verifier() (*torchwood.CosignatureVerifier, error) {
	return torchwood.NewCosignatureVerifier(w.Key)
}

// Name is the witness's, as its key has it.
func (w Witness) Name() string {
	name, _, _ := strings.Cut(w.Key, "+")
	return name
}

// check says what is wrong with the witness.
func (w Witness) check() error {
	u, err := url.Parse(w.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return hint.Add(fmt.Errorf("%w: %q is no address of one", ErrWitness, w.URL), "it is a URL such as https://witness.example.com/")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		// It stands in the log, which anybody may read, for ever.
		return fmt.Errorf("%w: an address has neither a password, nor a query, nor a fragment", ErrWitness)
	}
	if _, err := w.verifier(); err != nil {
		return hint.Add(fmt.Errorf("%w: not the key of one: %w", ErrWitness, err),
			"whoever runs the witness tells its verifier key: name+hash+base64")
	}
	return nil
}

// ask takes in that a witness is asked from now on, or is not.
func (s *state) ask(w Witness, add bool) {
	s.witness = slices.DeleteFunc(slices.Clone(s.witness), func(o Witness) bool { return o.Key == w.Key })
	if add {
		s.witness = append(s.witness, w)
	}
}

// Witnesses are those who are asked to remember checkpoints.
func (s *Snapshot) Witnesses() []Witness { return slices.Clone(s.state.witness) }

// AddWitness records that a witness is asked from now on. One of the same key gets
// another address.
func (l *Lake) AddWitness(w Witness) error {
	if err := w.check(); err != nil {
		return err
	}
	if slices.Contains(l.now().witness, w) {
		return nil
	}
	return l.record(entry{Type: typeWitnessAdd, Witness: &w})
}

// RemoveWitness records that the witness of that name, or key, is asked no more. What
// it has signed stays.
func (l *Lake) RemoveWitness(ref string) (Witness, error) {
	known := l.now().witness
	var found []Witness
	for _, w := range known {
		if w.Name() == ref || w.Key == ref {
			found = append(found, w)
		}
	}
	switch len(found) {
	case 0:
		return Witness{}, hint.Add(fmt.Errorf("%w: none is called %q", ErrWitness, ref), "tarn witness list")
	case 1:
		return found[0], l.record(entry{Type: typeWitnessRemove, Witness: &found[0]})
	}
	return Witness{}, hint.Add(errors.Join(fmt.Errorf("%w: several are called %q", ErrWitness, ref)), "name it by its key: tarn witness list")
}
