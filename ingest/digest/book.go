package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"time"
)

// Verdict is what CloudTrail's digests say of a log file.
type Verdict string

// The verdicts.
const (
	// Verified means that a digest that AWS signed has its hash.
	Verified Verdict = "verified"
	// Mismatch means that a digest has another hash: it was changed.
	Mismatch Verdict = "mismatch"
	// NotCovered means that no digest names it.
	NotCovered Verdict = "not_covered"
	// ChainGap means that the digest that would name it is missing or not valid.
	ChainGap Verdict = "chain_gap"
	// UnsignedHead means that the digest that has its hash could not be checked: it
	// is the newest of a copy without metadata, or there is no public key.
	UnsignedHead Verdict = "unsigned_head"
)

// Verdicts are all of them.
func Verdicts() []Verdict { return []Verdict{Verified, Mismatch, NotCovered, ChainGap, UnsignedHead} }

// Kind is what is wrong with digests, or with the log files that they name.
type Kind string

// The kinds.
const (
	// Invalid is a digest that is not what AWS signed.
	Invalid Kind = "invalid_digest"
	// Missing is a digest that another one names and that is not there.
	Missing Kind = "missing_digest"
	// Gap is where a chain begins anew.
	Gap Kind = "chain_gap"
	// Gone is a log file that a digest names and that is not there.
	Gone Kind = "missing_log"
)

// Finding is something that is not as it should be.
type Finding struct {
	Kind Kind   `json:"kind"`
	Key  string `json:"key"`
	What string `json:"what"`
}

// shownFindings is how many findings of a kind a book keeps.
const shownFindings = 100

// Book is what digests say.
type Book struct {
	// Digests were read; of these Valid are signed, and Unsigned could not be checked.
	Digests, Valid, Unsigned int64
	// Findings are ordered by key, at most a hundred of each kind; Found counts all.
	Findings []Finding
	Found    map[Kind]int64

	claims  map[id]claim
	gaps    map[string][]gap
	present func(string) bool
}

// id stands for a key: a bucket has millions.
type id [16]byte

func idOf(key string) id {
	sum := sha256.Sum256([]byte(key))
	return id(sum[:16])
}

// claim is what a digest says of a log file, and what it is worth.
type claim struct {
	hash  [sha256.Size]byte
	trust trust
	many  bool // digests of equal worth say different things
}

func (b *Book) find(kind Kind, key, what string) {
	if b.Found == nil {
		b.Found = map[Kind]int64{}
	}
	if b.Found[kind]++; b.Found[kind] <= shownFindings {
		b.Findings = append(b.Findings, Finding{kind, key, what})
	}
}

// claim notes what a digest says of a log file: what is worth more counts.
func (b *Book) claim(l *link, log Log) {
	key := inBucket(log.Object)
	if l.trust != invalid && b.present != nil && !b.present(key) {
		b.find(Gone, key, "a digest names this log file, and it is not there")
	}
	hash, err := hex.DecodeString(log.Hash)
	said := claim{trust: l.trust}
	if err != nil || len(hash) != sha256.Size || log.Hashed != hashing {
		said.many = true // nothing is what it says
	} else {
		said.hash = [sha256.Size]byte(hash)
	}
	was, met := b.claims[idOf(key)]
	switch {
	case !met || was.trust < said.trust:
		b.claims[idOf(key)] = said
	case was.trust == said.trust && was.hash != said.hash:
		was.many = true
		b.claims[idOf(key)] = was
	}
}

// Names reports whether a digest names the log file.
func (b *Book) Names(key string) bool {
	_, ok := b.claims[idOf(inBucket(key))]
	return ok
}

// deliveredAt finds in the name of a log file when it was delivered.
var deliveredAt = regexp.MustCompile(`^(.*/)\d{4}/\d{2}/\d{2}/[^/]*_(\d{8}T\d{4}Z)_[^/]*$`)

// Judge says what the digests say of a log file with that hash, of its content as it
// is when it is unpacked.
func (b *Book) Judge(key string, hash [sha256.Size]byte) Verdict {
	key = inBucket(key)
	said, ok := b.claims[idOf(key)]
	switch {
	case ok && said.trust == invalid:
		return ChainGap
	case ok && (said.hash != hash || said.many):
		return Mismatch
	case ok && said.trust == valid:
		return Verified
	case ok:
		return UnsignedHead
	case b.inGap(key):
		return ChainGap
	}
	return NotCovered
}

func (b *Book) inGap(key string) bool {
	m := deliveredAt.FindStringSubmatch(key)
	if m == nil {
		return false
	}
	t, err := time.Parse("20060102T1504Z", m[2])
	return err == nil && slices.ContainsFunc(b.gaps[m[1]], func(g gap) bool { return !t.Before(g.from) && !t.After(g.to) })
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
