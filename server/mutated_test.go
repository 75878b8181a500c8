package server_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"tarn/server"
	"tarn/server/access"
)

// mutated is how many requests are sent that somebody could have meant to be right.
const mutated = 3000

// Whatever is sent, the server neither breaks nor lets anybody in.
func TestMutatedRequests(t *testing.T) {
	set(t, server.BodyTime, 2*time.Second)
	h := newHost(t)
	u := h.user(t, access.Reader, "cloudtrail")
	nobody := user{h, u.id, "not the secret"}
	if status, body, _ := u.ask(t, "/sql", "SELECT 1"); status != http.StatusOK {
		t.Fatal(status, body)
	}
	http.DefaultClient.CloseIdleConnections()
	before := runtime.NumGoroutine()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	answers := map[int]int{}
	for i := range mutated {
		who := nobody
		if i%4 == 0 {
			who = u
		}
		text := mutate(random, requests(who)[random.IntN(len(requests(who)))])
		for _, a := range h.exchangeRaw(t, text) {
			if !a.right(who != nobody) {
				t.Fatalf("seed %d, request %d: %d %q for %q", seed, i, a.status, a.body, text)
			}
			answers[a.status]++
		}
	}
	if status, body, _ := u.ask(t, "/sql", "SELECT count(*) AS n FROM cloudtrail"); status != http.StatusOK || body != `{"n":3}`+"\n" {
		t.Errorf("afterwards %d %s", status, body)
	}
	http.DefaultClient.CloseIdleConnections()
	h.end() // it waits for connections that linger
	for tries := 0; runtime.NumGoroutine() > before; tries++ {
		if tries > 1_000_000 {
			t.Fatalf("%d goroutines; there were %d", runtime.NumGoroutine(), before)
		}
		runtime.Gosched()
	}
	if answers[http.StatusOK] == 0 || answers[http.StatusUnauthorized] == 0 || answers[http.StatusBadRequest] == 0 {
		t.Errorf("the requests are all alike: %v", answers)
	}
	if strings.Contains(h.log.String(), "cannot answer") || strings.Contains(h.log.String(), u.secret) {
		t.Error("the log has a fault of ours, or a secret")
	}
}

// answered is an answer as it came.
type answered struct {
	status int
	body   string
}

// right reports whether an answer may be: of 5xx only what the standard library says
// to other versions and encodings of HTTP, and to nobody a 200 but of health.
func (a answered) right(known bool) bool {
	switch a.status {
	case http.StatusOK:
		return known || a.body == "ok\n" || a.body == "ready\n" || a.body == "" // of HEAD
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return true
	}
	return a.status < 500
}

// requests are what mutations begin with.
func requests(u user) []string {
	const sql = "SELECT 1 AS n"
	length := "Content-Length: " + strconv.Itoa(len(sql))
	return []string{
		u.head("POST /sql", length, "Connection: close") + sql,
		u.head("GET /sql?q=SELECT+1&store=cloudtrail&format=csv", "Accept: */*", "Connection: close"),
		u.head("POST /sql", "Transfer-Encoding: chunked", "Connection: close") + "d\r\n" + sql + "\r\n0\r\n\r\n",
		u.head("POST /sql", "Expect: 100-continue", length) + sql,
		u.head("GET http://tarn/sql?q=SELECT+1", "Connection: close"),
		u.head("GET /readyz", "Connection: close") + u.head("GET /sql?q=SELECT+1"),
		u.head("POST /sql", length, "Transfer-Encoding: chunked") + "0\r\n\r\nGET /sql?q=SELECT+1 HTTP/1.1\r\n\r\n",
		"POST /sql HTTP/1.1\r\nHost: tarn\r\nX-Amz-Date: 20260102T030405Z\r\n" + length +
			"\r\nAuthorization: AWS4-HMAC-SHA256 Credential=" + u.id + "/20260102/us-east-1/cloudtrail/aws4_request, SignedHeaders=host;x-amz-date, Signature=" +
			strings.Repeat("0", 64) + "\r\n\r\n" + sql,
		"GET /sql HTTP/1.1\r\nHost: tarn\r\nAuthorization: Bearer tarn_" + u.id + "_" + u.secret + "\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
	}
}

// mutate changes a few places: bytes, lines twice or gone, and what parsers trip over.
func mutate(r *rand.Rand, text string) []byte {
	odd := []string{"\r\n", "\n", "\r", "\x00", " ", "\t", ":", ";", "%", "%00", "%2f", "//", "..", "\x80\xff", "ffffffffffffffff\r\n", "Host: x\r\n", "Content-Length: 5\r\n",
		"Content-Length: -1\r\n", "Transfer-Encoding: chunked\r\n", "Authorization: Basic Og==\r\n", "Authorization: Bearer \r\n", "&q=1", "?", "#", " HTTP/1.1\r\n", "Upgrade: h2c\r\n", strings.Repeat("a", 70<<10)}
	b := []byte(text)
	for range 1 + r.IntN(4) {
		at := r.IntN(len(b) + 1)
		end := min(len(b), at+r.IntN(20))
		switch r.IntN(6) {
		case 0:
			b = append(b[:at:at], b[end:]...)
		case 1:
			b = append(b[:at:at], append([]byte(odd[r.IntN(len(odd))]), b[at:]...)...)
		case 2:
			if at < len(b) {
				b[at] ^= byte(1 << r.IntN(8))
			}
		case 3:
			lines := bytes.SplitAfter(b, []byte("\n"))
			line := lines[r.IntN(len(lines))]
			b = append(b[:0:0], bytes.Replace(b, line, append(line[:len(line):len(line)], line...), 1)...)
		case 4:
			b = append(b[:at:at], append(bytes.Clone(b[at:end]), b[at:]...)...)
		case 5:
			b = b[:at]
		}
	}
	return b
}

// exchangeRaw sends bytes, says that no more come, and returns what is answered. What is not HTTP ends it, as in an answer to HEAD.
func (h *host) exchangeRaw(t *testing.T, text []byte) (all []answered) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = c.Write(text) // the server may have hung up by now
	_ = c.(*net.TCPConn).CloseWrite()
	in := bufio.NewReader(c)
	for {
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			return all
		}
		b, err := io.ReadAll(res.Body)
		all = append(all, answered{res.StatusCode, string(b)})
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return all
		}
	}
}
