package export

import (
	"encoding/json"
	"time"

	"tarn/ingest/digest"
)

// Keys sign an export.
type Keys struct {
	// Current signs what is new. Own are all keys of the lake, by fingerprint, Current
	// among them: what was signed before is signed again the same way.
	Current digest.Signer
	Own     map[string]digest.Signer
	// Public is what is told of them.
	Public []PublicKey
}

// public are the keys that check signatures.
func (k *Keys) public() digest.Keys {
	all := digest.Keys{}
	for name, s := range k.Own {
		all[name] = &s.Key.PublicKey
	}
	return all
}

// PublicKey checks what an export signs, in the form of ListPublicKeys.
type PublicKey struct {
	Value                              []byte // PKCS #1
	ValidityStartTime, ValidityEndTime time.Time
	Fingerprint                        string
}

// publicKeys is what ListPublicKeys answers.
type publicKeys struct{ PublicKeyList []PublicKey }

// KeysText is a file of public keys, as ListPublicKeys answers.
func KeysText(keys []PublicKey) ([]byte, error) {
	if keys == nil {
		keys = []PublicKey{}
	}
	text, err := json.MarshalIndent(publicKeys{keys}, "", "    ")
	return append(text, '\n'), err
}
