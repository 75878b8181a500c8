package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Object is a digest file. Key is its key from AWSLogs/ on. Open opens it, and returns
// the signature in its metadata, empty where that is not at hand. Several are opened at
// a time.
type Object struct {
	Key  string
	Open func() (r io.ReadCloser, signature string, err error)
}

// Options say with what to check. The zero value checks hashes only.
type Options struct {
	// Keys are AWS's public keys. Without the one of a digest, nobody vouches for it.
	Keys Keys
	// Signatures are those of the metadata, as far as they are known.
	Signatures Signatures
	// Present reports whether a log file of that key is there; nil means that nobody
	// asks which are missing.
	Present func(key string) bool
}

// trust is what a digest is worth.
type trust uint8

const (
	invalid  trust = iota // it is not what was signed
	unsigned              // nobody knows: there is no signature, or no key
	valid                 // signed
)

// link is one digest of a chain.
type link struct {
	key    string
	digest Digest
	hash   [sha256.Size]byte
	trust  trust
	broken error // why it is invalid
}

// chainOf finds the chain of a digest in its key: what stands before the folders of
// the day, and the name without its time.
var chainOf = regexp.MustCompile(`^(.*/)\d{4}/\d{2}/\d{2}/([^/]*)_(\d{8}T\d{6}Z)([^/]*)$`)

// Check reads digests and makes a book of what they say. What is wrong with them is
// among the book's findings; the error is only for files that cannot be read.
func Check(objects []Object, o Options) (*Book, error) {
	b := &Book{claims: map[id]claim{}, gaps: map[string][]gap{}, present: o.Present}
	chains := map[string][]Object{}
	for _, obj := range objects {
		name := obj.Key
		if m := chainOf.FindStringSubmatch(obj.Key); m != nil {
			name = m[1] + m[2] + m[4]
		}
		chains[name] = append(chains[name], obj)
	}
	there := map[string]bool{}
	for _, obj := range objects {
		there[obj.Key] = true
	}
	for key := range o.Signatures {
		if !there[key] && strings.Contains(key, "/CloudTrail-Digest/") {
			b.find(Missing, key, "the metadata names this digest, and it is not there")
		}
	}
	var failed error
	for _, name := range sortedKeys(chains) {
		chain := chains[name]
		slices.SortFunc(chain, func(a, b Object) int { return strings.Compare(timeOf(a.Key), timeOf(b.Key)) })
		failed = errors.Join(failed, b.chain(chain, o))
	}
	slices.SortFunc(b.Findings, func(x, y Finding) int { return strings.Compare(x.Key, y.Key) })
	return b, failed
}

// timeOf is the time in a digest's name, which tells its place in the chain.
func timeOf(key string) string {
	if m := chainOf.FindStringSubmatch(key); m != nil {
		return m[3]
	}
	return key
}

// chain goes through a chain from the newest to the oldest: each tells of the one
// before it.
func (b *Book) chain(objects []Object, o Options) error {
	var next *link // the one that follows in time
	var failed error
	slices.Reverse(objects)
	for obj, was := range readAhead(objects) {
		l := &link{key: obj.Key}
		if was.err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", obj.Key, was.err))
			l.broken = fmt.Errorf("it cannot be read: %w", was.err)
		} else {
			l.judge(was, next, o)
		}
		b.enter(l, next)
		next = l
	}
	return failed
}

// ahead is how many digests are read at a time: those in a bucket are far away.
const ahead = 16

// text is what is in a digest file, and the signature beside it.
type text struct {
	bytes     []byte
	signature string
	err       error
}

// readAhead reads the objects and yields them in order.
func readAhead(objects []Object) iter.Seq2[Object, text] {
	return func(yield func(Object, text) bool) {
		reading := make([]chan text, len(objects))
		begin := func(i int) {
			if i < len(objects) {
				reading[i] = make(chan text, 1)
				go func() { reading[i] <- read(objects[i]) }()
			}
		}
		for i := range ahead {
			begin(i)
		}
		for i, obj := range objects {
			was := <-reading[i]
			reading[i] = nil
			begin(i + ahead)
			if !yield(obj, was) {
				return
			}
		}
	}
}

