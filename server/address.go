package server

import (
	"fmt"
	"net"
	"strings"

	"tarn/internal/hint"
)

// checkAddress refuses to be reached by other machines in plain text.
func checkAddress(address string, secure bool) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return hint.Add(fmt.Errorf("listen on %q: %w", address, err), "an address is host and port, such as 127.0.0.1:8276")
	}
	if secure || host == "localhost" {
		return nil
	}
	if ip := net.ParseIP(strings.Trim(host, "[]")); ip != nil && ip.IsLoopback() {
		return nil
	}
	return hint.Add(fmt.Errorf("listen on %s without TLS: other machines would send passwords in plain text", address),
		"give it a certificate with --tls-cert and --tls-key",
		"or listen on 127.0.0.1 and let a proxy of yours speak TLS")
}
