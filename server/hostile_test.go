package server_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tarn/server"
	"tarn/server/access"
)

// set gives a bound another value for a test.
func set[T any](t *testing.T, bound *T, value T) {
	was := *bound
	*bound = value
	t.Cleanup(func() { *bound = was })
}

// dial sends bytes as they are.
func (h *host) dial(t *testing.T, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

// head is the head of a request of somebody.
func (u user) head(line string, headers ...string) string {
	proof := base64.StdEncoding.EncodeToString([]byte(u.id + ":" + u.secret))
	return line + " HTTP/1.1\r\nHost: tarn\r\nAuthorization: Basic " + proof + "\r\n" + strings.Join(append(headers, "", ""), "\r\n")
}

// manyRows is an answer of more than buffers hold.
const manyRows = "SELECT n, rpad('x', 5000, 'x') AS text FROM UNNEST(sequence(1, 9000)) AS t(n), UNNEST(sequence(1, 9)) AS u(m)"

// A page of another site has the browser send a password that it remembers.
func TestPagesOfOtherSitesAreRefused(t *testing.T) {
	u := newHost(t).user(t, access.Reader)
	for header, want := range map[string]int{
		"Sec-Fetch-Site: cross-site": 403, "Sec-Fetch-Site: same-site": 403, "Origin: https://evil.example": 403, "Origin: null": 403,
		"Sec-Fetch-Site: none": 200, "Sec-Fetch-Site: same-origin": 200, "Origin: " + u.url: 200,
	} {
		if status, body, res := u.ask(t, "/sql?q=SELECT+1", "", header); status != want || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %s %v", header, status, body, res.Header)
		}
	}
}

// A parameter that is left out because it is not understood widens what is read.
func TestParametersAreUnderstoodOrRefused(t *testing.T) {
	u := newHost(t).user(t, access.Reader)
	for _, query := range []string{"store=cloud%zz", "store=cloudtrail;x", "stores=cloudtrail", "store=cloudtrail&store=secret", "store="} {
		if status, body, _ := u.ask(t, "/sql?"+query, "SELECT count(*) FROM secret"); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
}

// The size of the log tells whoever sees one store that others are written to.
func TestReaderOfOneStoreSeesNoLog(t *testing.T) {
	h := newHost(t)
	_, _, of := h.user(t, access.Reader, "cloudtrail").ask(t, "/sql", "SELECT 1")
	_, _, all := h.user(t, access.Reader).ask(t, "/sql", "SELECT 1")
	if got, want := of.Header.Get("Tarn-Log-Size"), all.Header.Get("Tarn-Log-Size"); got != "" || want == "" {
		t.Errorf("the log's size is %q, and %q for who sees all", got, want)
	}
}

// A fault of ours costs one request, and stands in the log.
func TestPanicIsLogged(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader)
	h.end()
	h.serve(t, &server.Server{Lake: h.lake, Access: h.access, Audit: h.audit, Log: zerolog.New(h.log).Level(zerolog.InfoLevel)}) // no engine
	status, body, _ := u.ask(t, "/sql", "SELECT 1")
	if text := h.log.String(); status != 500 || !strings.Contains(body, "InternalFailure") || strings.Contains(body, "goroutine") ||
		!strings.Contains(text, "panic: ") || !strings.Contains(text, `"status":500`) {
		t.Errorf("%d %s; log: %s", status, body, text)
	}
}

// Who sends no body has no more time than who does, proven or not.
func TestBodyThatDoesNotComeEndsTheRequest(t *testing.T) {
	set(t, server.BodyTime, 100*time.Millisecond)
	h := newHost(t)
	for _, u := range []user{{h, "", ""}, h.user(t, access.Reader)} {
		for _, line := range []string{"POST /sql", "GET /healthz"} {
			c := h.dial(t, u.head(line, "Content-Length: 1000"))
			if _, err := io.ReadAll(c); err != nil { // it ends when the server hangs up
				t.Error(err)
			}
		}
	}
}

