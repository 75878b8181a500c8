package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
)

// sender puts events in over the network while the server lives, and notes which were
// acknowledged, by event data store.
type sender struct {
	client      *http.Client
	url, id     string
	secret      string
	channel     string
	life        int
	mu          sync.Mutex
	acked       map[string]map[string]bool
	acks, again int
}

// name is that of an event of a life. Every fifth was sent by the life before too.
func (s *sender) name(writer, i int) string {
	if life := s.life; i%5 == 4 && life > 0 {
		return fmt.Sprintf("%d-%d-%d", life-1, writer, i)
	}
	return fmt.Sprintf("%d-%d-%d", s.life, writer, i)
}

func (s *sender) ack(store, id, outcome string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acked[store][id] = true
	s.acks++
	if outcome == "duplicate" {
		s.again++
	}
}

// post sends a body.
func (s *sender) post(ctx context.Context, path string, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, body)
	if err != nil {
		return nil, err
	}
	r.SetBasicAuth(s.id, s.secret)
	return s.client.Do(r)
}

// audits calls PutAuditEvents until the server is gone.
func (s *sender) audits(t *testing.T, writer int) {
	for i := 0; ; {
		var events []string
		for range 1 + rand.IntN(30) {
			data := fmt.Sprintf(`{"version":"1","userIdentity":{"type":"Clerk","principalId":"ida"},"eventSource":"shop","eventName":"Refund","eventTime":"2026-01-02T03:04:05Z","UID":%q,"recipientAccountId":"111122223333"}`, s.name(writer, i))
			text, _ := json.Marshal(data) // of a text
			events = append(events, fmt.Sprintf(`{"id":"e%d","eventData":%s}`, i, text))
			i++
		}
		res, err := s.post(t.Context(), "/PutAuditEvents?channelArn="+s.channel, strings.NewReader(`{"auditEvents":[`+strings.Join(events, ",")+"]}"))
		if err != nil {
			return
		}
		var out struct{ Successful []struct{ EventID string } }
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			return
		}
		if err := json.Unmarshal(text, &out); err != nil || res.StatusCode != 200 || len(out.Successful) != len(events) {
			t.Errorf("PutAuditEvents: %d %s", res.StatusCode, text)
			return
		}
		for _, e := range out.Successful {
			s.ack("shop", e.EventID, "")
		}
	}
}

// stream sends a stream until the server is gone.
func (s *sender) stream(t *testing.T, writer int) {
	body, to := io.Pipe()
	defer body.Close()
	go func() {
		for i := 0; ; {
			var lines strings.Builder
			for range 1 + rand.IntN(30) {
				fmt.Fprintf(&lines, `{"eventID":"%s","eventTime":"2026-01-02T03:04:05Z","eventName":"GetUser"}`+"\n", s.name(writer, i))
				i++
			}
			if _, err := io.WriteString(to, lines.String()); err != nil {
				return
			}
		}
	}()
	res, err := s.post(t.Context(), "/v1/stores/cloudtrail/events", body)
	if err != nil {
		return
	}
	defer res.Body.Close()
	in := bufio.NewReader(res.Body)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return // half a line acknowledges nothing
		}
		var r struct{ Outcome, EventID string }
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.Outcome != "stored" && r.Outcome != "duplicate" {
			t.Errorf("receipt %s: %v", line, err)
			return
		}
		s.ack("cloudtrail", r.EventID, r.Outcome)
	}
}

// address waits until the server listens, and returns where.
func (s *running) address() string {
	s.t.Helper()
	s.logged(`"message":"answering over HTTP"`)
	_, text, _ := strings.Cut(s.log.String(), `"address":"`)
	text, _, _ = strings.Cut(text, `"`)
	return text
}

