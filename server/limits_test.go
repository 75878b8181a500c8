package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/rs/zerolog"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/server"
	"tarn/server/access"
	"tarn/server/fault"
)

// A credential may ask so much a second, and so much at a time; others are not
// kept from it.
func TestLimiter(t *testing.T) {
	var l server.Limiter
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	most := server.Limits{PerSecond: 10, AtOnce: 3}
	taken := func(id string, at time.Time, n int) (taken int) {
		for range n {
			leave, err := l.Enter(most, id, at)
			if leave(); err == nil {
				taken++
			} else if f := new(fault.Fault); !errors.As(err, &f) || f.Code != fault.Throttled {
				t.Fatal(err)
			}
		}
		return taken
	}
	for _, tt := range []struct {
		id   string
		at   time.Duration
		want int
	}{{"a", 0, 20}, {"b", 0, 20}, {"a", 100 * time.Millisecond, 1}, {"a", time.Second, 9}, {"a", time.Hour, 20}, {"a", 0, 0}, {"a", time.Hour + time.Second, 10}} {
		if got := taken(tt.id, start.Add(tt.at), 100); got != tt.want {
			t.Errorf("%s after %s: %d; want %d", tt.id, tt.at, got, tt.want)
		}
	}
	var leave []func()
	at := start.Add(2 * time.Hour)
	for range 5 {
		if l, err := l.Enter(most, "a", at); err == nil {
			leave = append(leave, l)
		}
	}
	if len(leave) != 3 || taken("b", at, 1) != 1 || taken("a", at, 1) != 0 {
		t.Errorf("%d at a time; want 3", len(leave))
	}
	leave[0]()
	leave[0]()
	if taken("a", at, 2) != 2 { // one behind the other
		t.Error("a place is not given back, or given back twice")
	}
	for i := range 5000 {
		taken(fmt.Sprint(i), at.Add(time.Duration(i)*time.Second), 1)
	}
	if n := l.Len(); n > 1001 {
		t.Errorf("%d credentials are remembered", n)
	}
}

// Who asks too much is told to wait in words that AWS's clients wait on, through every
// door; it is counted, and recorded once.
func TestWhoAsksTooMuchIsToldToWait(t *testing.T) {
	h := newHost(t)
	h.end()
	h.serve(t, &server.Server{Lake: h.lake, API: h.api, Engine: h.engine, Access: h.access, Audit: h.audit, Log: zerolog.New(h.log), Limits: server.Limits{AtOnce: 1}})
	u, monitor := h.user(t, access.Admin), h.user(t, access.Monitor)
	s := u.stream(t, "/v1/stores/secret/events")
	s.send(t, trailEvent("a"))
	s.next(t) // now it is being answered
	for path, header := range map[string]string{"/sql": "Accept: */*", "/": "X-Amz-Target: x.ListChannels", "/PutAuditEvents?channelArn=x": "Accept: */*", "/v1/stores/secret/events": "Accept: */*"} {
		status, body, res := u.ask(t, path, "{}", header)
		code := res.Header.Get("X-Amzn-Errortype")
		if !strings.Contains(body, "being answered") || status != 429 || res.Header.Get("Retry-After") != "1" || (path == "/" || strings.HasPrefix(path, "/Put")) != (code == fault.Throttled) {
			t.Errorf("%s: %d %s %q", path, status, body, code)
		}
	}
	for range 3 {
		u.ask(t, "/sql", "SELECT 1")
	}
	if _, waits := retry.DefaultThrottleErrorCodes[fault.Throttled]; !waits {
		t.Error("AWS's SDK does not wait")
	}
	_, page, _ := h.metrics(t, monitor)
	if !strings.Contains(page, `tarn_throttled_total{limit="requests"} 7`) || !strings.Contains(page, "\ntarn_streams 1\n") {
		t.Error(page)
	}
	s.Close()
	for s.next(t).Counts == nil {
	}
	if err := h.audit.Close(); err != nil {
		t.Fatal(err)
	}
	var refused []string
	for _, raw := range laketest.Raw(t, h.lake, mustStore(t, h, lake.OwnStoreName), false) {
		if bytes.Contains(raw, []byte(fault.Throttled)) {
			refused = append(refused, string(raw))
		}
	}
	if len(refused) != 4 || !slices.ContainsFunc(refused, func(r string) bool { return strings.Contains(r, `"RunSQL"`) && strings.Contains(r, `"calls":4`) }) {
		t.Errorf("recorded are %s", refused)
	}
}

// metrics is the page of metrics.
func (h *host) metrics(t *testing.T, u user) (int, string, *http.Response) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(u.id, u.secret)
	return u.do(t, r)
}
