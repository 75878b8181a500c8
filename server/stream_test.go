package server_test

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/server"
	"tarn/server/access"
)

// trailEvent is a line of a stream.
func trailEvent(id string) string {
	return `{"eventID":"` + id + `","eventTime":"2026-01-02T03:04:05Z","eventCategory":"Management","eventName":"GetUser"}` + "\n"
}

// said is a line of the answer to a stream.
type said struct {
	Line                         int64
	Outcome, EventID, Reason     string
	Counts                       *counts
	Rejects                      []struct{ Line int64 }
	ReceiptsLeftOut              int64
	Code, Message, ErrorCode, ID string
	Hints                        []string
}

type counts struct{ Records, Stored, Duplicates, Conflicts, Filtered, Rejected int64 }

// sending is a stream whose end is not known yet.
type sending struct {
	*io.PipeWriter
	answer <-chan *http.Response
	lines  *bufio.Scanner
}

// stream begins to send a stream.
func (u user) stream(t *testing.T, path string, headers ...string) *sending {
	t.Helper()
	body, to := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, u.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(u.id, u.secret)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	answer := make(chan *http.Response, 1)
	go func() {
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			res = &http.Response{Body: http.NoBody}
		}
		answer <- res
	}()
	s := &sending{PipeWriter: to, answer: answer}
	t.Cleanup(func() { to.Close() })
	return s
}

// send sends some more.
func (s *sending) send(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(s, text); err != nil {
		t.Fatal(err)
	}
}

// next is the next line of the answer.
func (s *sending) next(t *testing.T) (one said) {
	t.Helper()
	if s.lines == nil {
		res := <-s.answer
		t.Cleanup(func() { res.Body.Close() })
		s.lines = bufio.NewScanner(res.Body)
	}
	if !s.lines.Scan() {
		t.Fatalf("the answer ends: %v", s.lines.Err())
	}
	if err := json.Unmarshal(s.lines.Bytes(), &one); err != nil {
		t.Fatalf("%s: %v", s.lines.Text(), err)
	}
	return one
}

// stored are the ids of a store's events.
func (h *host) stored(t *testing.T, store string) (ids []string) {
	t.Helper()
	st, err := h.lake.Store(store)
	if err = errors.Join(err, h.lake.Flush()); err != nil {
		t.Fatal(err)
	}
	for _, raw := range laketest.Raw(t, h.lake, st, false) {
		var e struct{ EventID string }
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, e.EventID)
	}
	slices.Sort(ids)
	return ids
}

// lastLine is that of an answer.
func lastLine(t *testing.T, body string) (last said) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Counts == nil {
		t.Fatalf("the last line is %q: %v", lines[len(lines)-1], err)
	}
	return last
}

// Each event has its receipt while its sender still has more to say, and is in the lake
// by then; what is rejected is told by its line, and keeps nothing else out.
func TestStreamAnswersAsItComes(t *testing.T) {
	h := newHost(t)
	s := h.user(t, access.Ingester, "secret").stream(t, "/v1/stores/secret/events")
	var got []string
	for i, line := range []string{"no JSON\n", trailEvent("a"), trailEvent("b"), `{"eventID":"x"}` + "\n", trailEvent("a"), "\n" + `{"eventID":]` + "\n", strings.Replace(trailEvent("c"), "Management", "Insight", 1), trailEvent("d")} {
		s.send(t, line)
		r := s.next(t)
		got = append(got, fmt.Sprintf("%d %s %s", r.Line, r.Outcome, r.EventID))
		if r.Outcome == "stored" && !slices.Contains(h.stored(t, "secret"), r.EventID) {
			t.Errorf("receipt %d is for what is not there", i)
		}
	}
	want := []string{"1 rejected ", "2 stored a", "3 stored b", "4 rejected ", "5 duplicate a", "7 rejected ", "8 filtered c", "9 stored d"}
	if !slices.Equal(got, want) {
		t.Errorf("receipts %q; want %q", got, want)
	}
	s.Close()
	last := s.next(t)
	if last.Counts == nil || *last.Counts != (counts{8, 3, 1, 0, 1, 3}) || len(last.Rejects) != 3 || last.Rejects[2].Line != 7 || last.Code != "" {
		t.Errorf("the last line is %+v, %+v", last, last.Counts)
	}
	if s.lines.Scan() {
		t.Errorf("behind it stands %s", s.lines.Text())
	}
	if err := h.audit.Close(); err != nil {
		t.Fatal(err)
	}
	acts := laketest.Raw(t, h.lake, mustStore(t, h, lake.OwnStoreName), false)
	i := slices.IndexFunc(acts, func(raw []byte) bool { return bytes.Contains(raw, []byte("PutEvents")) })
	if i < 0 || !bytes.Contains(acts[i], []byte(`"additionalEventData":{"calls":1,"conflicts":0,"duplicates":1,"events":4,"filtered":1,`)) || !bytes.Contains(acts[i], []byte(h.ids["secret"])) {
		t.Errorf("the audit has %s", acts)
	}
}

