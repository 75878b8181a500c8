package server_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"tarn/server"
	"tarn/server/access"
	"tarn/server/sigv4"
)

// anyAuditEvents is a body of PutAuditEvents that somebody might send: its members, of
// all kinds.
func anyAuditEvents(r *rand.Rand) string {
	values := []string{`"1"`, `"ida"`, "null", "7", "-1e400", "true", "[]", "{}", `{"type":"Clerk","principalId":"ida"}`, `{"type":null}`, `"2026-01-02T03:04:05Z"`, `"2026-13-45T99:99:99Z"`,
		`"111122223333"`, `"shop"`, `"\u0000"`, `"\ud800"`, `"` + strings.Repeat("x", 9000) + `"`, strings.Repeat("[", 200) + strings.Repeat("]", 200)}
	names := []string{"version", "userIdentity", "eventSource", "eventName", "eventTime", "UID", "recipientAccountId", "requestParameters", "errorCode", "additionalEventData", "uid", "metadata"}
	var events []string
	for i := range r.IntN(4) {
		data := auditData(strconv.Itoa(i))
		if r.IntN(2) == 0 {
			var members []string
			for _, name := range names {
				if r.IntN(8) > 0 {
					members = append(members, fmt.Sprintf("%q:%s", name, values[r.IntN(len(values))]))
				}
			}
			data = "{" + strings.Join(members, ",") + "}"
		}
		event := fmt.Sprintf(`{"id":%s,"eventData":%s,"eventDataChecksum":%s}`, values[r.IntN(len(values))], strconv.Quote(data), values[r.IntN(len(values))])
		if r.IntN(2) == 0 {
			event = fmt.Sprintf(`{"id":"e%d","eventData":%s}`, r.IntN(3), strconv.Quote(data))
		}
		events = append(events, event)
	}
	return `{"auditEvents":[` + strings.Join(events, ",") + `]}`
}

// anyStream is a body that somebody might send as a stream.
func anyStream(t *testing.T, r *rand.Rand) string {
	lines := []string{trailEvent("a"), trailEvent(strconv.Itoa(r.IntN(50))), "no JSON\n", "\n", `{"Records":[` + strings.TrimSpace(trailEvent("b")) + ",7,{}]}\n", "[[[]]]\n", `{"eventTime":7,"eventID":[]}` + "\n",
		`{"auditEvents":[]}`, anyAuditEvents(r) + "\n", "\xff\xfe\x00", "\x1f\x8b\x08\x00", `{"uuid":"1","published":"2026-01-02T03:04:05Z","eventType":"a"}` + "\n", `"text"`, "eventJson\n", strings.Repeat("[", 300), `{"digestStartTime":"x"}`}
	var body strings.Builder
	for range r.IntN(6) {
		body.WriteString(lines[r.IntN(len(lines))])
	}
	switch r.IntN(6) {
	case 0:
		return packed(t, "gzip", body.String())
	case 1:
		return packed(t, "zstd", body.String())
	}
	return body.String()
}

// anyIntake is a request that puts events in, as somebody could have meant it.
func (u user) anyIntake(t *testing.T, r *rand.Rand, channel string) string {
	t.Helper()
	body, line := anyAuditEvents(r), "POST /PutAuditEvents?channelArn="+channel
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	headers := []string{"Content-Type: application/json"}
	if r.IntN(2) == 0 {
		body = anyStream(t, r)
		line = "POST /v1/stores/" + pick("secret", "one", "nobody", u.ids["one"], "arn:aws:cloudtrail:us-east-1:000000000000:eventdatastore/"+u.ids["secret"], "tarn_audit", "%2F", "a/b") + "/events" +
			pick("", "", "", "?map=okta", "?map=../x.json", "?receipts=off", "?receipts=on&map=zoom")
		headers = []string{"Accept: " + pick("*/*", "application/json", "application/x-ndjson", "text/csv"), "Content-Encoding: " + pick("identity", "gzip", "zstd", "br"),
			"X-Amz-Content-Sha256: " + pick(sigv4.Unsigned, "x")}
	}
	if r.IntN(3) == 0 {
		headers = append(headers, "Expect: 100-continue")
	}
	if r.IntN(2) == 0 {
		return u.head(line, append(headers, "Connection: close", "Transfer-Encoding: chunked")...) + chunk(body) + "0\r\n\r\n"
	}
	return u.head(line, append(headers, pick("Connection: close", "Connection: keep-alive"), "Content-Length: "+strconv.Itoa(len(body)))...) + body
}

// Whatever is sent to where events are put in, the server neither breaks nor lets
// anybody in, and every event that it took is whole.
func TestMutatedEvents(t *testing.T) {
	set(t, server.BodyTime, 2*time.Second)
	set(t, server.SilentTime, 2*time.Second)
	h := newHost(t)
	h.activityStore(t, "one")
	channel := h.user(t, access.Admin).channel(t, "shop", "one")
	u := h.user(t, access.Ingester, "secret", "one")
	nobody := user{h, u.id, "not the secret"}
	http.DefaultClient.CloseIdleConnections()
	before := runtime.NumGoroutine()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	answers := map[int]int{}
	for i := range mutated {
		who := u
		if i%8 == 1 {
			who = nobody
		}
		text := []byte(who.anyIntake(t, random, channel))
		if i%4 > 0 {
			text = mutate(random, string(text))
		}
		for _, a := range h.exchangeRaw(t, text) {
			if !a.right(who != nobody) {
				t.Fatalf("seed %d, request %d: %d %q for %q", seed, i, a.status, a.body, text)
			}
			answers[a.status]++
		}
	}
	t.Log(answers)
	if status, body, _ := u.ask(t, "/v1/stores/secret/events", trailEvent("last")); status != http.StatusOK || lastLine(t, body).Counts.Stored != 1 {
		t.Errorf("afterwards %d %s", status, body)
	}
	h.stored(t, "secret")
	h.stored(t, "one")
	http.DefaultClient.CloseIdleConnections()
	h.end() // it waits for connections that linger
	for tries := 0; runtime.NumGoroutine() > before; tries++ {
		if tries > 1_000_000 {
			t.Fatalf("%d goroutines; there were %d", runtime.NumGoroutine(), before)
		}
		runtime.Gosched()
	}
	if answers[200] == 0 || answers[400] == 0 || answers[401] == 0 || answers[404] == 0 {
		t.Errorf("the requests are all alike: %v", answers)
	}
	if strings.Contains(h.log.String(), "cannot answer") || strings.Contains(h.log.String(), "panic") || strings.Contains(h.log.String(), u.secret) {
		t.Error("the log has a fault of ours, or a secret")
	}
}
