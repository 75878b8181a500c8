package lake

import (
	"encoding/base64"
	"fmt"
)

// encodeHash is how hashes stand in the log: base64, as in checkpoints.
func encodeHash(h [32]byte) string { return base64.StdEncoding.EncodeToString(h[:]) }

func decodeHash(s string) (h [32]byte, err error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, fmt.Errorf("%w: %q is not a hash", ErrCorrupt, s)
	}
	return [32]byte(b), nil
}