func mustStore(t *testing.T, h *host, name string) lake.Store {
	t.Helper()
	st, err := h.lake.Store(name)
	if err = errors.Join(err, h.lake.Flush()); err != nil {
		t.Fatal(err)
	}
	return st
}

// A stream comes in whatever form, by whatever name of the store.
func TestStreamForms(t *testing.T) {
	h := newHost(t)
	h.activityStore(t, "one")
	u := h.user(t, access.Ingester)
	in := trailEvent("a") + trailEvent("b")
	okta := `{"uuid":"1","published":"2026-01-02T03:04:05Z","eventType":"a"}` + "\nno JSON\n"
	arn := "arn:aws:cloudtrail:us-east-1:000000000000:eventdatastore/" + h.ids["secret"]
	for _, tt := range []struct {
		name, path, body string
		headers          []string
		want             counts
		lines            int
	}{
		{"by name", "secret", in, nil, counts{Records: 2, Stored: 2}, 3},
		{"by id, again", h.ids["secret"], in, nil, counts{Records: 2, Duplicates: 2}, 3},
		{"by ARN", arn, in, nil, counts{Records: 2, Duplicates: 2}, 3},
		{"by an ARN that is escaped", strings.ReplaceAll(arn, "/", "%2F"), in, nil, counts{Records: 2, Duplicates: 2}, 3},
		{"nothing", "secret", "", nil, counts{}, 1},
		{"only counts", "secret", in, []string{"Accept: application/json"}, counts{Records: 2, Duplicates: 2}, 1},
		{"only counts, by parameter", "secret", in, []string{"receipts: off"}, counts{Records: 2, Duplicates: 2}, 1},
		{"a log file", "secret", `{"Records":[` + strings.ReplaceAll(strings.TrimSpace(in), "\n", ",") + `]}`, nil, counts{Records: 2, Duplicates: 2}, 3},
		{"gzip", "secret", packed(t, "gzip", in), []string{"Content-Encoding: gzip"}, counts{Records: 2, Duplicates: 2}, 3},
		{"gzip that nobody tells of", "secret", packed(t, "gzip", in), nil, counts{Records: 2, Duplicates: 2}, 3},
		{"zstd", "secret", packed(t, "zstd", in), []string{"Content-Encoding: zstd"}, counts{Records: 2, Duplicates: 2}, 3},
		{"a map", "one", okta, []string{"map: okta"}, counts{Records: 2, Stored: 1, Rejected: 1}, 3},
		{"bodies of PutAuditEvents", "one", auditBody(auditData("1"), auditData("2")) + "\n" + auditBody(auditData("2"), "{}"), nil, counts{Records: 4, Stored: 2, Duplicates: 1, Rejected: 1}, 5},
		{"of another family", "one", in, nil, counts{Records: 2, Filtered: 2}, 3},
		{"a line that was cut off", "secret", `{"eventID":` + "\n" + in, nil, counts{Records: 3, Duplicates: 2, Rejected: 1}, 4},
		{"what signs log files", "secret", `{"digestStartTime":"x"}`, nil, counts{Records: 1, Rejected: 1}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path, headers := "/v1/stores/"+tt.path+"/events", slices.Clone(tt.headers)
			for i, h := range headers {
				if name, value, _ := strings.Cut(h, ": "); name == "map" || name == "receipts" {
					path, headers = path+"?"+name+"="+value, slices.Delete(headers, i, i+1)
				}
			}
			status, body, _ := u.ask(t, path, tt.body, headers...)
			if status != 200 {
				t.Fatal(status, body)
			}
			if last := lastLine(t, body); *last.Counts != tt.want || strings.Count(body, "\n") != tt.lines {
				t.Errorf("%s", body)
			}
		})
	}
}