func read(obj Object) (t text) {
	r, signature, err := obj.Open()
	if err != nil {
		return text{err: err}
	}
	defer r.Close()
	t.signature = signature
	t.bytes, t.err = Unpack(r)
	return t
}

// judge says what a digest is worth, by its own signature and by what the next one
// says of it.
func (l *link) judge(was text, next *link, o Options) {
	text := was.bytes
	l.hash = sha256.Sum256(text)
	if l.digest, l.broken = parse(text); l.broken != nil {
		return
	}
	if inBucket(l.digest.Object) != l.key {
		l.broken = fmt.Errorf("it belongs at %s", l.digest.Object)
		return
	}
	follows := next != nil && next.digest.PreviousObject != nil && inBucket(*next.digest.PreviousObject) == l.key
	if follows && next.trust == valid && (next.digest.PreviousHash == nil || !sameHash(*next.digest.PreviousHash, l.hash)) {
		l.broken = errors.New("it is not the one that the next digest names: its hash differs")
		return
	}
	l.trust = unsigned
	key := o.Keys[l.digest.Fingerprint]
	if key == nil {
		return
	}
	own, hasOwn := o.Signatures[l.key]
	if !hasOwn {
		own, hasOwn = was.signature, was.signature != ""
	}
	if hasOwn {
		if l.broken = verify(l.digest, text, own, key); l.broken != nil {
			l.trust = invalid
			return
		}
		l.trust = valid
		return
	}
	if !follows || next.digest.PreviousSigned == nil {
		return
	}
	if err := verify(l.digest, text, *next.digest.PreviousSigned, key); err == nil {
		l.trust = valid
	} else if next.trust == valid {
		l.trust, l.broken = invalid, err
	}
}

func sameHash(said string, hash [sha256.Size]byte) bool {
	return strings.EqualFold(said, hex.EncodeToString(hash[:]))
}

// enter puts a digest into the book; next is the one that follows in time.
func (b *Book) enter(l, next *link) {
	b.Digests++
	if l.trust == valid {
		b.Valid++
	}
	if next != nil && next.broken == nil {
		b.between(l, next)
	}
	if l.broken != nil {
		b.find(Invalid, l.key, l.broken.Error())
		if !l.digest.Start.IsZero() {
			b.gap(l.key, l.digest.Start, l.digest.End)
		}
	} else if l.trust == unsigned {
		b.Unsigned++
	}
	for _, log := range l.digest.Logs {
		b.claim(l, log)
	}
}

// between looks for what is missing between a digest and the one that follows it.
func (b *Book) between(l, next *link) {
	previous := next.digest.PreviousObject
	switch {
	case previous == nil:
		b.find(Gap, next.key, "the chain begins anew here: log file validation, or the trail, was off before")
	case inBucket(*previous) != l.key:
		b.find(Missing, inBucket(*previous), "the digest that "+path.Base(next.key)+" names as the one before it is not there")
	default:
		return
	}
	if l.broken == nil {
		b.gap(l.key, l.digest.End, next.digest.Start)
	}
}

// gap is a time for which no digest vouches.
type gap struct{ from, to time.Time }

// late is how much later than a digest's time the name of a log file may be: it has
// the minutes only, in steps of five.
const late = 10 * time.Minute

// gap notes a time without digest for log files beside the chain.
func (b *Book) gap(key string, from, to time.Time) {
	place := placeOf(key)
	b.gaps[place] = append(b.gaps[place], gap{from.Add(-late), to.Add(late)})
}

// placeOf is what log files and digests of an account and region have in common.
func placeOf(key string) string {
	if m := chainOf.FindStringSubmatch(key); m != nil {
		return strings.Replace(m[1], "/CloudTrail-Digest/", "/CloudTrail/", 1)
	}
	return path.Dir(key)
}
