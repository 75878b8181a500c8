package sigv4_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"

	"tarn/server/sigv4"
)

const (
	accessKey = "TARNEXAMPLEKEY000001"
	secret    = "example/secret+of/the-tests+and/no+other"
)

var signedAt = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// request is one as it reaches a server, signed by AWS's own code.
func request(t testing.TB, method, url, body string, header http.Header) *http.Request {
	t.Helper()
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	maps.Copy(r.Header, header)
	hash := sha256.Sum256([]byte(body))
	err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret},
		r, hex.EncodeToString(hash[:]), "cloudtrail", "eu-central-1", signedAt)
	if err != nil {
		t.Fatal(err)
	}
	r.RequestURI = ""
	return r
}

// usual is a call as the SDKs make it.
func usual(t testing.TB) *http.Request {
	return request(t, "POST", "http://127.0.0.1:4317/", `{"MaxResults":10}`, http.Header{
		"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"CloudTrail_20131101.ListEventDataStores"},
	})
}

// check is what a server does.
func check(r *http.Request, secret string, now time.Time) error {
	s, err := sigv4.Parse(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return s.Check(r, sigv4.HashOf(body), secret, now)
}

// What is signed here has the signature that AWS's own code gives it.
func TestSignIsAsAWSSigns(t *testing.T) {
	for _, url := range []string{"http://127.0.0.1:4317/v1/commands", "https://lake.example.com/v1/commands", "http://[::1]:4317/a%20b?c=d&a=%2F"} {
		for _, hash := range []string{sigv4.Unsigned, sigv4.HashOf(nil)} {
			ours, theirs := httptest.NewRequest(http.MethodPost, url, nil), httptest.NewRequest(http.MethodPost, url, nil)
			sigv4.Sign(ours, hash, accessKey, secret, "us-east-1", "tarn", signedAt)
			theirs.Header.Set("X-Amz-Content-Sha256", hash)
			err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret}, theirs, hash, "tarn", "us-east-1", signedAt)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(theirs.Header, ours.Header); d != "" {
				t.Errorf("%s: -AWS +ours\n%s", url, d)
			}
		}
	}
}

func TestRequestsSignedByAWSAreLetIn(t *testing.T) {
	tests := []struct{ name, method, url, body string }{
		{"a call", "POST", "http://127.0.0.1:4317/", "{}"},
		{"no body", "GET", "http://[::1]:80/healthz", ""},
		{"parameters", "POST", "http://h/PutAuditEvents?channelArn=arn%3Aaws%3Acloudtrail%3Aus-east-1%3A1%3Achannel%2Fa-b&externalId=x%20y%2Bz", "{}"},
		{"parameters out of order, twice and empty", "GET", "http://h/sql?b=2&a=2&a=1&c&d=", ""},
		{"a path with what has to be encoded", "POST", "http://h/v1/stores/arn:aws:x%2Fy%20z/events", "{}\n{}"},
		{"signs in the query", "GET", "http://h/sql?q=a~b-c_d.e!f*g(h)'", ""},
		{"not ASCII", "POST", "http://h/%C3%A4?%C3%B6=%C3%BC", "ä"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request(t, tt.method, tt.url, tt.body, http.Header{"X-Amz-Note": {"  two   spaces ", "twice"}})
			s, err := sigv4.Parse(r)
			if err != nil || s.AccessKey != accessKey || s.Region != "eu-central-1" || s.Service != "cloudtrail" {
				t.Fatalf("%+v, %v", s, err)
			}
			if err := check(r, secret, signedAt.Add(14*time.Minute)); err != nil {
				t.Error(err)
			}
			if err := check(r, secret+"x", signedAt); codeOf(err) != "InvalidSignatureException" {
				t.Errorf("with another secret: %v", err)
			}
		})
	}
}

