package server_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/rs/zerolog"

	"tarn/lake"
	"tarn/server"
	"tarn/server/access"
	"tarn/server/sigv4"
)

// chunk is a piece of a body whose length is not known.
func chunk(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }

// raw begins a stream byte by byte.
func (u user) raw(t *testing.T, text string) net.Conn {
	t.Helper()
	return u.dial(t, u.head("POST /v1/stores/secret/events", "Transfer-Encoding: chunked")+chunk(text))
}

// answerOf reads an answer to its end.
func answerOf(t *testing.T, c net.Conn) (*http.Response, string) {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

// logged waits for the line of a request in the log.
func (h *host) logged(path string) {
	for line := range h.log.news {
		if strings.Contains(line, `"path":"`+path) {
			return
		}
	}
}

// Who is refused learns it at once, whatever of a body is still to come.
func TestStreamIsRefusedAtOnce(t *testing.T) {
	set(t, server.BodyTime, time.Hour)
	h := newHost(t)
	c := user{h, "nobody", "x"}.raw(t, trailEvent("a"))
	if res, body := answerOf(t, c); res.StatusCode != 401 {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

// What has a receipt is there when the client breaks off, and half an event is not.
func TestStreamThatBreaksOff(t *testing.T) {
	h := newHost(t)
	c := h.user(t, access.Ingester).raw(t, trailEvent("a")+trailEvent("b")+trailEvent("c")[:20])
	in := bufio.NewScanner(c)
	for in.Scan() && !strings.Contains(in.Text(), `"b"`) {
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	h.logged("/v1/stores/secret/events")
	if got := h.stored(t, "secret"); !slices.Equal(got, []string{"1", "a", "b"}) {
		t.Errorf("%q are stored", got)
	}
	if strings.Contains(h.log.String(), "cannot answer") {
		t.Error("the log has a fault of ours")
	}
}

// A stream that is ended by the server says so, behind the receipts of all that came,
// and nothing that comes behind it is taken for a request.
func TestStreamThatIsEnded(t *testing.T) {
	for _, tt := range []struct {
		name, code string
		end        func(t *testing.T, h *host, u user, c net.Conn)
	}{
		{"nothing comes", "RequestTimeout", func(*testing.T, *host, user, net.Conn) {}},
		{"may not any more", "UnrecognizedClientException", func(t *testing.T, h *host, u user, c net.Conn) {
			if err := h.state.RevokeCredential(u.id, time.Now()); err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(c, chunk("\n"))
		}},
		{"the server ends", "ServiceUnavailableException", func(t *testing.T, h *host, _ user, _ net.Conn) { h.end() }},
		{"the store is deleted", "InactiveEventDataStoreException", func(t *testing.T, h *host, _ user, c net.Conn) {
			if _, err := h.lake.UpdateStore("secret", lake.StoreSettings{TerminationProtection: new(false)}); err != nil {
				t.Fatal(err)
			}
			if _, err := h.lake.DeleteStore("secret"); err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(c, chunk(trailEvent("z")))
		}},
		{"no body of HTTP", "IncompleteBody", func(_ *testing.T, _ *host, _ user, c net.Conn) { _, _ = io.WriteString(c, "no length\r\n") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.code == "RequestTimeout" {
				set(t, server.SilentTime, 200*time.Millisecond)
			}
			set(t, server.AskAgain, 0)
			h := newHost(t)
			u := h.user(t, access.Ingester)
			c := u.raw(t, trailEvent("a")+trailEvent("b"))
			in := bufio.NewReader(c)
			var answer bytes.Buffer
			for !strings.Contains(answer.String(), `"b"`) {
				line, err := in.ReadString('\n')
				if err != nil {
					t.Fatal(err)
				}
				answer.WriteString(line)
			}
			tt.end(t, h, u, c)
			rest, _ := io.ReadAll(in)
			text := answer.String() + string(rest)
			res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(text)), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			if last := lastLine(t, string(body)); err != nil || last.Code != tt.code || last.Message == "" || *last.Counts != (counts{Records: 2, Stored: 2}) || !res.Close {
				t.Errorf("%v: %s", err, text)
			}
			if strings.Count(text, "HTTP/1.1") != 1 || strings.Contains(h.log.String(), "cannot answer") {
				t.Errorf("%s\n%s", text, h.log)
			}
		})
	}
}

// A client may read only when it has sent all. Receipts that nobody takes are left out,
// and counted.
func TestStreamOfWhoReadsAfterwards(t *testing.T) {
	set(t, server.ReceiptTime, 100*time.Millisecond)
	h := newHost(t)
	c := h.user(t, access.Ingester).raw(t, trailEvent("a"))
	const lines = 300_000 // more than buffers hold, as are their receipts
	garbage := chunk(strings.Repeat(strings.Repeat("x", 200)+"\n", 1000))
	for range lines / 1000 {
		if _, err := io.WriteString(c, garbage); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.WriteString(c, chunk(trailEvent("b"))+"0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	_, body := answerOf(t, c)
	last := lastLine(t, body)
	if *last.Counts != (counts{Records: lines + 2, Stored: 2, Rejected: lines}) || last.ReceiptsLeftOut == 0 || len(last.Rejects) != 100 ||
		int64(strings.Count(body, "\n"))+last.ReceiptsLeftOut != lines+3 {
		t.Errorf("%d lines; the last: %+v, %d left out", strings.Count(body, "\n"), last.Counts, last.ReceiptsLeftOut)
	}
}

// A signature is over the body, which is then read whole before any of it counts; or
// over all but the body, of a stream alone.
func TestStreamsThatAreSigned(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	right, wrong := sigv4.HashOf([]byte(trailEvent("a"))), sigv4.HashOf([]byte("x"))
	for _, tt := range []struct {
		path, signed, header, body string
		status                     int
	}{
		{"/v1/stores/secret/events", right, "", trailEvent("a"), 200},
		{"/v1/stores/secret/events", right, right, trailEvent("a"), 200},
		{"/v1/stores/secret/events", sigv4.Unsigned, sigv4.Unsigned, trailEvent("b"), 200},
		{"/v1/stores/secret/events", sigv4.Unsigned, sigv4.Unsigned, strings.Repeat(trailEvent("b"), 20_000), 200},
		{"/v1/stores/secret/events", right, "", trailEvent("c"), 401},
		{"/v1/stores/secret/events", wrong, wrong, trailEvent("c"), 401},
		{"/v1/stores/secret/events", sigv4.Unsigned, "", trailEvent("c"), 401},
		{"/v1/stores/secret/events", right, sigv4.Unsigned, trailEvent("c"), 401},
		{"/v1/stores/cloudtrail/events", "elsewhere", sigv4.Unsigned, trailEvent("c"), 401},
		{"/v1/stores/secret/events", right, "", strings.Repeat(trailEvent("c"), 20_000), 413},
		{"/sql", sigv4.Unsigned, sigv4.Unsigned, "SELECT 1", 401},
	} {
		for _, open := range []bool{false, true} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, u.url+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = 0 // not signed
			if tt.header != "" {
				r.Header.Set("X-Amz-Content-Sha256", tt.header)
			}
			if err = v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: u.id, SecretAccessKey: u.secret}, r, tt.signed, "cloudtrail", "us-east-1", time.Now()); err != nil {
				t.Fatal(err)
			}
			if r.ContentLength = int64(len(tt.body)); open {
				r.ContentLength = -1
			}
			if status, body, _ := u.do(t, r); status != tt.status {
				t.Errorf("%s signed %.20s, told %.20s: %d %s", tt.path, tt.signed, tt.header, status, body)
			}
		}
	}
	if got := h.stored(t, "secret"); !slices.Equal(got, []string{"1", "a", "b"}) {
		t.Errorf("%q are stored", got)
	}
}

// Over TLS, of HTTP/2 and of HTTP/1.1, receipts come as the body does.
func TestStreamOverTLS(t *testing.T) {
	made := httptest.NewUnstartedServer(nil)
	made.StartTLS() // for its certificate
	defer made.Close()
	h := newHost(t)
	u := h.user(t, access.Ingester)
	h.end()
	l, err := server.Listen("127.0.0.1:0", &tls.Config{Certificates: made.TLS.Certificates, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	h.serveAt(t, &server.Server{Lake: h.lake, API: h.api, Engine: h.engine, Access: h.access, Audit: h.audit, Log: zerolog.New(h.log)}, l)
	for _, two := range []bool{true, false} {
		transport := made.Client().Transport.(*http.Transport).Clone()
		transport.ForceAttemptHTTP2 = two
		if !two {
			transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
			transport.TLSClientConfig.NextProtos = nil
		}
		body, to := io.Pipe()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+l.Addr().String()+"/v1/stores/secret/events", body)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(u.id, u.secret)
		go io.WriteString(to, trailEvent(fmt.Sprint("a", two)))
		res, err := transport.RoundTrip(r)
		if err != nil || (res.ProtoMajor == 2) != two {
			t.Fatal(res, err)
		}
		in := bufio.NewScanner(res.Body)
		for i := range 3 {
			if !in.Scan() || !strings.Contains(in.Text(), "stored") {
				t.Fatal(in.Text(), in.Err())
			}
			if _, err := io.WriteString(to, trailEvent(fmt.Sprint("b", two, i))); err != nil {
				t.Fatal(err)
			}
		}
		to.Close()
		for in.Scan() && !strings.Contains(in.Text(), "counts") {
		}
		var last said
		if err := json.Unmarshal(in.Bytes(), &last); err != nil || *last.Counts != (counts{Records: 4, Stored: 4}) {
			t.Errorf("HTTP/2 %t: %s %v", two, in.Text(), err)
		}
		res.Body.Close()
		transport.CloseIdleConnections()
	}
}
