package lake

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
)

// policy is a C2SP tlog-policy: whose signatures a checkpoint must have.
type policy struct {
	logs   []note.Verifier // one of them; any if none is named
	quorum func(signed map[string]bool) bool
}

// met reports whether the witnesses that signed, by their keys, are those that the
// policy wants.
func (p *policy) met(signed map[string]bool) bool { return p.quorum(signed) }

// takesLog reports whether the checkpoint is signed by one of the policy's logs. That
// a key has the same name and hash would not do: the hash has 32 bits.
func (p *policy) takesLog(signed string) bool {
	return len(p.logs) == 0 || slices.ContainsFunc(p.logs, func(v note.Verifier) bool {
		_, err := note.Open([]byte(signed), note.VerifierList(v))
		return err == nil
	})
}

// policyReader reads a policy, line by line.
type policyReader struct {
	policy
	named map[string]func(map[string]bool) bool // witnesses and groups
	keys  map[string]bool
	used  map[string]bool // members of a group
}

// policy reads the policy that is wanted. One that cannot be read says nothing of a
// lake.
func (o VerifyOptions) policy() (*policy, error) {
	if o.Policy == nil {
		return nil, nil
	}
	p, err := parsePolicy(o.Policy)
	if err != nil {
		return nil, fmt.Errorf("%w: the policy cannot be read: %w", ErrNotKnown, err)
	}
	return p, nil
}

func parsePolicy(text []byte) (*policy, error) {
	r := &policyReader{named: map[string]func(map[string]bool) bool{}, keys: map[string]bool{}, used: map[string]bool{}}
	for i, line := range strings.Split(string(text), "\n") {
		if strings.ContainsFunc(line, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			return nil, fmt.Errorf("line %d holds a control character", i+1)
		}
		words := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' })
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if err := r.line(words); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if r.quorum == nil {
		return nil, fmt.Errorf("it has no line \"quorum\"")
	}
	return &r.policy, nil
}

func (r *policyReader) line(words []string) error {
	args := words[1:]
	switch word := words[0]; {
	case word == "log" && (len(args) == 1 || len(args) == 2):
		v, err := note.NewVerifier(args[0])
		r.logs = append(r.logs, v)
		return r.once(args[0], err)
	case word == "witness" && (len(args) == 2 || len(args) == 3):
		key := args[1]
		_, err := torchwood.NewCosignatureVerifier(key)
		if err := r.once(key, err); err != nil {
			return err
		}
		return r.name(args[0], func(signed map[string]bool) bool { return signed[key] })
	case word == "group" && len(args) >= 3:
		return r.group(args[0], args[1], args[2:])
	case word == "quorum" && len(args) == 1:
		if r.quorum != nil {
			return fmt.Errorf("a second quorum")
		}
		if r.quorum = r.named[args[0]]; args[0] == "none" {
			r.quorum = func(map[string]bool) bool { return true }
		}
		if r.quorum == nil {
			return fmt.Errorf("no witness and no group is called %q", args[0])
		}
		return nil
	}
	return errors.New("it is no line of a policy: these begin with log, witness, group or quorum, and have what belongs to it")
}

// once is for keys, each of which may be there once, whatever its name.
func (r *policyReader) once(key string, err error) error {
	if err != nil {
		return errors.New("the key in it is none, name+hash+base64") // not shown: it may be a secret that was put there by mistake
	}
	bare := strings.SplitN(key, "+", 3)[2] // as the note package and torchwood took it
	if r.keys[bare] {
		return errors.New("its key is there already")
	}
	r.keys[bare] = true
	return nil
}

func (r *policyReader) name(name string, signs func(map[string]bool) bool) error {
	if r.named[name] != nil || name == "none" {
		return fmt.Errorf("the name %q is taken", name)
	}
	r.named[name] = signs
	return nil
}

func (r *policyReader) group(name, least string, members []string) error {
	k, err := strconv.Atoi(least)
	switch least {
	case "any":
		k, err = 1, nil
	case "all":
		k, err = len(members), nil
	}
	if err != nil || k < 1 || k > len(members) {
		return fmt.Errorf("%q of a group of %d: any, all, or a number", least, len(members))
	}
	var all []func(map[string]bool) bool
	for _, m := range members {
		if r.named[m] == nil {
			return fmt.Errorf("no witness and no group is called %q", m)
		}
		if r.used[m] {
			return fmt.Errorf("%q is in a group already", m)
		}
		r.used[m] = true
		all = append(all, r.named[m])
	}
	return r.name(name, func(signed map[string]bool) bool {
		n := 0
		for _, signs := range all {
			if signs(signed) {
				n++
			}
		}
		return n >= k
	})
}
