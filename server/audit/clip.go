package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of what is kept, in bytes; those of CloudTrail where it has some.
const (
	shortBytes = 1 << 10   // of userAgent, errorMessage, requestID
	textBytes  = 48 << 10  // of a text in a request or an answer: more than any statement has that is run
	partBytes  = 100 << 10 // of a request or an answer
)

// clip cuts a text off behind so many bytes, and says so in it.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s… (cut off: %d bytes)", text[:end], len(text))
}

// object is what is kept of a request or of an answer: a JSON object with names as
// CloudTrail writes them, within bounds; nil if it is no object. cut says that
// something is missing.
func object(v any) (kept map[string]any, cut bool) {
	text, ok := v.(json.RawMessage)
	if !ok {
		var err error
		if text, err = json.Marshal(v); err != nil {
			return nil, true
		}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var whole any
	if err := d.Decode(&whole); err != nil {
		return nil, len(text) > 0
	}
	all, ok := lowered(whole, &cut).(map[string]any)
	if !ok {
		return nil, whole != nil
	}
	if len(all) == 0 {
		return nil, false
	}
	if b, err := json.Marshal(all); err != nil || len(b) > partBytes {
		return nil, true // CloudTrail leaves it out, too
	}
	return all, cut
}

// lowered writes names as CloudTrail does, which begins them with a small letter, and
// cuts off long texts.
func lowered(v any, cut *bool) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, value := range v {
			out[small(name)] = lowered(value, cut)
		}
		return out
	case []any:
		for i := range v {
			v[i] = lowered(v[i], cut)
		}
	case string:
		if len(v) > textBytes {
			*cut = true
		}
		return clip(v, textBytes)
	}
	return v
}

func small(name string) string {
	if name == "" || name[0] < 'A' || name[0] > 'Z' {
		return name
	}
	return strings.ToLower(name[:1]) + name[1:]
}
