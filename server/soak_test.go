package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tarn/server"
	"tarn/server/access"
	"tarn/server/cloudtrail"
)

// soakTime is how long the soak goes on, unless TARN_SOAK says, such as 30m.
const soakTime = 5 * time.Second

// taken is what a process takes of the machine.
type taken struct {
	goroutines, files int
	heap              uint64
	records           int64
}

func (h *host) taken(t *testing.T) taken {
	t.Helper()
	http.DefaultClient.CloseIdleConnections()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, _ := os.ReadDir("/proc/self/fd") // none elsewhere
	return taken{runtime.NumGoroutine(), len(files), m.HeapAlloc, h.lake.Gauges().Stored}
}

// anyInput is an input of an operation that somebody might send: names that CloudTrail
// knows, with values of all kinds.
func anyInput(r *rand.Rand) string {
	names := []string{"EventDataStore", "Name", "MaxResults", "NextToken", "QueryStatement", "QueryId", "RetentionPeriod", "AdvancedEventSelectors",
		"TagsList", "ResourceId", "ResourceArn", "Destinations", "StartTime", "ImportSource", "ChannelArn", "TerminationProtectionEnabled"}
	values := []any{"cloudtrail", "secret", "", nil, true, -1, 1e300, 7, []any{}, []any{"x", nil}, map[string]any{"Key": "k"}, strings.Repeat("x", 5000),
		"arn:aws:cloudtrail:us-east-1:000000000000:eventdatastore/x", "SELECT * FROM cloudtrail", "\u0000", "2026-01-02T03:04:05Z", map[string]any{"S3": []any{map[string]any{}}}}
	in := map[string]any{}
	for range r.IntN(5) {
		in[names[r.IntN(len(names))]] = values[r.IntN(len(values))]
	}
	text, err := json.Marshal(in)
	if err != nil || r.IntN(10) == 0 {
		return "{" + strings.Repeat("[", r.IntN(50))
	}
	return string(text)
}

// anyCall is a call of an operation with something.
func (u user) anyCall(r *rand.Rand) string {
	body := anyInput(r)
	names := append(cloudtrail.Names(), "PutAuditEvents", "Nothing", "")
	return u.head("POST /", "Content-Type: application/x-amz-json-1.1", "X-Amz-Target: CloudTrail_20131101."+names[r.IntN(len(names))],
		"Connection: close", "Content-Length: "+strconv.Itoa(len(body))) + body
}

// round sends what anybody could send, some of it changed, from several clients.
func (h *host) round(t *testing.T, users []user, channel string, seed uint64, each int) map[int]int {
	answers := map[int]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for client := range 4 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(client)))
			for range each {
				u := users[r.IntN(len(users))]
				kinds := append(requests(u), u.anyCall(r), u.anyCall(r), u.anyCall(r), u.head("GET /metrics", "Connection: close"),
					u.anyIntake(t, r, channel), u.anyIntake(t, r, channel), u.anyIntake(t, r, channel))
				text := []byte(kinds[r.IntN(len(kinds))])
				if r.IntN(2) == 0 {
					text = mutate(r, string(text))
				}
				for _, a := range h.exchangeRaw(t, text) {
					if !a.right(true) {
						t.Errorf("seed %d: %d %q for %q", seed, a.status, a.body, text)
					}
					mu.Lock()
					answers[a.status]++
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return answers
}

// However long anybody sends anything, the server takes no more of the machine. Memory
// is not quite as it was: of each record of the day its id is kept, so that it is
// stored once.
func TestSoak(t *testing.T) {
	limit := soakTime
	if text := os.Getenv("TARN_SOAK"); text != "" {
		var err error
		if limit, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	set(t, server.BodyTime, 2*time.Second)
	set(t, server.SilentTime, 2*time.Second)
	h := newHost(t)
	h.end()
	h.serve(t, &server.Server{Lake: h.lake, Engine: h.engine, Access: h.access, API: h.api, Audit: h.audit,
		Log: zerolog.New(h.log).Level(zerolog.ErrorLevel)}) // a line for each request would be what grows
	ctx, stop := context.WithCancel(t.Context())
	var background sync.WaitGroup
	for _, run := range []func(context.Context) error{h.lake.Run, h.audit.Run} {
		background.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	defer background.Wait()
	defer stop()
	alice := h.user(t, access.Reader, "cloudtrail")
	h.activityStore(t, "one")
	admin := h.user(t, access.Admin)
	channel := admin.channel(t, "shop", "one")
	users := []user{alice, admin, {h, alice.id, "wrong"}, {h, "", ""}}
	answers, sent := map[int]int{}, 0
	const each = 250
	var samples []taken
	for end := time.Now().Add(limit); len(samples) < 3 || time.Now().Before(end); {
		seed := rand.Uint64()
		for status, n := range h.round(t, users, channel, seed, each) {
			answers[status] += n
		}
		sent += 4 * each
		samples = append(samples, h.taken(t))
		if len(samples)%20 == 0 {
			t.Log(sent, fmt.Sprintf("%+v", samples[len(samples)-1]))
		}
	}
	first, last := samples[1], samples[len(samples)-1] // the first round starts workers
	t.Logf("%d requests, answers %v; %+v, then %+v", sent, answers, first, last)
	// Connections that were left a moment ago are still being closed.
	const lingering = 20
	if last.goroutines > first.goroutines+lingering || last.files > first.files+lingering {
		t.Errorf("%+v; it was %+v", last, first)
	}
	if grown := int64(last.heap) - int64(first.heap); grown > 16<<20+1000*(last.records-first.records) {
		t.Errorf("the heap has grown by %d bytes with %d records", grown, last.records-first.records)
	}
	if strings.Contains(h.log.String(), "cannot answer") {
		t.Error("the log has a fault of ours")
	}
}