// packed is a text as a Content-Encoding has it.
func packed(t *testing.T, encoding, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if encoding == "zstd" {
		var err error
		if w, err = zstd.NewWriter(&b); err != nil {
			t.Fatal(err)
		}
	}
	_, err := io.WriteString(w, text)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What is packed to be large costs nobody but who sends it.
func TestStreamsThatArePackedToBeLarge(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Ingester)
	for _, encoding := range []string{"gzip", "zstd"} {
		for _, filler := range []string{" ", "x", "{"} {
			status, body, _ := u.ask(t, "/v1/stores/secret/events", packed(t, encoding, trailEvent("a")+strings.Repeat(filler, 100<<20)), "Content-Encoding: "+encoding)
			if last := lastLine(t, body); last.Counts.Stored+last.Counts.Duplicates != 1 || len(body) > 1<<20 || status != 200 && status != 400 ||
				!strings.Contains(body, "250 times its size") && !strings.Contains(body, "16 MiB") {
				t.Errorf("%s of %q: %d %.300s", encoding, filler, status, body)
			}
		}
	}
	status, body, _ := u.ask(t, "/v1/stores/secret/events", "no zstd", "Content-Encoding: zstd")
	if last := lastLine(t, body); status != 400 || last.Code != "InvalidParameterException" {
		t.Errorf("%d %s", status, body)
	}
}

// A stream is refused before any of it is read, and what is hidden as what is not there.
func TestStreamRefuses(t *testing.T) {
	h := newHost(t)
	h.activityStore(t, "one")
	u, admin, reader := h.user(t, access.Ingester, "one"), h.user(t, access.Admin), h.user(t, access.Reader)
	if _, err := h.lake.UpdateStore(h.ids["cloudtrail"], lake.StoreSettings{Ingestion: new(false)}); err != nil {
		t.Fatal(err)
	}
	u.ask(t, "/sql", "SELECT 1")
	if err := h.audit.Close(); err != nil { // it makes the lake's own store
		t.Fatal(err)
	}
	for _, tt := range []struct {
		who          user
		path, header string
		status       int
		code         string
	}{
		{u, "secret/events", "", 404, "EventDataStoreNotFoundException"},
		{u, "nobody/events", "", 404, "EventDataStoreNotFoundException"},
		{u, "arn:aws:s3:::x/y/events", "", 400, "EventDataStoreARNInvalidException"},
		{reader, "one/events", "", 403, "AccessDeniedException"},
		{user{h, u.id, "wrong"}, "one/events", "", 401, "UnrecognizedClientException"},
		{u, "one/events?map=./x.json", "", 400, "InvalidParameterException"},
		{u, "one/events?map=nothing", "", 400, "InvalidParameterException"},
		{u, "one/events?receipts=some", "", 400, "InvalidParameterException"},
		{u, "one/events?stores=x", "", 400, "InvalidParameterException"},
		{u, "one/events", "Accept: text/csv", 406, "NotAcceptable"},
		{u, "one/events", "Content-Encoding: br", 415, "UnsupportedMediaType"},
		{admin, "secret/events?map=okta", "", 400, "InvalidEventDataStoreCategoryException"},
		{admin, "cloudtrail/events", "", 400, "InvalidEventDataStoreStatusException"},
		{admin, "tarn_audit/events", "", 400, "OperationNotPermittedException"},
	} {
		for _, body := range []string{trailEvent("z"), strings.Repeat(trailEvent("z"), 1<<14)} {
			status, text, _ := tt.who.ask(t, "/v1/stores/"+tt.path, body, cmp.Or(tt.header, "Accept: */*"))
			var m said
			if err := json.Unmarshal([]byte(text), &m); err != nil || status != tt.status || m.Code != tt.code {
				t.Errorf("%s: %d %s; want %d %s", tt.path, status, text, tt.status, tt.code)
			}
		}
	}
	_, hidden, _ := u.ask(t, "/v1/stores/secret/events", "")
	_, none, _ := u.ask(t, "/v1/stores/nobody/events", "")
	if strings.ReplaceAll(hidden, "secret", "nobody") != none {
		t.Errorf("what is hidden: %s; what is not there: %s", hidden, none)
	}
}

// There are so many streams at a time, and a place is free again at the end of one.
func TestStreamsAreBounded(t *testing.T) {
	set(t, server.Streams, 1)
	h := newHost(t)
	u := h.user(t, access.Ingester)
	s := u.stream(t, "/v1/stores/secret/events")
	s.send(t, trailEvent("a"))
	s.next(t)
	status, body, res := u.ask(t, "/v1/stores/secret/events", trailEvent("b"))
	if status != 429 || !strings.Contains(body, "ThrottlingException") || res.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", status, body)
	}
	s.Close()
	for s.next(t).Counts == nil {
	}
	for begun := time.Now(); ; {
		if status, _, _ = u.ask(t, "/v1/stores/secret/events", trailEvent("b")); status == 200 {
			break
		}
		if time.Since(begun) > time.Minute {
			t.Fatal("the place of a stream that is over is not free")
		}
	}
}
