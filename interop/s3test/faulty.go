package s3test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// Fault says what goes wrong with a request: a status that is answered instead, or
// the byte of the body behind which the connection is reset. The zero Fault lets it pass.
type Fault struct {
	Status int
	Code   string // S3's name of the error
	Reset  int64
	// Stall has the answer say nothing more behind that byte, until the client hangs up.
	Stall int64
}

// Faulty stands between a client and the server until the test ends, and does to each
// request what fault says. It returns the address to be asked.
func (s *Server) Faulty(t testing.TB, fault func(*http.Request) Fault) string {
	t.Helper()
	to, err := url.Parse(s.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // it is signed
	}}
	stands := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := fault(r)
		switch {
		case f.Status != 0:
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(f.Status)
			_, _ = w.Write([]byte("<Error><Code>" + f.Code + "</Code><Message>as the test says</Message></Error>"))
		case f.Stall > 0:
			proxy.ServeHTTP(&stalling{ResponseWriter: w, left: f.Stall, gone: r.Context().Done()}, r)
		case f.Reset > 0:
			proxy.ServeHTTP(&breaking{ResponseWriter: w, left: f.Reset}, r)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(stands.Close)
	return stands.URL
}

// breaking is an answer that ends in a reset connection.
type breaking struct {
	http.ResponseWriter
	left int64
}

func (b *breaking) Write(p []byte) (int, error) {
	n, err := b.ResponseWriter.Write(p[:min(int64(len(p)), b.left)])
	if b.left -= int64(n); b.left > 0 || err != nil {
		return n, err
	}
	_ = http.NewResponseController(b.ResponseWriter).Flush()
	if conn, _, err := http.NewResponseController(b.ResponseWriter).Hijack(); err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		conn.Close()
	}
	return n, http.ErrAbortHandler
}

// Unwrap lets the proxy flush.
func (b *breaking) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// stalling is an answer that stops in the middle.
type stalling struct {
	http.ResponseWriter
	left int64
	gone <-chan struct{}
}

func (s *stalling) Write(p []byte) (int, error) {
	n, err := s.ResponseWriter.Write(p[:min(int64(len(p)), s.left)])
	if s.left -= int64(n); s.left > 0 || err != nil {
		return n, err
	}
	_ = http.NewResponseController(s.ResponseWriter).Flush()
	<-s.gone
	return n, http.ErrAbortHandler
}

// Unwrap lets the proxy flush.
func (s *stalling) Unwrap() http.ResponseWriter { return s.ResponseWriter }
