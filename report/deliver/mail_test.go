package deliver_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"tarn/report/deliver"
)

const (
	smtpUser, smtpPassword = "tarn", "hunter-two"
)

// office is a mail server that somebody else wrote, with what this one does.
type office struct {
	mu      sync.Mutex
	letters []string
	secured bool
	// rcpt and data are asked before it takes something.
	rcpt func(to string) error
	data func(conn net.Conn) error
}

func (o *office) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{o: o, conn: c}, nil }

type session struct {
	o    *office
	conn *smtp.Conn
	in   bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.in = user == smtpUser && password == smtpPassword; !s.in {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) Mail(string, *smtp.MailOptions) error {
	if _, encrypted := s.conn.TLSConnectionState(); s.o.secured && !(encrypted && s.in) {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.o.rcpt != nil {
		return s.o.rcpt(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.o.data != nil {
		return s.o.data(s.conn.Conn())
	}
	letter, err := io.ReadAll(r)
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	s.o.letters = append(s.o.letters, string(letter))
	return err
}

// open begins to take mail; tlsFirst is how. Who trusts it is returned, too.
func (o *office) open(t *testing.T, tlsFirst bool) (port string, trust *tls.Config) {
	t.Helper()
	lender := httptest.NewTLSServer(nil) // of its certificate, for 127.0.0.1
	lender.Close()
	pool := x509.NewCertPool()
	pool.AddCert(lender.Certificate())
	s := smtp.NewServer(o)
	s.Domain, s.TLSConfig, s.ErrorLog = "localhost", &tls.Config{Certificates: lender.TLS.Certificates}, quiet{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, err = net.SplitHostPort(l.Addr().String())
	must(t, err)
	if tlsFirst {
		l = tls.NewListener(l, s.TLSConfig)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-served })
	return port, &tls.Config{RootCAs: pool}
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func courier(t *testing.T, server string, trust *tls.Config, password string) *deliver.Courier {
	t.Helper()
	m, err := deliver.ParseMailServer(server, "Tarn <tarn@example.com>", password)
	must(t, err)
	return &deliver.Courier{Mail: m, TLS: trust}
}

func TestMail(t *testing.T) {
	for _, scheme := range []string{"smtp", "smtps"} {
		o := &office{secured: true}
		port, trust := o.open(t, scheme == "smtps")
		c := courier(t, fmt.Sprintf("%s://%s@127.0.0.1:%s", scheme, smtpUser, port), trust, smtpPassword)
		p := aParcel(t)
		p.Title = "cis-aws:\r\nBcc: eve@example.com 2 of 60 – failed"
		must(t, c.Deliver(t.Context(), "mailto:alice@example.com", p))
		must(t, c.Deliver(t.Context(), "mailto:alice@example.com", p))
		must(t, c.Deliver(t.Context(), "mailto:bob@example.com", p))
		if len(o.letters) != 3 {
			t.Fatalf("%s: %d letters", scheme, len(o.letters))
		}
		var ids []string
		for _, letter := range o.letters {
			ids = append(ids, read(t, letter))
		}
		if ids[0] != ids[1] || ids[1] == ids[2] || !strings.HasSuffix(ids[0], "@example.com>") {
			t.Errorf("%s: ids of messages are %q", scheme, ids)
		}
	}
}

// read checks a letter of aParcel, and returns its id.
func read(t *testing.T, letter string) string {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(letter))
	must(t, err)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	must(t, err)
	if subject != "cis-aws: Bcc: eve@example.com 2 of 60 – failed" || m.Header.Get("Bcc") != "" || m.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("%v", m.Header)
	}
	_, how, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	must(t, err)
	var names []string
	for parts := multipart.NewReader(m.Body, how["boundary"]); ; {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		names = append(names, p.FileName())
	}
	if got := strings.Join(names, " "); got != " report.html evidence-a.csv" {
		t.Errorf("parts are %q", got)
	}
	if !strings.Contains(letter, "Two controls < failed.") || !strings.Contains(letter, "<pre>Two controls &lt; failed.</pre>") {
		t.Errorf("the summary is not in it:\n%s", letter)
	}
	return m.Header.Get("Message-ID")
}

func TestWhatAMailServerAnswers(t *testing.T) {
	refuse := func(code int) func(string) error {
		return func(string) error { return &smtp.SMTPError{Code: code, Message: "because"} }
	}
	ctx, giveUp := context.WithCancel(t.Context())
	slow := make(chan struct{})
	defer close(slow)
	tests := []struct {
		what  string
		o     *office
		final bool
	}{
		{"has no time", &office{rcpt: refuse(451)}, false},
		{"knows nobody of that name", &office{rcpt: refuse(550)}, true},
		{"wants no such mail", &office{data: func(net.Conn) error { return refuse(554)("") }}, true},
		{"has no room", &office{data: func(net.Conn) error { return refuse(452)("") }}, false},
		{"drops in the middle", &office{data: func(c net.Conn) error { return c.Close() }}, false},
		{"is too slow", &office{data: func(net.Conn) error { giveUp(); <-slow; return nil }}, false},
	}
	for _, tt := range tests {
		port, trust := tt.o.open(t, false)
		c := courier(t, "smtp+plain://127.0.0.1:"+port, trust, "")
		if err := c.Deliver(ctx, "mailto:a@example.com", aParcel(t)); err == nil || errors.Is(err, deliver.ErrFinal) != tt.final {
			t.Errorf("one that %s: %v", tt.what, err)
		}
	}
}

// Nothing is said to a server that is not secured as it should be, and nothing given
// away about passwords.
func TestMailStaysAmongOurselves(t *testing.T) {
	o := &office{secured: true}
	port, trust := o.open(t, false)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	listener.Close()
	for what, c := range map[string]*deliver.Courier{
		"nobody trusts":    courier(t, "smtp://tarn@127.0.0.1:"+port, nil, smtpPassword),
		"has no TLS first": courier(t, "smtps://tarn@127.0.0.1:"+port, trust, smtpPassword),
		"wants a password": courier(t, "smtp://tarn@127.0.0.1:"+port, trust, "another-"+smtpPassword),
		"is not there":     courier(t, "smtp://tarn@"+listener.Addr().String(), trust, smtpPassword),
		"is nobody":        {},
	} {
		if err := c.Deliver(t.Context(), "mailto:a@example.com", aParcel(t)); err == nil || errors.Is(err, deliver.ErrFinal) || strings.Contains(err.Error(), smtpPassword) {
			t.Errorf("one that %s: %v", what, err)
		}
	}
	if len(o.letters) != 0 {
		t.Errorf("%d letters", len(o.letters))
	}
	for _, text := range []string{"", "example.com", "smtp://", "smtp://u:p4ss@example.com", "imap://example.com", "smtp://example.com:0", "smtp://example.com/x", "smtp+plain://u@example.com", "smtp://u:p4ss@exa mple.com"} {
		if _, err := deliver.ParseMailServer(text, "a@example.com", ""); err == nil || strings.Contains(err.Error(), "p4ss") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := deliver.ParseMailServer("smtp://example.com", "nobody", ""); err == nil {
		t.Error("mail is from nobody")
	}
}
