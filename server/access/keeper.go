package access

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/lake/statedb"
)

// Kind is what proves a credential.
type Kind string

// The kinds.
const (
	Key   Kind = "access_key" // a secret that signs, or is sent as a password
	Token Kind = "token"      // a text that is sent as it is
)

// tokenPrefix marks tokens, so that people and scanners know them when they see one.
const tokenPrefix = "tarn_"

// Keeper makes and checks credentials. It is safe for concurrent use.
type Keeper struct {
	db   *statedb.DB
	seal sealer
	now  func() time.Time
}

// SealFile is where the key that seals secrets is kept: in the user's configuration
// folder, beside the lake's signing key.
func SealFile(lake string) (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for the key that seals secrets: %w", err)
	}
	return filepath.Join(dir, "tarn", lake+".seal"), nil
}

// Open returns the keeper of the credentials in db; seal is the file of the key that
// seals their secrets, which is made if it is not there. now tells the time; nil
// means time.Now.
func Open(db *statedb.DB, seal string, now func() time.Time) (*Keeper, error) {
	s, err := openSealer(seal)
	if err != nil {
		return nil, err
	}
	if now == nil {
		now = time.Now
	}
	return &Keeper{db, s, now}, nil
}

// New says what credential to make.
type New struct {
	Kind Kind
	// Name says whose it is: 1 to 128 characters.
	Name string
	Role Role
	// Stores are the ids of the stores that it is for; none are all.
	Stores []string
	// Expires is when it ends; zero if it does not.
	Expires time.Time
	// By is who makes it.
	By string
}

// maxName is how many bytes a name has at most.
const maxName = 128

// Create makes a credential. The secret is returned this once: of an access key what
// signs, of a token the whole of it.
func (k *Keeper) Create(n New) (c statedb.Credential, secret string, err error) {
	if n.Name == "" || len(n.Name) > maxName || strings.ContainsFunc(n.Name, func(r rune) bool { return r < ' ' }) {
		return c, "", hint.Add(errors.New("an access key or token needs a name that says whose it is, of at most 128 characters"), "--name alice")
	}
	now := k.now().UTC()
	if !n.Expires.IsZero() && !n.Expires.After(now) {
		return c, "", fmt.Errorf("it would expire at %s, which is past", n.Expires.Format(time.RFC3339))
	}
	c = statedb.Credential{ID: newID(), Created: now, CredentialDetails: statedb.CredentialDetails{
		Kind: string(n.Kind), Name: n.Name, Role: string(n.Role), Stores: n.Stores, By: n.By, Expires: n.Expires}}
	secret = base64.RawURLEncoding.EncodeToString(random(30))
	proof := k.seal.seal(c.ID, secret)
	if n.Kind == Token {
		secret = tokenPrefix + c.ID + "_" + secret
		proof = hashOf(secret)
	}
	return c, secret, k.db.AddCredential(c, proof)
}

// newID is like an access key's id of AWS: 20 capital letters and digits.
func newID() string {
	return "TARN" + base32.StdEncoding.EncodeToString(random(10))
}

// hashOf is what is kept of a token. A token is random, so nothing slower is needed.
func hashOf(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}
