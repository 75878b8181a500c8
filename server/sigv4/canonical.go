package sigv4

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonical is the one way to write a request of which the signature is made.
func canonical(r *http.Request, signed []string, hash string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + path(r.URL) + "\n" + query(r.URL.RawQuery) + "\n")
	for _, name := range signed {
		b.WriteString(name + ":" + header(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(signed, ";") + "\n" + hash)
	return b.String()
}

// path is the path as it was sent, encoded once more: services but S3 have it so.
func path(u *url.URL) string {
	sent := u.EscapedPath()
	if sent == "" {
		return "/"
	}
	return encode(sent, true)
}

// query has the parameters in order of name and value, each encoded anew.
func query(raw string) string {
	type parameter struct{ name, value string }
	var all []parameter
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		all = append(all, parameter{encode(decode(name), false), encode(decode(value), false)})
	}
	slices.SortFunc(all, func(a, b parameter) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	lines := make([]string, len(all))
	for i, p := range all {
		lines[i] = p.name + "=" + p.value
	}
	return strings.Join(lines, "&")
}

// decode is what a part of a query means; one that means nothing is taken as it is.
func decode(part string) string {
	if text, err := url.QueryUnescape(part); err == nil {
		return text
	}
	return part
}

// header is the value of a header without needless space.
func header(r *http.Request, name string) string {
	switch values := r.Header.Values(name); {
	case name == "host":
		return r.Host
	case name == "content-length" && len(values) == 0: // the server has read it
		return strconv.FormatInt(r.ContentLength, 10)
	default:
		trimmed := make([]string, len(values))
		for i, v := range values {
			trimmed[i] = strings.Join(strings.Fields(v), " ")
		}
		return strings.Join(trimmed, ",")
	}
}

// encode writes what is not a letter, a digit or one of -._~ as %XX.
func encode(text string, slash bool) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '.', c == '_', c == '~', c == '/' && slash:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
