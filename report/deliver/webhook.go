package deliver

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/internal/uuid"
)

const (
	// attached is how many bytes of files a request or a mail takes along.
	attached = 8 << 20
	// patience is how long a program may take for its answer.
	patience = 30 * time.Second
	// longestWait is as long as anybody is believed who says to come later.
	longestWait = 24 * time.Hour
	// longestAnswer is how much of an answer is read, shownAnswer how much is shown.
	longestAnswer, shownAnswer = 4 << 10, 200
)

// message is the body of a request to a webhook.
type message struct {
	Type      string      `json:"type"`
	Timestamp string      `json:"timestamp"`
	Data      messageData `json:"data"`
}

type messageData struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Title   string          `json:"title"`
	Text    string          `json:"text"`
	Summary json.RawMessage `json:"summary,omitempty"`
	Files   []messageFile   `json:"files"`
}

// messageFile is a file of the report; Content is there where it is not too large.
type messageFile struct {
	Name    string `json:"name"`
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
	Content []byte `json:"content,omitempty"`
}

// Secret reads a secret for webhooks: whsec_ and Base64, as Standard Webhooks has it,
// or any text of at least 24 bytes.
func Secret(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if packed, ok := strings.CutPrefix(text, "whsec_"); ok {
		b, err := base64.StdEncoding.DecodeString(packed)
		if err != nil || len(b) < 24 {
			return nil, hint.Add(errors.New("the secret for webhooks cannot be read"), "whsec_ is followed by at least 24 bytes in Base64")
		}
		return b, nil
	}
	if len(text) < 24 {
		return nil, hint.Add(errors.New("the secret for webhooks is too short"), "make one: echo whsec_$(openssl rand -base64 32)")
	}
	return []byte(text), nil
}

// post sends a parcel to a webhook.
func (c *Courier) post(ctx context.Context, to *url.URL, p Parcel, files []file) error {
	body, err := bodyOf(p, files)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(body))
	if err != nil {
		return final(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "tarn")
	c.sign(r.Header, messageID(p, to), time.Now(), body)
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: c.trust(), DisableKeepAlives: true}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the address, which may be a secret
		}
		return fmt.Errorf("%s: %w", Shown(to.String()), err)
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, longestAnswer)) // for what it is worth
	return verdict(answer, said)
}

func (c *Courier) trust() *tls.Config {
	if c.TLS == nil {
		return nil
	}
	return c.TLS.Clone()
}

func bodyOf(p Parcel, files []file) ([]byte, error) {
	// The time is not in what is said to be the same: it is in the signature.
	m := message{Type: "report.made", Data: messageData{ID: p.ID, Name: p.Name, Title: p.Title, Text: p.Text, Summary: p.Summary}}
	m.Timestamp = time.Now().UTC().Format(time.RFC3339)
	taken, left := within(files, attached)
	for i, f := range append(taken, left...) {
		content, err := os.ReadFile(f.path)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		one := messageFile{Name: f.name, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
		if i < len(taken) {
			one.Content = content
		}
		m.Data.Files = append(m.Data.Files, one)
	}
	return json.Marshal(m)
}

// messageID is the same whenever the same report goes to the same address.
func messageID(p Parcel, to *url.URL) string { return "msg_" + uuid.OfName(p.ID, to.String()) }

// sign signs a request after Standard Webhooks: the id, the time and the body.
func (c *Courier) sign(h http.Header, id string, now time.Time, body []byte) {
	at := strconv.FormatInt(now.Unix(), 10)
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", at)
	if len(c.Secret) == 0 {
		return
	}
	mac := hmac.New(sha256.New, c.Secret)
	fmt.Fprintf(mac, "%s.%s.", id, at)
	mac.Write(body)
	h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// verdict is what an answer means.
func verdict(a *http.Response, body []byte) error {
	said := strings.TrimSpace(strings.ToValidUTF8(string(body), "?"))
	err := fmt.Errorf("the webhook answered %s", a.Status)
	if said != "" {
		err = fmt.Errorf("%w: %q", err, said[:min(len(said), shownAnswer)])
	}
	switch code := a.StatusCode; {
	case code/100 == 2:
		return nil
	case code/100 == 3:
		return final(err, "redirects are not followed: give the address itself")
	case code == http.StatusTooManyRequests || code/100 == 5:
		return &laterError{err, retryAfter(a.Header.Get("Retry-After"), time.Now())}
	}
	return final(err)
}

// retryAfter reads a header of seconds, or of a time.
func retryAfter(text string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), longestWait)
}
