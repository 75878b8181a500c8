package deliver_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"tarn/report/deliver"
)

const whsec = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"

// hooks is a server with TLS, and a courier that trusts it.
func hooks(t *testing.T, answer http.HandlerFunc) (to string, c *deliver.Courier) {
	t.Helper()
	s := httptest.NewUnstartedServer(answer)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	secret, err := deliver.Secret(whsec + "\n")
	must(t, err)
	return s.URL + "/hook/s3cr3t", &deliver.Courier{TLS: &tls.Config{RootCAs: pool}, Secret: secret}
}

// What comes is checked by the library of those who made the convention.
func TestAWebhookGetsASignedReport(t *testing.T) {
	verifier, err := standard.NewWebhook(whsec)
	must(t, err)
	var ids []string
	to, c := hooks(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err := errors.Join(err, verifier.Verify(body, r.Header)); err != nil {
			t.Error(err)
		}
		if err := verifier.Verify(append(body, ' '), r.Header); err == nil {
			t.Error("another body has the same signature")
		}
		var m struct {
			Type string
			Data struct {
				ID, Title string
				Summary   map[string]int
				Files     []struct {
					Name, SHA256 string
					Content      []byte
				}
			}
		}
		must(t, json.Unmarshal(body, &m))
		if m.Type != "report.made" || m.Data.Summary["failed"] != 2 || len(m.Data.Files) != 2 || m.Data.Files[0].Name != "report.html" || string(m.Data.Files[0].Content) != "<p>fine</p>" || len(m.Data.Files[1].SHA256) != 64 {
			t.Errorf("%s", body)
		}
		ids = append(ids, r.Header.Get("Webhook-Id"))
		w.WriteHeader(http.StatusNoContent)
	})
	p := aParcel(t)
	must(t, c.Deliver(t.Context(), to, p))
	must(t, c.Deliver(t.Context(), to, p))
	p.ID = "0193"
	must(t, c.Deliver(t.Context(), to, p))
	if len(ids) != 3 || ids[0] != ids[1] || ids[1] == ids[2] {
		t.Errorf("ids are %q", ids)
	}
}

func TestWhatAWebhookAnswers(t *testing.T) {
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	tests := []struct {
		code  int
		after string
		final bool
		wait  time.Duration
	}{
		{http.StatusTooManyRequests, "120", false, 2 * time.Minute},
		{http.StatusServiceUnavailable, "9999999", false, 24 * time.Hour},
		{http.StatusInternalServerError, "soon", false, 0},
		{http.StatusBadGateway, "-5", false, 0},
		{http.StatusTemporaryRedirect, "", true, 0},
		{http.StatusMovedPermanently, "", true, 0},
		{http.StatusNotFound, "", true, 0},
		{http.StatusGone, "", true, 0},
		{http.StatusUnauthorized, "", true, 0},
	}
	for _, tt := range tests {
		to, c := hooks(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", tt.after)
			w.Header().Set("Location", other.URL)
			w.WriteHeader(tt.code)
			_, _ = io.WriteString(w, strings.Repeat("because ", 10_000))
		})
		err := c.Deliver(t.Context(), to, aParcel(t))
		if err == nil || errors.Is(err, deliver.ErrFinal) != tt.final || deliver.After(err) != tt.wait || strings.Contains(err.Error(), "s3cr3t") || len(err.Error()) > 400 {
			t.Errorf("%d: %v, after %v", tt.code, err, deliver.After(err))
		}
	}
	if elsewhere != 0 {
		t.Error("a redirect was followed")
	}
}

// Trouble on the way is no reason to give up, and says nothing of the address.
func TestAWebhookThatDoesNotAnswer(t *testing.T) {
	dropping, c := hooks(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		must(t, err)
		_, _ = io.WriteString(conn, "HTTP/1.1 20")
		conn.Close()
	})
	ctx, giveUp := context.WithCancel(t.Context())
	never, patient := hooks(t, func(_ http.ResponseWriter, r *http.Request) {
		giveUp() // as if its time were over
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	stranger, _ := hooks(t, func(http.ResponseWriter, *http.Request) { t.Error("a server that nobody trusts is told") })
	gone := httptest.NewServer(nil)
	gone.Close()
	for what, err := range map[string]error{
		"drops in the middle": c.Deliver(t.Context(), dropping, aParcel(t)),
		"never answers":       patient.Deliver(ctx, never, aParcel(t)),
		"is not trusted":      (&deliver.Courier{}).Deliver(t.Context(), stranger, aParcel(t)),
		"is not there":        c.Deliver(t.Context(), gone.URL+"/s3cr3t", aParcel(t)),
	} {
		if err == nil || errors.Is(err, deliver.ErrFinal) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Of a large file a request has the hash alone.
func TestALargeFileStaysBehind(t *testing.T) {
	p := aParcel(t)
	must(t, os.WriteFile(filepath.Join(p.Dir, "large.pdf"), make([]byte, 9<<20), 0o600))
	to, c := hooks(t, func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		must(t, err)
		if len(body) > 1<<20 || !strings.Contains(string(body), `"name":"large.pdf","size":9437184,"sha256":"`) || !strings.Contains(string(body), `"content"`) {
			t.Errorf("%d bytes", len(body))
		}
	})
	must(t, c.Deliver(t.Context(), to, p))
}

func TestSecrets(t *testing.T) {
	for _, text := range []string{"", "tiny", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!"} {
		if _, err := deliver.Secret(text); err == nil || text != "" && strings.Contains(err.Error(), text) && text != "whsec_" {
			t.Errorf("%q: %v", text, err)
		}
	}
}
