package server_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"tarn/server/access"
)

// figures asks for the metrics.
func (u user) figures(t *testing.T) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u.url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if u.id != "" {
		r.SetBasicAuth(u.id, u.secret)
	}
	status, body, _ := u.do(t, r)
	return status, body
}

// sample is a line of the text format, without exemplars and times.
var sample = regexp.MustCompile(`^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? ([0-9.e+-]+|\+Inf))$`)

func TestMetrics(t *testing.T) {
	h := newHost(t)
	monitor := h.user(t, access.Monitor)
	for who, want := range map[user]int{
		{h, "", ""}: 401, h.user(t, access.Reader): 403, h.user(t, access.Ingester): 403,
		h.user(t, access.Auditor): 200, h.user(t, access.Admin): 200, monitor: 200,
	} {
		if status, body := who.figures(t); status != want {
			t.Errorf("%d %s; want %d", status, body, want)
		}
	}
	if status, _, _ := monitor.ask(t, "/sql", "SELECT 1"); status != http.StatusForbidden {
		t.Errorf("a monitor asks: %d", status)
	}
	h.user(t, access.Reader).ask(t, "/sql", "SELECT count(*) FROM cloudtrail")
	_, body := monitor.figures(t)
	for line := range strings.Lines(body) {
		if !sample.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("%q", line)
		}
	}
	for _, want := range []string{
		`tarn_http_requests_total{operation="RunSQL",status="200"} 1`, `tarn_http_requests_total{operation="RunSQL",status="403"} 1`,
		`tarn_http_requests_total{operation="GetMetrics",status="401"} 1`, `tarn_http_request_duration_seconds_count{operation="RunSQL"} 2`,
		`tarn_http_request_duration_seconds_bucket{operation="RunSQL",le="+Inf"} 2`, "tarn_http_requests_running 1", "tarn_segments 2", "tarn_statements 0",
		`tarn_workers{state="idle"} 1`, "tarn_audit_failing 0", `tarn_live_events_total{outcome="stored"} 0`,
	} {
		if !strings.Contains(body, "\n"+want+"\n") {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
}
