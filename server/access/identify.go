package access

import (
	"crypto/hmac"
	"errors"
	"net/http"
	"strings"

	"tarn/lake/statedb"
	"tarn/server/sigv4"
)

// Refusal says why somebody is not let in, or not let do something. It is for them
// to read, and tells no secret.
type Refusal struct {
	// Code is AWS's name for it, such as UnrecognizedClientException.
	Code string
	// Msg is a sentence.
	Msg string
}

// Error is error's.
func (r *Refusal) Error() string { return r.Code + ": " + r.Msg }

// unknown is the one answer to whoever has not the right secret.
func unknown() error {
	return &Refusal{"UnrecognizedClientException", "the access key or token is not known here, has expired or was revoked, or the secret is not right"}
}

// Body is the hash of a request's body, for signatures that are over it: sigv4.HashOf,
// or sigv4.Unsigned. It is called only where one is.
type Body func() (hash string, err error)

// Identify returns who sent a request. The error is a *Refusal where they have not
// proven it; any other is trouble of ours, or that of body.
func (k *Keeper) Identify(r *http.Request, body Body) (Principal, error) {
	if sigv4.Given(r) || strings.Contains(r.URL.RawQuery, "X-Amz-Signature=") {
		return k.signed(r, body)
	}
	given := r.Header.Values("Authorization")
	if len(given) != 1 {
		return Principal{}, &Refusal{"MissingAuthenticationTokenException",
			"the request says not who sends it: sign it with an access key, send that as name and password (curl -u ID:SECRET), or a token (Authorization: Bearer)"}
	}
	if id, secret, ok := r.BasicAuth(); ok {
		return k.prove(id, Key, func(kept []byte) (bool, error) {
			want, err := k.seal.open(id, kept)
			return err == nil && same(want, secret), err
		})
	}
	if token, ok := strings.CutPrefix(given[0], "Bearer "); ok {
		id, _, _ := strings.Cut(strings.TrimPrefix(token, tokenPrefix), "_")
		return k.prove(id, Token, func(kept []byte) (bool, error) { return hmac.Equal(kept, hashOf(token)), nil })
	}
	return Principal{}, &Refusal{"IncompleteSignatureException", "the Authorization header is none of AWS4-HMAC-SHA256, Basic and Bearer"}
}

// same compares in a time that tells nothing.
func same(a, b string) bool { return hmac.Equal(hashOf(a), hashOf(b)) }

// signed is Identify for a request with a signature.
func (k *Keeper) signed(r *http.Request, body Body) (Principal, error) {
	s, err := sigv4.Parse(r)
	if err != nil {
		return Principal{}, refused(err)
	}
	return k.prove(s.AccessKey, Key, func(kept []byte) (bool, error) {
		secret, err := k.seal.open(s.AccessKey, kept)
		if err != nil {
			return false, err
		}
		hash, err := body() // not before there is such a key: it may be long
		if err != nil {
			return false, err
		}
		err = s.Check(r, hash, secret, k.now())
		return err == nil, refused(err)
	})
}

func refused(err error) error {
	var e *sigv4.Error
	if errors.As(err, &e) {
		return &Refusal{e.Code, e.Msg}
	}
	return err
}

// prove returns whom the credential of that id stands for, if it is of that kind and
// holds what proves it.
func (k *Keeper) prove(id string, kind Kind, proven func(kept []byte) (bool, error)) (Principal, error) {
	c, kept, err := k.valid(id)
	if err != nil {
		return Principal{}, err
	}
	if Kind(c.Kind) != kind {
		return Principal{}, unknown()
	}
	ok, err := proven(kept)
	if err != nil {
		return Principal{}, err
	}
	if !ok {
		return Principal{}, unknown()
	}
	return Principal{ID: c.ID, Name: c.Name, Role: Role(c.Role), Stores: c.Stores}, nil
}

// valid is the credential of that id, if it can still be used.
func (k *Keeper) valid(id string) (c statedb.Credential, kept []byte, err error) {
	c, kept, err = k.db.Credential(id)
	if errors.Is(err, statedb.ErrNoCredential) {
		return c, nil, unknown()
	}
	if err == nil && (!c.Revoked.IsZero() || !c.Expires.IsZero() && !k.now().Before(c.Expires)) {
		return c, nil, unknown()
	}
	return c, kept, err
}

// Still is nil while somebody who has proven who they are may go on, and else the
// *Refusal that they get who come now.
func (k *Keeper) Still(who Principal) error {
	_, _, err := k.valid(who.ID)
	return err
}
