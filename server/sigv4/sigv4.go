package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Names of the algorithm, of the headers, and of times.
const (
	algorithm  = "AWS4-HMAC-SHA256"
	dateHeader = "X-Amz-Date"
	hashHeader = "X-Amz-Content-Sha256"
	timeFormat = "20060102T150405Z"
	dayFormat  = "20060102"
	terminator = "aws4_request"
)

// Skew is how far the clocks of both sides may be apart.
const Skew = 15 * time.Minute

// maxHeader is the longest Authorization header that is read.
const maxHeader = 4 << 10

// Error says why a request is not let in, to who sent it: no secret is in it, nor
// what the right signature would have been.
type Error struct {
	// Code is AWS's name for it, such as InvalidSignatureException.
	Code string
	// Msg is a sentence.
	Msg string
}

// Error is error's.
func (e *Error) Error() string { return e.Code + ": " + e.Msg }

func missing(format string, args ...any) error {
	return &Error{"MissingAuthenticationTokenException", fmt.Sprintf(format, args...)}
}

func incomplete(format string, args ...any) error {
	return &Error{"IncompleteSignatureException", fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error {
	return &Error{"InvalidSignatureException", fmt.Sprintf(format, args...)}
}

// Signature is what a request says of itself. Nothing of it is true before Check.
type Signature struct {
	// AccessKey is the id of the key that the request is signed with.
	AccessKey string
	// Region and Service are for whom it was signed.
	Region, Service string

	day    string
	signed []string // names of headers, lower-case, in order
	value  string   // 64 hexadecimal digits
	at     time.Time
}

// Given reports whether the request has a signature of this kind, good or bad.
func Given(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), algorithm)
}

// Parse reads the signature of a request. The error is an *Error.
func Parse(r *http.Request) (*Signature, error) {
	all := r.Header.Values("Authorization")
	if len(all) == 0 && strings.Contains(r.URL.RawQuery, "X-Amz-Signature=") {
		return nil, incomplete("a signature in the URL is not taken; sign in the Authorization header")
	}
	if len(all) == 0 {
		return nil, missing("the request has no Authorization header")
	}
	if len(all) > 1 || len(all[0]) > maxHeader {
		return nil, incomplete("the Authorization header is there %d times, or longer than %d bytes", len(all), maxHeader)
	}
	rest, ok := strings.CutPrefix(all[0], algorithm+" ")
	if !ok {
		return nil, incomplete("the Authorization header is not one of %s", algorithm)
	}
	s := &Signature{}
	if err := s.parts(rest); err != nil {
		return nil, err
	}
	return s, s.date(r)
}

// parts reads the members of the header.
func (s *Signature) parts(header string) error {
	members := map[string]string{}
	for part := range strings.SplitSeq(header, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, again := members[name]; !ok || again {
			return incomplete("the Authorization header has %q, or has it twice", name)
		}
		members[name] = value
	}
	scope := strings.Split(members["Credential"], "/")
	if len(members) != 3 || len(scope) != 5 || scope[0] == "" || scope[4] != terminator {
		return incomplete("the Authorization header needs Credential=KEY/DAY/REGION/SERVICE/%s, SignedHeaders and Signature", terminator)
	}
	s.AccessKey, s.day, s.Region, s.Service = scope[0], scope[1], scope[2], scope[3]
	s.value = members["Signature"]
	if b, err := hex.DecodeString(s.value); err != nil || len(b) != sha256.Size {
		return incomplete("the Signature is not %d hexadecimal digits", 2*sha256.Size)
	}
	s.signed = strings.Split(members["SignedHeaders"], ";")
	if !slices.IsSorted(s.signed) || len(slices.Compact(slices.Clone(s.signed))) < len(s.signed) {
		return incomplete("SignedHeaders are not in order")
	}
	return nil
}

