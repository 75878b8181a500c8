package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/lake/statedb"
	"tarn/query"
	"tarn/query/jobs"
	"tarn/schemas"
	"tarn/server"
	"tarn/server/access"
	"tarn/server/audit"
	"tarn/server/cloudtrail"
	"tarn/server/delivery"
	"tarn/server/imports"
	"tarn/server/policy"
)

func TestMain(m *testing.M) {
	query.ServeWorker()
	os.Exit(m.Run())
}

// host is a server on loopback over a lake of two stores, cloudtrail with three
// events and secret with one.
type host struct {
	url     string
	lake    *lake.Lake
	access  *access.Keeper
	state   *statedb.DB
	engine  *query.Engine
	api     *cloudtrail.API
	audit   *audit.Recorder
	log     *lines
	ids     map[string]string // of the stores, by name
	end     func()            // ends the server; it may be called again
	stop    func()            // ends all that start began; it may be called again
	place   laketest.Place
	bucket  string // the folder of the bucket "logs"
	results string // and that of "results"
}

// lines is a log that can be waited for.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
	news chan string
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(b)
	select {
	case l.news <- string(b):
	default:
	}
	return len(b), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newHost(t *testing.T) *host {
	t.Helper()
	p := laketest.NewPlace(t)
	h := &host{log: &lines{news: make(chan string, 1000)}, ids: map[string]string{}, bucket: t.TempDir(), results: t.TempDir()}
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		h.ids[st.Name] = st.ID
		var all []lake.Event
		for _, id := range []string{"1", "2", "3"} {
			all = append(all, laketest.Event(t, id, "2026-01-02T03:04:05Z", ""))
		}
		laketest.Bring(t, l, st, lake.AppendOptions{}, []laketest.Object{{Key: "a", Events: all}}, nil)
		other, err := l.CreateStore("secret", schemas.CloudTrail())
		if err != nil {
			t.Fatal(err)
		}
		h.ids[other.Name] = other.ID
		laketest.Bring(t, l, other, lake.AppendOptions{}, []laketest.Object{{Key: "b", Events: all[:1]}}, nil)
	})
	h.place = p
	h.start(t)
	t.Cleanup(func() { h.stop() })
	return h
}

