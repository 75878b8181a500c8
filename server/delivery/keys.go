// Package delivery brings results of queries into folders, signed as CloudTrail Lake
// signs them: files of CSV, and one that says what they were.
package delivery

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"tarn/export"
	"tarn/ingest/digest"
	"tarn/lake/statedb"
	"tarn/server/access"
)

const (
	keyBits = 2048
	// keyTime is how long a key signs; then there is another.
	keyTime = 365 * 24 * time.Hour
	// fingerprintBytes is how much of the hash of a public key is its fingerprint.
	fingerprintBytes = 16
)

// Keys are the keys that sign results and exports: in state.db, sealed. It is safe for concurrent use.
type Keys struct {
	state  *statedb.DB
	keeper *access.Keeper
	mu     sync.Mutex // one key is made at a time
}

// NewKeys returns the keys that db has.
func NewKeys(db *statedb.DB, keeper *access.Keeper) *Keys { return &Keys{state: db, keeper: keeper} }

// Public are the keys by which something may be signed that is about a time from then
// on: a key of today signs exports of events of any time before.
func (k *Keys) Public(from time.Time) (some []statedb.ResultKey, err error) {
	all, err := k.state.ResultKeys()
	for _, one := range all {
		if !one.Until.Before(from) {
			some = append(some, one)
		}
	}
	return some, err
}

// current is the key that signs now, which is made if there is none.
func (k *Keys) current(now time.Time) (*rsa.PrivateKey, string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	all, err := k.state.ResultKeys()
	if err != nil {
		return nil, "", err
	}
	if n := len(all); n > 0 && now.Before(all[n-1].Until) {
		// One that cannot be opened, since what sealed it is gone, signs no more.
		if key, err := k.open(all[n-1]); err == nil {
			return key, all[n-1].Fingerprint, nil
		}
	}
	return k.add(now)
}

func (k *Keys) open(kept statedb.ResultKey) (*rsa.PrivateKey, error) {
	der, err := k.keeper.Unseal(kept.Fingerprint, kept.Sealed)
	if err != nil {
		return nil, err
	}
	return x509.ParsePKCS1PrivateKey([]byte(der))
}

func (k *Keys) add(now time.Time) (*rsa.PrivateKey, string, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, "", err
	}
	public := x509.MarshalPKCS1PublicKey(&key.PublicKey)
	sum := sha256.Sum256(public)
	fingerprint := hex.EncodeToString(sum[:fingerprintBytes])
	now = now.UTC().Truncate(time.Second)
	return key, fingerprint, k.state.AddResultKey(statedb.ResultKey{Fingerprint: fingerprint, Since: now, Until: now.Add(keyTime),
		Public: public, Sealed: k.keeper.Seal(fingerprint, string(x509.MarshalPKCS1PrivateKey(key)))})
}

// ErrNoKey means that no key signs now.
var ErrNoKey = errors.New("there is no key that signs results and exports")

// Export are the keys for an export. Where none signs now, one is made if make is set,
// else the error is ErrNoKey.
func (k *Keys) Export(now time.Time, make bool) (*export.Keys, error) {
	if make {
		if _, _, err := k.current(now); err != nil {
			return nil, err
		}
	}
	all, err := k.state.ResultKeys()
	if err != nil {
		return nil, err
	}
	out := &export.Keys{Own: map[string]digest.Signer{}, Public: Told(all)}
	for _, one := range all {
		key, err := k.open(one)
		if err != nil {
			continue // what it signed stays good
		}
		signer := digest.Signer{Key: key, Name: one.Fingerprint}
		out.Own[one.Fingerprint] = signer
		if now.Before(one.Until) {
			out.Current = signer
		}
	}
	if out.Current.Key == nil {
		return nil, ErrNoKey
	}
	return out, nil
}

// Told is what is told of keys.
func Told(all []statedb.ResultKey) (told []export.PublicKey) {
	for _, k := range all {
		told = append(told, export.PublicKey{Value: k.Public, ValidityStartTime: k.Since, ValidityEndTime: k.Until, Fingerprint: k.Fingerprint})
	}
	return told
}