// date reads when the request was signed, which its scope has to agree with.
func (s *Signature) date(r *http.Request) (err error) {
	text := r.Header.Values(dateHeader)
	if len(text) != 1 {
		return incomplete("the request needs one header %s", dateHeader)
	}
	if s.at, err = time.Parse(timeFormat, text[0]); err != nil {
		return incomplete("%s is not a time as in 20260102T150405Z", dateHeader)
	}
	if s.at.Format(dayFormat) != s.day {
		return invalid("the day of the Credential is not that of %s", dateHeader)
	}
	return nil
}

// Unsigned stands where the hash of the body would, in a request whose signature is
// over everything but that.
const Unsigned = "UNSIGNED-PAYLOAD"

// Leaves reports whether the request says that its body is not signed.
func Leaves(r *http.Request) bool { return r.Header.Get(hashHeader) == Unsigned }

// HashOf is a body as Check takes it.
func HashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// Check is nil if the request, whose body has that hash, was signed with the secret
// and not more than Skew before or after now. Who takes a body that is not signed says
// Unsigned. The error is an *Error.
func (s *Signature) Check(r *http.Request, hash, secret string, now time.Time) error {
	if err := s.covers(r); err != nil {
		return err
	}
	if away := now.Sub(s.at); away > Skew || away < -Skew {
		return invalid("the request was signed at %s; here it is %s: clocks may be %s apart",
			s.at.Format(time.RFC3339), now.UTC().Format(time.RFC3339), Skew)
	}
	if given := r.Header.Values(hashHeader); len(given) > 0 && (len(given) > 1 || given[0] != hash) {
		return invalid("%s is not the hash of the body", hashHeader)
	}
	want := sign(s.key(secret), s.text(r, hash))
	got, err := hex.DecodeString(s.value)
	if err != nil || !hmac.Equal(got, want) {
		return invalid("the request was not signed with the secret of its access key, or was changed on the way")
	}
	return nil
}

// unsigned are headers of AWS's that say nothing about what is asked, and that some
// SDKs add after signing.
func unsigned() []string { return []string{"x-amz-user-agent", "x-amzn-trace-id"} }

// covers checks that nothing is left unsigned that says what is asked.
func (s *Signature) covers(r *http.Request) error {
	need := []string{"host"}
	for name := range r.Header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-amz") && !slices.Contains(unsigned(), name) {
			need = append(need, name)
		}
	}
	slices.Sort(need)
	for _, name := range need {
		if _, ok := slices.BinarySearch(s.signed, name); !ok {
			return incomplete("the header %s is not among the SignedHeaders", name)
		}
	}
	return nil
}

// key derives the key of a day, a region and a service from the secret.
func (s *Signature) key(secret string) []byte {
	k := []byte("AWS4" + secret)
	for _, part := range []string{s.day, s.Region, s.Service, terminator} {
		k = sign(k, part)
	}
	return k
}

func sign(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// Sign signs a request, whose body has that hash, or is Unsigned, as who has the access
// key and its secret would with an SDK.
func Sign(r *http.Request, hash, accessKey, secret, region, service string, now time.Time) {
	at := now.UTC()
	r.Header.Set(dateHeader, at.Format(timeFormat))
	r.Header.Set(hashHeader, hash)
	s := &Signature{AccessKey: accessKey, Region: region, Service: service, day: at.Format(dayFormat), at: at, signed: []string{"host", hashHeader, dateHeader}}
	for i, name := range s.signed {
		s.signed[i] = strings.ToLower(name)
	}
	slices.Sort(s.signed)
	r.Header.Set("Authorization", fmt.Sprintf("%s Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		algorithm, accessKey, s.scope(), strings.Join(s.signed, ";"), hex.EncodeToString(sign(s.key(secret), s.text(r, hash)))))
}

// scope is what a signature is good for.
func (s *Signature) scope() string {
	return strings.Join([]string{s.day, s.Region, s.Service, terminator}, "/")
}

// text is what is signed of a request.
func (s *Signature) text(r *http.Request, hash string) string {
	request := sha256.Sum256([]byte(canonical(r, s.signed, hash)))
	return strings.Join([]string{algorithm, s.at.Format(timeFormat), s.scope(), hex.EncodeToString(request[:])}, "\n")
}