// start opens what is in the host's place, and serves it.
func (h *host) start(t *testing.T) {
	t.Helper()
	p := h.place
	var err error
	if h.lake, err = lake.Open(p.Dir, p.Options()); err != nil {
		t.Fatal(err)
	}
	db, err := statedb.Open(filepath.Join(p.Dir, lake.StateFile), func(text string) { t.Error(text) })
	if err != nil {
		t.Fatal(err)
	}
	h.state = db
	if h.access, err = access.Open(db, p.Key+".seal", nil); err != nil {
		t.Fatal(err)
	}
	engine, err := query.Open(query.Options{TempDir: t.TempDir(), MemoryLimit: "1GB", Sandbox: &query.Sandbox{}})
	if err != nil {
		t.Fatal(err)
	}
	h.engine = engine
	courier := &delivery.Courier{Buckets: map[string]string{"results": h.results}, Keys: delivery.NewKeys(db, h.access), Warn: func(err error) { t.Error(err) }}
	work, err := jobs.Open(jobs.Options{Lake: p.Dir, State: db, Engine: engine, Deliver: courier.Deliver, Warn: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	channels, err := cloudtrail.OpenChannels(db)
	if err != nil {
		t.Fatal(err)
	}
	policies, err := policy.Open(db)
	if err != nil {
		t.Fatal(err)
	}
	h.audit = audit.New(h.lake, zerolog.New(h.log))
	brings := imports.New(imports.Options{Lake: h.lake, State: db, Buckets: map[string]string{"logs": h.bucket}, Warn: func(err error) { t.Error(err) }})
	h.api = &cloudtrail.API{Lake: h.lake, State: db, Policies: policies, Channels: channels, Engine: engine, Jobs: work, Imports: brings, Courier: courier}
	h.serve(t, &server.Server{Lake: h.lake, Engine: engine, Access: h.access, API: h.api, Audit: h.audit, Log: zerolog.New(h.log)})
	h.stop = sync.OnceFunc(func() {
		h.end()
		for _, err := range []error{brings.Close(), work.Close(), h.audit.Close(), engine.Close(), db.Close(), h.lake.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	})
}

func (h *host) serve(t *testing.T, s *server.Server) {
	t.Helper()
	l, err := server.Listen("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	h.serveAt(t, s, l)
}

func (h *host) serveAt(t *testing.T, s *server.Server, l net.Listener) {
	h.url = "http://" + l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	h.end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// user is somebody with an access key.
type user struct {
	*host
	id, secret string
}

func (h *host) user(t *testing.T, role access.Role, stores ...string) user {
	t.Helper()
	n := access.New{Kind: access.Key, Name: "alice", Role: role}
	for _, name := range stores {
		n.Stores = append(n.Stores, h.ids[name])
	}
	c, secret, err := h.access.Create(n)
	if err != nil {
		t.Fatal(err)
	}
	return user{h, c.ID, secret}
}

// ask posts a statement. A path such as /sql?store=x, then headers as name: value.
func (u user) ask(t *testing.T, path, sql string, headers ...string) (status int, body string, res *http.Response) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, u.url+path, strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	if u.id != "" {
		r.SetBasicAuth(u.id, u.secret)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return u.do(t, r)
}

// do sends a request.
func (u user) do(t *testing.T, r *http.Request) (status int, body string, res *http.Response) {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b), res
}

func TestSQLOverHTTP(t *testing.T) {
	u := newHost(t).user(t, access.Reader)
	const count = "SELECT count(DISTINCT eventID) AS n, 'a,b' AS text FROM cloudtrail"
	for _, tt := range []struct{ name, path, accept, want, media string }{
		{"usual", "/sql", "*/*", `{"n":3,"text":"a,b"}` + "\n", "application/x-ndjson"},
		{"JSON", "/sql", "application/json", `[{"n":3,"text":"a,b"}]`, "application/json"},
		{"CSV", "/sql", "text/csv;q=0.9, application/json", "n,text\n3,\"a,b\"\n", "text/csv; charset=utf-8"},
		{"a table", "/sql", "text/plain", "n", "text/plain; charset=utf-8"},
		{"a parameter", "/sql?format=csv", "", "n,text\n3,\"a,b\"\n", "text/csv; charset=utf-8"},
		{"Parquet", "/sql", "application/vnd.apache.parquet", "PAR1", "application/vnd.apache.parquet"},
		{"Arrow", "/sql", "application/vnd.apache.arrow.stream", "\xff\xff\xff\xff", "application/vnd.apache.arrow.stream"},
		{"one store", "/sql?store=cloudtrail", "", `{"n":3,"text":"a,b"}` + "\n", "application/x-ndjson"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, body, res := u.ask(t, tt.path, count, "Accept: "+tt.accept)
			if squeezed := strings.NewReplacer("\n ", "", "\r", "").Replace(body); status != http.StatusOK || !strings.HasPrefix(strings.TrimLeft(squeezed, " "), tt.want[:min(len(tt.want), 4)]) ||
				res.Header.Get("Content-Type") != tt.media {
				t.Errorf("%d %s %q; want %q", status, res.Header.Get("Content-Type"), body, tt.want)
			}
			if tt.media == "application/x-ndjson" && body != tt.want {
				t.Errorf("%q; want %q", body, tt.want)
			}
			if res.Trailer.Get("Tarn-Rows") != "1" || res.Trailer.Get("Tarn-Segments") != "1 of 1" || res.Header.Get("Tarn-Log-Size") == "" {
				t.Errorf("says of itself %v, %v", res.Header, res.Trailer)
			}
		})
	}
}

func TestErrorsExplainThemselves(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader)
	nobody, ingester := user{h, "", ""}, h.user(t, access.Ingester)
	for _, tt := range []struct {
		name, path, sql string
		who             user
		status          int
		code            string
	}{
		{"no credentials", "/sql", "SELECT 1", nobody, 401, "MissingAuthenticationTokenException"},
		{"not even to know what there is", "/nothing", "", nobody, 401, "MissingAuthenticationTokenException"},
		{"nothing there", "/nothing", "", u, 404, "NotFound"},
		{"another's secret", "/sql", "SELECT 1", user{h, u.id, ingester.secret}, 401, "UnrecognizedClientException"},
		{"a role that may not", "/sql", "SELECT 1", ingester, 403, "AccessDeniedException"},
		{"a broken statement", "/sql", "SELECT\n  FROM", u, 400, "InvalidQueryStatementException"},
		{"no statement", "/sql", " \n", u, 400, "InvalidParameterException"},
		{"two statements", "/sql?q=SELECT+1", "SELECT 1", u, 400, "InvalidParameterException"},
		{"no such store", "/sql", "SELECT 1 FROM nobody", u, 404, "EventDataStoreNotFoundException"},
		{"a file", "/sql", "SELECT * FROM read_csv('/etc/passwd')", u, 400, "InvalidQueryStatementException"},
		{"no such format", "/sql?format=xml", "SELECT 1", u, 400, "InvalidParameterException"},
		{"too long", "/sql", "SELECT '" + strings.Repeat("x", 1<<20) + "'", u, 413, "RequestTooLarge"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, body, res := tt.who.ask(t, tt.path, tt.sql)
			var m struct {
				Code, Message string
				Line, Column  int
			}
			if err := json.Unmarshal([]byte(body), &m); err != nil || status != tt.status || m.Code != tt.code || m.Message == "" {
				t.Fatalf("%d %s; want %d %s", status, body, tt.status, tt.code)
			}
			if status == 401 && res.Header.Get("WWW-Authenticate") == "" {
				t.Error("does not say how to come in")
			}
			if tt.name == "a broken statement" && m.Line != 2 {
				t.Errorf("the place is %d:%d", m.Line, m.Column)
			}
		})
	}
	for _, secret := range []string{u.secret, ingester.secret, "SELECT"} {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	if status, body, _ := nobody.ask(t, "/healthz", ""); status != http.StatusMethodNotAllowed && status != http.StatusUnauthorized {
		t.Errorf("POST /healthz: %d %s", status, body)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		res, err := http.Get(h.url + path)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(res, err)
		}
		res.Body.Close()
	}
}

// To whom a store is not shown it is not there: the answers are those for one that
// nobody has, but for its name.
func TestReaderOfOneStoreSeesNothingOfAnother(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader, "cloudtrail")
	if status, body, _ := u.ask(t, "/sql", "SELECT count(*) AS n FROM cloudtrail"); status != 200 || body != `{"n":3}`+"\n" {
		t.Fatal(status, body)
	}
	for _, form := range []string{
		"/sql SELECT * FROM NAME", "/sql?store=NAME SELECT 1", "/sql SELECT 1 FROM cloudtrail, NAME", `/sql SELECT 1 FROM "NAME.conflicts"`,
		"/sql SELECT * FROM NAME.athena", "/sql SELECT (SELECT max(eventid) FROM NAME)", "/sql SELECT eventidd FROM NAME",
	} {
		path, sql, _ := strings.Cut(form, " ")
		answers := map[string]string{}
		for _, name := range []string{"secret", "nobody", h.ids["secret"], "00000000-0000-4000-8000-000000000000"} {
			named := name
			if len(name) > 10 && !strings.Contains(path, "NAME") && !strings.Contains(sql, `"`) {
				named = `"` + name + `"`
			}
			status, body, _ := u.ask(t, strings.ReplaceAll(path, "NAME", name), strings.ReplaceAll(sql, "NAME", named))
			if status == http.StatusOK || strings.Contains(strings.ReplaceAll(body, name, ""), "secret") {
				t.Errorf("%s with %s: %d %s", form, name, status, body)
			}
			answers[name] = strings.ReplaceAll(body, name, "NAME")
		}
		if answers["secret"] != answers["nobody"] || answers[h.ids["secret"]] != answers["00000000-0000-4000-8000-000000000000"] {
			t.Errorf("%s: answers differ: %q", form, answers)
		}
	}
}

