package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"tarn/internal/hint"
	"tarn/server/access"
)

// secured is the TLS that a server speaks: what its files say, until they are read anew.
type secured struct {
	cert, key, clients string // files; no clients: their certificates are not asked for
	now                atomic.Pointer[tls.Config]
}

// secured returns the TLS that the flags ask for, nil for none. A certificate that signs
// itself is made if it is not there.
func (f *listenFlags) secured(lake string) (*secured, error) {
	if f.cert == "" && !f.selfSigned {
		return nil, nil
	}
	s := &secured{cert: f.cert, key: f.key, clients: f.clients}
	if f.selfSigned {
		seal, err := access.SealFile(lake)
		if err != nil {
			return nil, hint.Add(err, "set HOME or XDG_CONFIG_HOME")
		}
		base := strings.TrimSuffix(seal, filepath.Ext(seal))
		s.cert, s.key = base+".tls.crt", base+".tls.key"
		host, _, _ := net.SplitHostPort(f.address) // who listens says what is wrong with it
		if err := makeCertificate(s.cert, s.key, host); err != nil {
			return nil, fmt.Errorf("serve: make a certificate: %w", err)
		}
	}
	return s, s.read()
}

// config is what a listener takes: each connection gets what was read last.
func (s *secured) config() *tls.Config {
	if s == nil {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.now.Load(), nil }}
}

// read reads the files.
func (s *secured) read() error {
	pair, err := tls.LoadX509KeyPair(s.cert, s.key)
	if err != nil {
		return usage(fmt.Errorf("serve: the certificate: %w", err))
	}
	c := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	if s.clients != "" {
		text, err := os.ReadFile(s.clients)
		if err != nil {
			return usage(fmt.Errorf("serve: --tls-client-ca: %w", err))
		}
		c.ClientCAs = x509.NewCertPool()
		if c.ClientAuth = tls.RequireAndVerifyClientCert; !c.ClientCAs.AppendCertsFromPEM(text) {
			return usage(fmt.Errorf("serve: --tls-client-ca: no certificate is in %s", s.clients), "it holds certificates as PEM: who vouches for clients")
		}
	}
	s.now.Store(c)
	return nil
}

// fingerprint is the SHA-256 of the certificate, as openssl x509 -fingerprint has it.
func (s *secured) fingerprint() string {
	sum := sha256.Sum256(s.now.Load().Certificates[0].Certificate[0])
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}

// reload reads the files anew when the process gets SIGHUP, until ctx is done. What
// cannot be read changes nothing.
func (s *secured) reload(ctx context.Context, log zerolog.Logger) error {
	if s == nil {
		return nil
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hup:
		}
		if err := s.read(); err != nil {
			log.Error().Err(err).Msg("the certificate stays as it was")
			continue
		}
		log.Info().Str("sha256", s.fingerprint()).Msg("the certificate was read anew")
	}
}

// selfSignedYears is how long a certificate that signs itself is good: who trusts it
// trusts its fingerprint, which would be another one.
const selfSignedYears = 10

// makeCertificate makes a certificate for the host and this machine, and its key for
// its owner alone, unless they are there.
func makeCertificate(cert, key, host string) error {
	if _, err := os.Stat(cert); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	number, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	now := time.Now()
	c := &x509.Certificate{
		SerialNumber: number, Subject: pkix.Name{CommonName: "tarn"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(selfSignedYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if name, err := os.Hostname(); err == nil {
		c.DNSNames = append(c.DNSNames, name)
	}
	if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() {
		c.IPAddresses = append(c.IPAddresses, ip)
	} else if ip == nil && host != "" {
		c.DNSNames = append(c.DNSNames, host)
	}
	signed, err := x509.CreateCertificate(rand.Reader, c, c, private.Public(), private)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(key), 0o700); err != nil {
		return err
	}
	// The certificate last: where it is, so is its key.
	if err := writePEM(key, "PRIVATE KEY", secret, 0o600); err != nil {
		return err
	}
	return writePEM(cert, "CERTIFICATE", signed, 0o644)
}

// writePEM writes a file whole or not at all.
func writePEM(name, kind string, der []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // unless it has got its name
	err = pem.Encode(f, &pem.Block{Type: kind, Bytes: der})
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
