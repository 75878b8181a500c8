package decode

import "tarn/internal/jscan"

// Texts returns the texts of a record's members of these names, as text columns
// have them: names without case, of repeated members the first, "" for one that
// is missing or no text. The record must be one that File took for an event.
func Texts(raw []byte, names ...string) []string {
	values, missing := make([][]byte, len(names)), len(names)
	for it := jscan.Members(raw); missing > 0; {
		key, val, ok := it.Next()
		if !ok {
			break
		}
		for i, name := range names {
			if values[i] == nil && is(key, name) {
				values[i] = val
				missing--
			}
		}
	}
	texts := make([]string, len(names))
	for i, v := range values {
		texts[i] = plain(v)
	}
	return texts
}