// Half an answer is never taken for a whole one.
func TestAnswerThatFailsOnTheWayIsCutOff(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader)
	const fails = "SELECT n, rpad(CAST(n AS varchar), 1000, 'x') AS text, CASE WHEN n * m > %s THEN CAST('x' || CAST(n AS varchar) AS integer) END AS broken FROM UNNEST(sequence(1, 9000)) AS t(n), UNNEST(sequence(1, 40)) AS u(m)"
	status, body, _ := u.ask(t, "/sql", strings.Replace(fails, "%s", "2", 1))
	if status != http.StatusBadRequest {
		t.Errorf("failed early: %d %.200s", status, body)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, u.url+"/sql", strings.NewReader(strings.Replace(fails, "%s", "350000", 1)))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(u.id, u.secret)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("%d: %d bytes end as if they were all", res.StatusCode, len(b))
	}
}

func TestHangingUpEndsTheStatement(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader)
	ctx, hangUp := context.WithCancel(t.Context())
	long := "SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a(x), UNNEST(sequence(1, 10000)) AS b(y), UNNEST(sequence(1, 10000)) AS c(z) WHERE x * y % 7 = z"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.url+"/sql", strings.NewReader(long))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(u.id, u.secret)
	sent := make(chan struct{})
	var once sync.Once
	r.Body = io.NopCloser(readThen{strings.NewReader(long), func() { once.Do(func() { close(sent) }) }})
	r.ContentLength = int64(len(long))
	done := make(chan error, 1)
	go func() {
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			res.Body.Close()
		}
		done <- err
	}()
	<-sent
	hangUp()
	if err := <-done; err == nil {
		t.Error("the statement was answered")
	}
	for line := range h.log.news { // it would take hours
		if strings.Contains(line, `"path":"/sql"`) {
			break
		}
	}
}

// readThen calls then when all was read.
type readThen struct {
	r    io.Reader
	then func()
}

func (r readThen) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	if err == io.EOF {
		r.then()
	}
	return n, err
}

func TestListensWhereOnlyThisMachineReaches(t *testing.T) {
	for address, ok := range map[string]bool{
		"127.0.0.1:0": true, "localhost:0": true, "0.0.0.0:0": false, ":0": false, "192.0.2.1:0": false, "example.com:0": false, "127.0.0.1": false,
	} {
		l, err := server.Listen(address, nil)
		if (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
		if err == nil {
			l.Close()
		}
	}
}
