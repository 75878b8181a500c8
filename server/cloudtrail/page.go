package cloudtrail

import (
	"encoding/base64"
	"slices"
	"strings"

	"tarn/server/fault"
)

// pageSize is how much a page has where its size is not asked for.
const pageSize = 1000

// tokenKind begins what a token is made of, so that another text is not one.
const tokenKind = "tarn1:"

// page returns the next page of a list that is in order of its keys, which are unique:
// what comes behind the token, most at most; and the token of the page after it, empty
// if there is none. A token names the key that was last, so that things may come and
// go between pages.
func page[T any](all []T, key func(T) string, most int, token string) ([]T, string, error) {
	if token != "" {
		last, err := lastOf(token)
		if err != nil {
			return nil, "", err
		}
		from, found := slices.BinarySearchFunc(all, last, func(one T, last string) int { return strings.Compare(key(one), last) })
		if found {
			from++
		}
		all = all[from:]
	}
	if most == 0 {
		most = pageSize
	}
	if len(all) <= most {
		return all, "", nil
	}
	return all[:most], tokenFor(key(all[most-1])), nil
}

// tokenFor is the token of the page behind a key.
func tokenFor(key string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(tokenKind + key))
}

// lastOf is the key in a token.
func lastOf(token string) (string, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	key, ok := strings.CutPrefix(string(b), tokenKind)
	if err != nil || !ok {
		return "", fault.New("InvalidNextTokenException", "NextToken is not one that was given out")
	}
	return key, nil
}
