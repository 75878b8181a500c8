package follow

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"tarn/interop/s3test"
)

// requests remembers what was asked, and says what goes wrong.
type requests struct {
	mu    sync.Mutex
	paths []string
	wrong func(*http.Request) s3test.Fault
}

func (r *requests) fault(asked *http.Request) s3test.Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths = append(r.paths, asked.URL.Path)
	if r.wrong == nil {
		return s3test.Fault{}
	}
	return r.wrong(asked)
}

func (r *requests) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.paths)
}

func (r *requests) goWrong(wrong func(*http.Request) s3test.Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrong = wrong
}

// A server follows what was added; what is in its way is told, and over when it is mended.
func TestTroubleIsToldAndOver(t *testing.T) {
	server := s3test.Start(t)
	server.Bucket(t, "logs", false)
	var asked requests
	l := newLake(t, server.Faulty(t, asked.fault))
	q := startSQS(t)
	at := q.queue(t, "trouble")
	l.run("store", "create", "cloudtrail")
	l.start("serve", "--listen", "off")
	l.until("the server", func(followed) bool { return strings.Contains(string(l.run("status")), "server  runs") })
	l.run("follow", "add", source, "--every", "500ms", "--sqs", at)
	there := 0
	lands := func(id string) {
		t.Helper()
		key, text := logFile(id)
		server.Put(t, "logs", key, text)
		there += perObject
		l.untilThere(there)
		l.until("it goes on", func(f followed) bool { return f.State == "FOLLOWING" && f.Reason == "" && f.Failures == 0 })
	}
	lands("before")
	for _, tt := range []struct {
		name, says string
		fault      s3test.Fault
	}{
		{"denied", "access denied", s3test.Fault{Status: 403, Code: "AccessDenied"}},
		{"expired", "ExpiredToken", s3test.Fault{Status: 400, Code: "ExpiredToken"}},
		{"nobucket", "no such bucket", s3test.Fault{Status: 404, Code: "NoSuchBucket"}},
	} {
		asked.goWrong(func(*http.Request) s3test.Fault { return tt.fault })
		f := l.until(tt.name, func(f followed) bool { return f.State == "FAILING" && strings.Contains(f.Reason, tt.says) })
		t.Log(f.Reason)
		asked.goWrong(nil)
		lands(tt.name)
	}

	// One object is denied: it is a failure, and the others go on.
	asked.goWrong(func(r *http.Request) s3test.Fault {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "secret") {
			return s3test.Fault{Status: 403, Code: "AccessDenied"}
		}
		return s3test.Fault{}
	})
	key, text := logFile("secret")
	server.Put(t, "logs", key, text)
	f := l.until("one cannot be read", func(f followed) bool { return f.Failures == 1 })
	if f.State != "FOLLOWING" || len(f.Failed) != 1 || f.Failed[0].Key != "s3://logs/"+key || !strings.Contains(f.Failed[0].Reason, "access denied") {
		t.Errorf("%+v", f)
	}
	key, text = logFile("public")
	server.Put(t, "logs", key, text)
	there += perObject
	l.untilThere(there)

	// What is mended for all is tried again for each.
	asked.goWrong(func(*http.Request) s3test.Fault { return s3test.Fault{Status: 403, Code: "AccessDenied"} })
	l.until("all is denied", func(f followed) bool { return f.State == "FAILING" })
	asked.goWrong(nil)
	there += perObject // the secret one
	l.untilThere(there)
	l.until("it goes on", func(f followed) bool { return f.State == "FOLLOWING" && f.Failures == 0 })

	// The queue is gone: lists find what lands.
	if _, err := q.client.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: &at}); err != nil {
		t.Fatal(err)
	}
	f = l.until("no queue", func(f followed) bool { return f.State == "FAILING" && strings.Contains(f.Reason, "no such queue") })
	t.Log(f.Reason)
	key, text = logFile("without")
	server.Put(t, "logs", key, text)
	there += perObject
	l.untilThere(there)
	q.queue(t, "trouble")
	l.until("a queue again", func(f followed) bool { return f.State == "FOLLOWING" && f.Reason == "" })
	q.send(t, at)([]byte(`{"Event":"s3:TestEvent"}`))
	l.until("it is heard", func(f followed) bool { return f.Counts.Messages > 0 })
	l.run("follow", "remove", source)
}

// A NATS server goes and comes back; what lands meanwhile a list finds.
func TestANATSServerMayBeAway(t *testing.T) {
	dir := t.TempDir()
	before, _ := natsIn(t, dir, "S3", "s3events")
	at := before.ClientURL()
	server := s3test.Start(t, at)
	server.Bucket(t, "logs", false)
	l := newLake(t, server.Endpoint)
	l.start("follow", source, "--every", "2s", "--nats", at, "--stream", "S3")
	l.until("the first list", func(f followed) bool { return f.Listed != nil })
	before.Shutdown()
	f := l.until("it is away", func(f followed) bool { return f.State == "FAILING" && strings.Contains(f.Reason, "cannot be reached") })
	t.Log(f.Reason)
	key, text := logFile("meanwhile")
	server.Put(t, "logs", key, text)
	l.untilThere(perObject)
	natsAgain(t, at, dir)
	f = l.until("it is back", func(f followed) bool { return f.State == "FOLLOWING" && f.Reason == "" })
	key, text = logFile("later")
	server.Put(t, "logs", key, text)
	l.until("it is heard", func(f followed) bool { return f.Counts.Messages > 0 && f.Counts.Objects == 2 })
}
