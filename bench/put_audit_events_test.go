package bench_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// auditBatch is how many audit events a call has.
const auditBatch = 100

// BenchmarkPutAuditEvents puts audit events of 700 bytes from 32 clients on loopback, in
// batches of 100 that are signed as AWS's SDKs do, into the real program. It tells how
// long answers took, and how much of the processors the clients and the server each
// had: they share the machine. Give it some 500,000 events: -benchtime 500000x.
func BenchmarkPutAuditEvents(b *testing.B) {
	h := startHost(b)
	for _, how := range []putting{{auditBatch, 0}, {auditBatch, 25_000}} {
		b.Run(how.String(), func(b *testing.B) { auditAll(b, h, how) })
	}
}

func auditAll(b *testing.B, h *auditHost, how putting) {
	arn := h.channel(b)
	times := make([][]time.Duration, putters)
	var clients sync.WaitGroup
	per := b.N/putters/auditBatch + 1
	before, servers := usage(b), h.used(b)
	b.ResetTimer()
	start := time.Now()
	apart := how.due(start, 1).Sub(start) / putters // clients do not all come at once
	for c := range putters {
		clients.Go(func() {
			for n := range per {
				body := auditBody(arn, c, n)
				t := time.Now()
				if due := how.due(start, n).Add(time.Duration(c) * apart); how.rate > 0 { // later than it was due counts against us
					time.Sleep(due.Sub(t))
					t = due
				}
				answer, err := h.post(b.Context(), "/PutAuditEvents?channelArn="+arn, body)
				if err != nil || bytes.Count(answer, []byte(`"eventID"`)) != auditBatch {
					b.Errorf("%v: %.300s", err, answer)
					return
				}
				times[c] = append(times[c], time.Since(t))
			}
		})
	}
	clients.Wait()
	took := time.Since(start)
	b.StopTimer()
	all := slices.Concat(times...)
	slices.Sort(all)
	if len(all) == 0 {
		b.Fatal("nothing was answered")
	}
	b.ReportMetric(float64(len(all)*auditBatch)/took.Seconds(), "events/s")
	b.ReportMetric(all[len(all)/2].Seconds()*1e3, "ms-p50")
	b.ReportMetric(all[len(all)*99/100].Seconds()*1e3, "ms-p99")
	b.ReportMetric(all[len(all)-1].Seconds()*1e3, "ms-max")
	b.ReportMetric((usage(b)-before).Seconds()/took.Seconds(), "processors-clients")
	b.ReportMetric((h.used(b)-servers).Seconds()/took.Seconds(), "processors-server")
}

// auditBody is the n-th body of a client, for a channel that has not had it.
func auditBody(arn string, client, n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"auditEvents":[`)
	for i := range auditBatch {
		if i > 0 {
			b.WriteByte(',')
		}
		at := time.Now().UTC().Format(time.RFC3339)
		data, _ := json.Marshal(fmt.Sprintf(`{"version":"1.0","userIdentity":{"type":"Clerk","principalId":"ida-%d","details":{"desk":%d,"shop":"Hamburg Altona"}},`+
			`"userAgent":"till/4.2 (linux; terminal 17)","eventSource":"shop.example.org","eventName":"Refund","eventTime":"%s","UID":"%s-%d-%d-%d",`+
			`"requestParameters":{"order":"%d","reason":"does not fit","items":[{"sku":"4711-0815","count":1,"price":"19.99"},{"sku":"4711-0816","count":2,"price":"9.99"}]},`+
			`"responseElements":{"refund":"r-%d","state":"accepted"},"sourceIPAddress":"198.51.100.%d","recipientAccountId":"000000000000"}`,
			client, i%9, at, arn[len(arn)-12:], client, n, i, n*auditBatch+i, i, i%250)) // a text has no error
		fmt.Fprintf(&b, `{"id":"e%d","eventData":%s}`, i, data)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

// auditHost is a running tarn serve.
type auditHost struct {
	url, lake  string
	pid        int
	env        []string
	credential aws.Credentials
	client     *http.Client
}

// startHost builds the program and starts it over a new lake with an event data store,
// activity.
func startHost(b *testing.B) *auditHost {
	b.Helper()
	dir := b.TempDir()
	program := filepath.Join(dir, "program")
	build := exec.Command("go", "build", "-o", program, "tarn/cmd/tarn")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	h := &auditHost{lake: filepath.Join(dir, "lake"), env: append(os.Environ(), "XDG_CONFIG_HOME="+dir),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: putters}}}
	run := func(args ...string) []byte {
		c := exec.Command(program, append(args, "--lake", h.lake)...)
		c.Env, c.Stderr = h.env, os.Stderr
		out, err := c.Output()
		if err != nil {
			b.Fatal(args, err)
		}
		return out
	}
	run("store", "create", "activity", "--family", "activity")
	var key struct{ AccessKeyID, SecretAccessKey string }
	if err := json.Unmarshal(run("access", "create", "admin", "--role", "admin", "--format", "ndjson"), &key); err != nil {
		b.Fatal(err)
	}
	h.credential = aws.Credentials{AccessKeyID: key.AccessKeyID, SecretAccessKey: key.SecretAccessKey}
	h.start(b, exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--lake", h.lake))
	return h
}

// start starts the server, and ends it with the benchmark.
func (h *auditHost) start(b *testing.B, c *exec.Cmd) {
	b.Helper()
	c.Env = h.env
	log, err := c.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	h.pid = c.Process.Pid
	lines := bufio.NewScanner(log)
	for h.url == "" && lines.Scan() {
		var line struct{ Message, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Address != "" {
			h.url = "http://" + line.Address
		}
	}
	drained := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, log)
		drained <- err
	}()
	b.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		<-drained
		if err := c.Wait(); err != nil {
			b.Errorf("tarn serve: %v", err)
		}
	})
}

// channel makes a channel into the store.
func (h *auditHost) channel(b *testing.B) string {
	b.Helper()
	answer, err := h.post(b.Context(), "/", fmt.Appendf(nil, `{"Name":"shop-%d","Source":"Custom","Destinations":[{"Type":"EVENT_DATA_STORE","Location":"activity"}]}`, time.Now().UnixNano()),
		"X-Amz-Target", "CloudTrail_20131101.CreateChannel")
	var out struct{ ChannelArn string }
	if err == nil {
		err = json.Unmarshal(answer, &out)
	}
	if err != nil || out.ChannelArn == "" {
		b.Fatalf("%v: %s", err, answer)
	}
	return out.ChannelArn
}

// post sends a body with a signature and returns the answer.
func (h *auditHost) post(ctx context.Context, path string, body []byte, header ...string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, h.credential, r, hex.EncodeToString(sum[:]), "cloudtrail-data", "us-east-1", time.Now()); err != nil {
		return nil, err
	}
	res, err := h.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}

// usage is how much of the processors this process had.
func usage(b *testing.B) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// used is how much of the processors the server had, where the system tells; else
// nothing.
func (h *auditHost) used(b *testing.B) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", h.pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	var ticks [2]int64
	for i := range ticks {
		if _, err := fmt.Sscan(string(fields[11+i]), &ticks[i]); err != nil {
			b.Fatal(err)
		}
	}
	return time.Duration(ticks[0]+ticks[1]) * 10 * time.Millisecond
}
