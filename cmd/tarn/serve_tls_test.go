package main

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// secureServer is a server and where it listens.
func (p program) secureServer(t *testing.T, dir string, flags ...string) (s *running, address string) {
	t.Helper()
	s = p.serve(t, dir, append([]string{"--listen", "127.0.0.1:0"}, flags...)...)
	s.logged(`"message":"answering over HTTP"`)
	return s, regexp.MustCompile(`"address":"([^"]+)"`).FindStringSubmatch(s.log.String())[1]
}

// health asks over a connection of its own, and returns the certificate's fingerprint.
func health(address string, c *tls.Config) (fingerprint string, err error) {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: c, DisableKeepAlives: true, ForceAttemptHTTP2: true}}
	res, err := client.Get("https://" + address + "/healthz")
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.ProtoMajor != 2 {
		return "", fmt.Errorf("%s %s", res.Proto, res.Status)
	}
	sum := sha256.Sum256(res.TLS.PeerCertificates[0].Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":"), nil
}

// poolOf is who is in a file of certificates.
func poolOf(t *testing.T, name string) *x509.CertPool {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		t.Fatalf("%s: %s", name, text)
	}
	return pool
}

// A certificate that signs itself is made once, beside the lake's key, and can be
// checked by its file or by the fingerprint that is shown.
func TestSelfSignedTLS(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	p.run(t, "store", "create", "prod", "--lake", dir)
	var prints []string
	for range 2 {
		s, address := p.secureServer(t, dir, "--tls-self-signed")
		found, err := filepath.Glob(filepath.Join(p.config, "tarn", "*.tls.*"))
		if err != nil || len(found) != 2 {
			t.Fatal(found, err)
		}
		if info, err := os.Stat(found[1]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v, %v", found[1], info.Mode(), err)
		}
		print, err := health(address, &tls.Config{RootCAs: poolOf(t, found[0])})
		if err != nil || !strings.Contains(s.log.String(), print) {
			t.Errorf("%s: %v; %s", print, err, &s.log)
		}
		if _, err := health(address, &tls.Config{}); err == nil {
			t.Error("who does not know the certificate takes it")
		}
		prints = append(prints, print)
		if code := s.ends(syscall.SIGTERM); code != exitDone {
			t.Errorf("exit code %d", code)
		}
	}
	if prints[0] != prints[1] {
		t.Errorf("the second start has another certificate: %v", prints)
	}
}

// Clients need a certificate of those who vouch for them, and another certificate of
// the server counts from SIGHUP on, if it is one.
func TestClientCertificatesAndNewOnes(t *testing.T) {
	p := newProgram(t)
	work := t.TempDir()
	dir := filepath.Join(work, "lake")
	at := func(name string) string { return filepath.Join(work, name) }
	for _, name := range []string{"server", "client", "stranger"} {
		writeCertificate(t, at(name+".crt"), at(name+".key"))
	}
	p.run(t, "store", "create", "prod", "--lake", dir)
	s, address := p.secureServer(t, dir, "--tls-cert", at("server.crt"), "--tls-key", at("server.key"), "--tls-client-ca", at("client.crt"))
	as := func(name string) error {
		c := &tls.Config{RootCAs: poolOf(t, at("server.crt"))}
		if name != "" {
			pair, err := tls.LoadX509KeyPair(at(name+".crt"), at(name+".key"))
			if err != nil {
				t.Fatal(err)
			}
			c.Certificates = []tls.Certificate{pair}
		}
		_, err := health(address, c)
		return err
	}
	for name, ok := range map[string]bool{"client": true, "stranger": false, "": false} {
		if err := as(name); (err == nil) != ok {
			t.Errorf("%q comes in: %v", name, err)
		}
	}
	hup := func(said string) {
		t.Helper()
		if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		s.logged(said)
	}
	old, err := os.ReadFile(at("server.crt"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, at("server.crt"), "nothing")
	hup("the certificate stays as it was")
	write(t, at("server.crt"), string(old))
	if err := as("client"); err != nil {
		t.Error(err)
	}
	writeCertificate(t, at("server.crt"), at("server.key"))
	if as("client") == nil {
		t.Error("the new certificate is there before it was read")
	}
	hup("the certificate was read anew")
	if err := as("client"); err != nil {
		t.Error(err)
	}
	if code := s.ends(syscall.SIGTERM); code != exitDone {
		t.Errorf("exit code %d:\n%s", code, &s.log)
	}
}
