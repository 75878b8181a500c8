// Package delivery brings results of queries into folders, signed as CloudTrail Lake
// signs them: files of CSV, and one that says what they were.
package delivery

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"sync"
	"time"

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

// Keys are the keys that sign results: in state.db, sealed. It is safe for concurrent use.
type Keys struct {
	state  *statedb.DB
	keeper *access.Keeper
	mu     sync.Mutex // one key is made at a time
}

// NewKeys returns the keys that db has.
func NewKeys(db *statedb.DB, keeper *access.Keeper) *Keys { return &Keys{state: db, keeper: keeper} }

// Public are the keys that sign at some time between the two.
func (k *Keys) Public(from, to time.Time) (some []statedb.ResultKey, err error) {
	all, err := k.state.ResultKeys()
	for _, one := range all {
		if !one.Until.Before(from) && (to.IsZero() || !one.Since.After(to)) {
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
		key, err := k.open(all[n-1])
		return key, all[n-1].Fingerprint, err
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
