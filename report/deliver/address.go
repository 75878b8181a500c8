package deliver

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"path/filepath"
	"strings"

	"tarn/internal/hint"
	"tarn/internal/s3"
)

// ErrAddress means that reports cannot be brought to such an address.
var ErrAddress = errors.New("reports cannot be brought there")

const addressForm = "a folder such as ./reports, s3://BUCKET/reports, mailto:alice@example.com,bob@example.com, or https://example.com/hook"

// address is one of the four.
type address struct {
	folder string
	bucket s3.URI
	mail   string
	url    *url.URL
}

// Addresses reads where somebody wants reports: one line, which may name several
// recipients of mail. Each of them is an address of its own, so that one who is gone
// keeps nothing from the others. Folders are relative to dir.
func Addresses(text, dir string) ([]string, error) {
	if recipients, ok := cutScheme(text, "mailto:"); ok {
		var all []string
		for one := range strings.SplitSeq(recipients, ",") {
			a, err := mailbox(one)
			if err != nil {
				return nil, err
			}
			all = append(all, "mailto:"+a.mail)
		}
		return all, nil
	}
	if !hasScheme(text) && text != "" && !filepath.IsAbs(text) {
		abs, err := filepath.Abs(filepath.Join(dir, text))
		if err != nil {
			return nil, err
		}
		text = abs
	}
	_, err := parse(text)
	return []string{text}, err
}

// Folder is the folder of an address, empty if it is none.
func Folder(to string) string {
	a, _ := parse(to)
	return a.folder
}

// parse reads one address.
func parse(text string) (address, error) {
	wrong := func(why string, advice ...string) (address, error) {
		return address{}, hint.Add(fmt.Errorf("%s: %w: %s", Shown(text), ErrAddress, why), append(advice, addressForm)...)
	}
	if recipient, ok := cutScheme(text, "mailto:"); ok {
		return mailbox(recipient)
	}
	if _, ok := cutScheme(text, "s3:"); ok {
		place, err := s3.ParseURI(text)
		if err != nil {
			return wrong(err.Error())
		}
		return address{bucket: place}, nil
	}
	if !hasScheme(text) {
		if !filepath.IsAbs(text) {
			return wrong("no absolute path")
		}
		return address{folder: filepath.Clean(text)}, nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return wrong("no address of any kind that is known")
	case u.User != nil:
		return wrong("it has a password in it", "requests are signed: TARN_WEBHOOK_SECRET, or the setting webhook-secret-file")
	case u.Fragment != "":
		return wrong("nobody gets to know what is behind #")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return wrong("anybody on the way could read it: https alone goes to other machines")
	}
	return address{url: u}, nil
}

func mailbox(text string) (address, error) {
	m, err := mail.ParseAddress(strings.TrimSpace(text))
	if err != nil || m.Name != "" || strings.ContainsAny(m.Address, "\r\n") {
		return address{}, hint.Add(fmt.Errorf("mailto:%s: %w: no address of mail", text, ErrAddress), addressForm)
	}
	return address{mail: m.Address}, nil
}

// hasScheme reports whether text begins as a URL does; one letter is a drive.
func hasScheme(text string) bool {
	scheme, _, ok := strings.Cut(text, ":")
	return ok && len(scheme) > 1 && !strings.ContainsAny(scheme, "/\\.")
}

func cutScheme(text, scheme string) (string, bool) {
	if len(text) < len(scheme) || !strings.EqualFold(text[:len(scheme)], scheme) {
		return text, false
	}
	return text[len(scheme):], true
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Shown is an address as it may be shown: the path of a webhook is often its secret.
func Shown(to string) string {
	scheme, rest, ok := strings.Cut(to, "://")
	if !ok || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return to
	}
	host, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host, path = rest[:i], strings.Trim(rest[i:], "/")
	}
	if _, behind, ok := strings.Cut(host, "@"); ok {
		host, path = behind, "…"
	}
	if path != "" {
		return scheme + "://" + host + "/…"
	}
	return scheme + "://" + host
}