// Who does not take their answer does not keep a worker from others.
func TestReaderWhoStopsReadingIsLeft(t *testing.T) {
	set(t, server.SlowTime, 300*time.Millisecond)
	h := newHost(t)
	u := h.user(t, access.Reader)
	c := h.dial(t, u.head("POST /sql", fmt.Sprintf("Content-Length: %d", len(manyRows)))+manyRows)
	for line := range h.log.news {
		if strings.Contains(line, `"path":"/sql"`) {
			break
		}
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if n, err := io.Copy(io.Discard, res.Body); err == nil {
		t.Errorf("%d bytes end as if they were all", n)
	}
}

// An answer that the end of the server cuts off does not look like one without rows,
// and nothing runs on.
func TestEndCutsAnswersOff(t *testing.T) {
	set(t, server.EndTime, 100*time.Millisecond)
	h := newHost(t)
	u := h.user(t, access.Reader)
	long := "SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a(x), UNNEST(sequence(1, 10000)) AS b(y), UNNEST(sequence(1, 10000)) AS c(z) WHERE x * y % 7 = z"
	c := h.dial(t, u.head("POST /sql", "Expect: 100-continue", fmt.Sprintf("Content-Length: %d", len(long))))
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		t.Fatal(line, err) // from here on it runs
	}
	if _, err := io.WriteString(c, long); err != nil {
		t.Fatal(err)
	}
	h.end()
	if b, _ := io.ReadAll(c); strings.Contains(string(b), " 200 ") {
		t.Errorf("answered %q", b)
	}
	if !strings.Contains(h.log.String(), `"path":"/sql"`) {
		t.Error("the request goes on behind the end")
	}
}

// The lake needs files too.
func TestConnectionsAreBounded(t *testing.T) {
	set(t, server.Connections, 4)
	h := newHost(t)
	for range 4 {
		c := h.dial(t, "GET /healthz HTTP/1.1\r\nHost: tarn\r\n\r\n")
		if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
			t.Fatal(line, err)
		}
	}
	if b, _ := io.ReadAll(h.dial(t, "")); len(b) > 0 {
		t.Errorf("the fifth is answered %q", b)
	}
}

// Trailers and cut-off are the same over TLS, for clients of HTTP/2 and of HTTP/1.1.
func TestTLS(t *testing.T) {
	made := httptest.NewUnstartedServer(nil)
	made.StartTLS() // for its certificate
	defer made.Close()
	h := newHost(t)
	u := h.user(t, access.Reader)
	h.end()
	l, err := server.Listen("127.0.0.1:0", &tls.Config{Certificates: made.TLS.Certificates, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	h.serveAt(t, &server.Server{Lake: h.lake, Engine: h.engine, Access: h.access, Audit: h.audit, Log: zerolog.New(h.log)}, l)
	for _, two := range []bool{true, false} {
		transport := made.Client().Transport.(*http.Transport).Clone()
		transport.ForceAttemptHTTP2 = two
		if !two {
			transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
			transport.TLSClientConfig.NextProtos = nil
		}
		askTLS(t, u, &http.Client{Transport: transport}, "https://"+l.Addr().String(), two)
		transport.CloseIdleConnections()
	}
}

func askTLS(t *testing.T, u user, client *http.Client, url string, two bool) {
	t.Helper()
	for _, tt := range []struct {
		sql   string
		known bool
		want  int
		whole bool
	}{
		{"SELECT 1 AS n", true, 200, true}, {"SELECT 1 AS n", false, 401, true}, {manyRows, true, 200, true},
		{strings.Replace(manyRows, "n,", "CASE WHEN n * m > 70000 THEN CAST('x' || CAST(n AS varchar) AS integer) END AS broken,", 1), true, 200, false},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/sql", strings.NewReader(tt.sql))
		if err != nil {
			t.Fatal(err)
		}
		if tt.known {
			r.SetBasicAuth(u.id, u.secret)
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode != tt.want || (res.ProtoMajor == 2) != two || (err == nil) != tt.whole ||
			(res.Trailer.Get("Tarn-Rows") != "") != (tt.whole && tt.want == 200) {
			t.Errorf("%.50s: %s %s, %d bytes, %v, %v", tt.sql, res.Proto, res.Status, n, err, res.Trailer)
		}
	}
}