// live starts a server, sends to it from four clients, and kills it.
func (s *sender) live(t *testing.T, p program, dir string, long time.Duration) {
	t.Helper()
	served := p.serve(t, dir, "--listen", "127.0.0.1:0")
	s.url = "http://" + served.address()
	s.client = &http.Client{Transport: &http.Transport{}}
	defer s.client.CloseIdleConnections()
	if s.channel == "" {
		s.makeChannel(t)
	}
	var all sync.WaitGroup
	for i := range 2 {
		all.Go(func() { s.audits(t, i) })
		all.Go(func() { s.stream(t, i) })
	}
	kill := time.AfterFunc(long, func() { _ = served.cmd.Process.Kill() })
	defer kill.Stop()
	served.ends(syscall.Signal(0)) // it is waited for
	all.Wait()
	s.life++
}

// makeChannel makes the channel into the store shop.
func (s *sender) makeChannel(t *testing.T) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/",
		strings.NewReader(`{"Name":"shop","Source":"Custom","Destinations":[{"Type":"EVENT_DATA_STORE","Location":"shop"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(s.id, s.secret)
	r.Header.Set("X-Amz-Target", "CloudTrail_20131101.CreateChannel")
	res, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var made struct{ ChannelArn string }
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || made.ChannelArn == "" {
		t.Fatal(res.Status, err)
	}
	s.channel = made.ChannelArn
}

// check opens the lake, and looks for what was acknowledged.
func (s *sender) check(t *testing.T, p laketest.Place, whole bool) {
	t.Helper()
	l, err := lake.Open(p.Dir, p.Options())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Flush(), l.Close()); err != nil {
		t.Fatal(err)
	}
	if l, err = lake.View(p.Dir, lake.Options{}); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	snap := l.Snapshot()
	defer snap.Release()
	for store, acked := range s.acked {
		st, err := l.Store(store)
		if err != nil {
			t.Fatal(err)
		}
		there := map[string]bool{}
		for _, raw := range laketest.Texts(t, snap, st, false) {
			var e struct{ EventID string }
			if err := json.Unmarshal([]byte(raw), &e); err != nil || there[e.EventID] {
				t.Fatalf("is there twice, or no event: %s %v", raw, err)
			}
			there[e.EventID] = true
		}
		for id := range acked {
			if !there[id] {
				t.Errorf("was acknowledged, and is not in %s: %s", store, id)
			}
		}
		if n := len(laketest.Texts(t, snap, st, true)); n > 0 {
			t.Errorf("%s has %d conflicts", store, n)
		}
	}
	if whole {
		p.Sound(t)
	}
}

// A server may be killed at any moment while events come through PutAuditEvents and in
// streams: what it acknowledged is there, once.
func TestKilledServersKeepWhatTheyAcknowledged(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	p.run(t, "store", "create", "cloudtrail", "--lake", dir)
	p.run(t, "store", "create", "shop", "--family", "activity", "--lake", dir)
	var key struct{ AccessKeyID, SecretAccessKey string }
	out := p.run(t, "access", "create", "app", "--role", "admin", "--format", "ndjson", "--lake", dir)
	if err := json.Unmarshal([]byte(out[strings.IndexByte(out, '{'):]), &key); err != nil {
		t.Fatal(out, err)
	}
	s := &sender{id: key.AccessKeyID, secret: key.SecretAccessKey, acked: map[string]map[string]bool{"cloudtrail": {}, "shop": {}}}
	kills := number(t, "TARN_KILLS", 5)
	for s.life < kills {
		s.live(t, p, dir, time.Duration(rand.IntN(600))*time.Millisecond)
		s.check(t, p.place(t, dir), s.life%10 == 0 || s.life == kills)
		if t.Failed() {
			t.Fatalf("after kill %d", s.life)
		}
	}
	t.Logf("%d kills, %d acknowledged (%d receipts of duplicates): %d events of streams, %d of PutAuditEvents",
		s.life, s.acks, s.again, len(s.acked["cloudtrail"]), len(s.acked["shop"]))
}
