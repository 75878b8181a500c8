package cloudtrail

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"time"

	"tarn/lake/statedb"
	"tarn/server/access"
	"tarn/server/fault"
)

// What pages a token tells of is sealed before it leaves: a token is good for the
// operation, the input but for how much a page has, and the credential that it was given
// out for, and for a day. It says nothing that its holder has not been told.

const (
	tokenKeyKind statedb.Kind = "token key"
	tokenTime                 = 24 * time.Hour
	stampBytes                = 8
	sealBytes                 = 16
)

// sealer seals tokens with a key that state.db keeps, so that they outlive a restart.
type sealer struct {
	once sync.Once
	key  []byte
	err  error
}

func (s *sealer) load(db *statedb.DB) ([]byte, error) {
	s.once.Do(func() {
		if db != nil {
			one, ok, err := statedb.KeptOf[[]byte](db, tokenKeyKind, "")
			if s.key, s.err = one.Doc, err; ok || err != nil {
				return
			}
		}
		s.key = make([]byte, sha256.Size)
		_, _ = rand.Read(s.key) // it never fails
		if db != nil {
			s.err = statedb.Keep(db, tokenKeyKind, statedb.Kept[[]byte]{Created: time.Now(), Doc: s.key})
		}
	})
	return s.key, s.err
}

// tokenOfInput is the member NextToken of an input or an output; nil if there is none.
func tokenOfInput(v any) *string {
	f := reflect.ValueOf(v).Elem()
	if f.Kind() != reflect.Struct {
		return nil
	}
	if f = f.FieldByName("NextToken"); !f.IsValid() {
		return nil
	}
	return f.Addr().Interface().(*string)
}

// sealOf is what seals a token of an operation, for an input without its own token.
func (a *API) sealOf(who access.Principal, name string, in any, stamp []byte, inner string) ([]byte, error) {
	key, err := a.tokens.load(a.State)
	if err != nil {
		return nil, err
	}
	asked := reflect.New(reflect.TypeOf(in).Elem()).Elem()
	asked.Set(reflect.ValueOf(in).Elem())
	for _, member := range []string{"NextToken", "MaxResults", "MaxQueryResults"} {
		if f := asked.FieldByName(member); f.IsValid() {
			f.SetZero()
		}
	}
	text, err := json.Marshal(asked.Interface())
	if err != nil {
		return nil, fmt.Errorf("seal a token: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	for _, part := range [][]byte{[]byte(name), []byte(who.ID), text, stamp, []byte(inner)} {
		_, _ = mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part)))) // it never fails
		_, _ = mac.Write(part)
	}
	return mac.Sum(nil)[:sealBytes], nil
}

// openToken puts what is in an input's token in its place.
func (a *API) openToken(who access.Principal, name string, in any) error {
	token := tokenOfInput(in)
	if token == nil || *token == "" {
		return nil
	}
	code := "InvalidNextTokenException"
	if name == "ListTags" || name == "ListPublicKeys" || name == "ListTrails" {
		code = "InvalidTokenException"
	}
	wrong := fault.New(code, "NextToken is not one that was given out for this input, or is older than a day").With("ask for the first page again")
	b, err := base64.RawURLEncoding.Strict().DecodeString(*token)
	if err != nil || len(b) < stampBytes+sealBytes {
		return wrong
	}
	stamp, seal, inner := b[:stampBytes], b[stampBytes:stampBytes+sealBytes], string(b[stampBytes+sealBytes:])
	want, err := a.sealOf(who, name, in, stamp, inner)
	if err != nil {
		return err
	}
	given := time.UnixMilli(int64(binary.BigEndian.Uint64(stamp)))
	if !hmac.Equal(seal, want) || time.Since(given) > tokenTime {
		return wrong
	}
	*token = inner
	return nil
}

// sealToken seals the token of an output. in is the input as it was asked.
func (a *API) sealToken(who access.Principal, name string, in, out any) error {
	token := tokenOfInput(out)
	if token == nil || *token == "" {
		return nil
	}
	stamp := binary.BigEndian.AppendUint64(nil, uint64(time.Now().UnixMilli()))
	seal, err := a.sealOf(who, name, in, stamp, *token)
	if err != nil {
		return err
	}
	*token = base64.RawURLEncoding.EncodeToString(append(append(stamp, seal...), *token...))
	return nil
}