func codeOf(err error) string {
	var e *sigv4.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Whatever says what is asked cannot be changed, left out or added.
func TestWhatWasChangedOnTheWayIsRefused(t *testing.T) {
	authorization := func(old, new string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
		}
	}
	tests := []struct {
		name   string
		change func(*http.Request)
		want   string
	}{
		{"the operation", func(r *http.Request) { r.Header.Set("X-Amz-Target", "CloudTrail_20131101.DeleteEventDataStore") }, "InvalidSignatureException"},
		{"the body", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"MaxResults":11}`)) }, "InvalidSignatureException"},
		{"the method", func(r *http.Request) { r.Method = "GET" }, "InvalidSignatureException"},
		{"the path", func(r *http.Request) { r.URL.Path = "/sql" }, "InvalidSignatureException"},
		{"a parameter", func(r *http.Request) { r.URL.RawQuery = "a=b" }, "InvalidSignatureException"},
		{"the host", func(r *http.Request) { r.Host = "example.com" }, "InvalidSignatureException"},
		{"a header that is new", func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "t") }, "IncompleteSignatureException"},
		{"a header that is there twice", func(r *http.Request) { r.Header.Add("X-Amz-Target", "x") }, "InvalidSignatureException"},
		{"the hash of the body", func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") }, "IncompleteSignatureException"},
		{"a header that is not signed any more", authorization(";x-amz-target", ""), "IncompleteSignatureException"},
		{"the host not signed", authorization("host;", ""), "IncompleteSignatureException"},
		{"the region", authorization("eu-central-1", "us-east-1"), "InvalidSignatureException"},
		{"the service", authorization("/cloudtrail/", "/s3/"), "InvalidSignatureException"},
		{"the day", authorization("20260102", "20260103"), "InvalidSignatureException"},
		{"the time", func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260102T030406Z") }, "InvalidSignatureException"},
		{"two times", func(r *http.Request) { r.Header.Add("X-Amz-Date", "20260102T030405Z") }, "IncompleteSignatureException"},
		{"no time", func(r *http.Request) { r.Header.Del("X-Amz-Date") }, "IncompleteSignatureException"},
		{"no signature", func(r *http.Request) { r.Header.Del("Authorization") }, "MissingAuthenticationTokenException"},
		{"two signatures", func(r *http.Request) { r.Header.Add("Authorization", "x") }, "IncompleteSignatureException"},
		{"another algorithm", authorization("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), "IncompleteSignatureException"},
		{"no key", authorization(accessKey, ""), "IncompleteSignatureException"},
		{"a signature in the URL", func(r *http.Request) {
			r.Header.Del("Authorization")
			r.URL.RawQuery = "X-Amz-Signature=00"
		}, "IncompleteSignatureException"},
		{"nothing", func(*http.Request) {}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := usual(t)
			tt.change(r)
			err := check(r, secret, signedAt)
			if codeOf(err) != tt.want {
				t.Errorf("got %v; want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("tells the secret: %v", err)
			}
		})
	}
}

func TestSignaturesAge(t *testing.T) {
	for _, away := range []time.Duration{-sigv4.Skew - time.Second, sigv4.Skew + time.Second, 365 * 24 * time.Hour} {
		if err := check(usual(t), secret, signedAt.Add(away)); codeOf(err) != "InvalidSignatureException" {
			t.Errorf("%s later: %v", away, err)
		}
	}
}

// A server of the standard library sees the same request that the client signed.
func TestThroughARealServer(t *testing.T) {
	got := make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- check(r, secret, signedAt) }))
	defer srv.Close()
	body := `{"QueryStatement":"SELECT 'ä'"}`
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/a%2Fb/c?d=e%20f", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(body))
	r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(hash[:]))
	err = v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret},
		r, hex.EncodeToString(hash[:]), "cloudtrail", "us-east-1", signedAt)
	if err != nil {
		t.Fatal(err)
	}
	res, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := <-got; err != nil {
		t.Error(err)
	}
}

// No header is a way in, and none brings the server down.
func FuzzAuthorization(f *testing.F) {
	good := usual(f).Header.Get("Authorization")
	f.Add(good, "/", "")
	f.Add("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=, Signature=", "//", "a=%zz&b")
	f.Fuzz(func(t *testing.T, header, path, query string) {
		r := usual(t)
		r.Header.Set("Authorization", header)
		r.URL.Path, r.URL.RawQuery = path, query
		if err := check(r, secret, signedAt); err == nil && !strings.Contains(header, good[len(good)-64:]) {
			t.Errorf("%q is let in", header)
		}
	})
}
