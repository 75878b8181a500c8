package validatelogs

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"tarn/ingest/digest"
)

const (
	account  = "111122223333"
	region   = "eu-west-1"
	bucket   = "audit"
	trail    = "arn:aws:cloudtrail:" + region + ":" + account + ":trail/main"
	hours    = 30
	keyLimit = 2048
)

var begin = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

// key is where CloudTrail would put a file of that time.
func key(folder, name string, at time.Time, format string) string {
	return fmt.Sprintf("AWSLogs/%s/%s/%s/%s/%s_%s_%s_%s.json.gz", account, folder, region, at.Format("2006/01/02"),
		account, folder, name, at.Format(format))
}

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(text)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// store is an S3 server with a signed chain of some hours, a log file in each.
type store struct {
	*s3mem.Backend
	signer digest.Signer
	logs   []string
	chain  []string
}

func newStore(t *testing.T) *store {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, keyLimit)
	if err != nil {
		t.Fatal(err)
	}
	s := &store{Backend: s3mem.New(), signer: digest.Signer{Key: private}}
	if err := s.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	var last *digest.Sealed
	for hour := range hours {
		from := begin.Add(time.Duration(hour) * time.Hour)
		log := key("CloudTrail", region, from.Add(30*time.Minute), "20060102T1504Z_abcdefgh12345678")
		text := fmt.Appendf(nil, `{"Records":[{"eventID":"%d"}]}`, hour)
		s.put(t, log, text, nil)
		d := digest.Digest{Account: account, Start: from, End: from.Add(time.Hour), Bucket: bucket,
			Object: key("CloudTrail-Digest", region+"_main_"+region, from.Add(time.Hour), "20060102T150405Z"),
			Logs:   []digest.Log{digest.NewLog(bucket, log, text)}}
		if last, err = s.signer.Seal(d, last); err != nil {
			t.Fatal(err)
		}
		s.put(t, d.Object, last.Text, map[string]string{"X-Amz-Meta-Signature": last.Signature, "X-Amz-Meta-Signature-Algorithm": "SHA256withRSA"})
		s.logs, s.chain = append(s.logs, log), append(s.chain, d.Object)
	}
	return s
}

func (s *store) put(t *testing.T, key string, text []byte, meta map[string]string) {
	t.Helper()
	body := zipped(t, text)
	if meta == nil {
		meta = map[string]string{}
	}
	if _, err := s.PutObject(bucket, key, meta, bytes.NewReader(body), int64(len(body)), nil); err != nil {
		t.Fatal(err)
	}
}

// cloudTrail answers what validate-logs asks of CloudTrail.
func (s *store) cloudTrail(w http.ResponseWriter, r *http.Request) {
	operation := r.Header.Get("X-Amz-Target")
	var answer any
	switch operation[strings.LastIndexByte(operation, '.')+1:] {
	case "DescribeTrails":
		answer = map[string]any{"trailList": []any{map[string]any{"Name": "main", "TrailARN": trail, "S3BucketName": bucket, "HomeRegion": region}}}
	case "ListPublicKeys":
		answer = map[string]any{"PublicKeyList": []any{map[string]any{"Value": x509.MarshalPKCS1PublicKey(&s.signer.Key.PublicKey),
			"Fingerprint": s.signer.Fingerprint(), "ValidityStartTime": begin.AddDate(0, -1, 0).Unix(), "ValidityEndTime": begin.AddDate(0, 1, 0).Unix()}}}
	default:
		http.Error(w, "unexpected "+operation, http.StatusNotImplemented)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(answer) // the client has gone
}

// lowerCase writes the names of metadata as S3 does, which the client relies on.
func lowerCase(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(lowered{w}, r) })
}

type lowered struct{ http.ResponseWriter }

func (l lowered) Write(b []byte) (int, error) {
	l.lower()
	return l.ResponseWriter.Write(b)
}

func (l lowered) WriteHeader(status int) {
	l.lower()
	l.ResponseWriter.WriteHeader(status)
}

func (l lowered) lower() {
	h := l.Header()
	for name, values := range h {
		if strings.HasPrefix(name, "X-Amz-Meta-") {
			delete(h, name)
			h[strings.ToLower(name)] = values
		}
	}
}

// validate runs aws cloudtrail validate-logs.
func (s *store) validate(t *testing.T) string {
	t.Helper()
	aws, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("there is no aws on the PATH: pip install awscli")
	}
	objects := httptest.NewServer(lowerCase(gofakes3.New(s.Backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()))
	defer objects.Close()
	service := httptest.NewServer(http.HandlerFunc(s.cloudTrail))
	defer service.Close()
	cmd := exec.CommandContext(t.Context(), aws, "cloudtrail", "validate-logs", "--trail-arn", trail, "--verbose", "--region", region,
		"--start-time", begin.Format(time.RFC3339), "--end-time", begin.Add((hours+1)*time.Hour).Format(time.RFC3339))
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_ENDPOINT_URL_S3="+objects.URL,
		"AWS_ENDPOINT_URL_CLOUDTRAIL="+service.URL, "AWS_EC2_METADATA_DISABLED=true")
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out)
}

func TestUnmodifiedClientValidatesOurChain(t *testing.T) {
	s := newStore(t)
	out := s.validate(t)
	for _, want := range []string{fmt.Sprintf("%d/%d digest files valid", hours, hours), fmt.Sprintf("%d/%d log files valid", hours, hours)} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	// And it finds what we would find.
	s.put(t, s.logs[3], []byte("changed"), nil)
	if out := s.validate(t); !strings.Contains(out, s.logs[3]+"\tINVALID") {
		t.Errorf("a changed log file:\n%s", out)
	}
	book, err := digest.Check(s.objects(), digest.Options{Keys: digest.Keys{s.signer.Fingerprint(): &s.signer.Key.PublicKey}})
	if err != nil || book.Valid != hours-1 || book.Unsigned != 1 || len(book.Findings) > 0 {
		t.Errorf("we find %+v, %v", book, err)
	}
}

// objects are the digests as a copy of the bucket has them.
func (s *store) objects() (all []digest.Object) {
	for _, key := range s.chain {
		all = append(all, digest.Object{Key: key, Open: func() (io.ReadCloser, string, error) {
			o, err := s.GetObject(bucket, key, nil)
			if err != nil {
				return nil, "", err
			}
			return o.Contents, "", nil
		}})
	}
	return all
}
