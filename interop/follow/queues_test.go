package follow

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Admiral-Piett/goaws/app/gosqs"
	"github.com/Admiral-Piett/goaws/app/models"
	"github.com/Admiral-Piett/goaws/app/router"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/sirupsen/logrus"

	"tarn/interop/s3test"
)

// natsAgain runs a server as startNATS does, at the place of one that was shut down.
func natsAgain(t *testing.T, at, dir string) {
	t.Helper()
	_, text, _ := strings.Cut(strings.TrimPrefix(at, "nats://"), ":")
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	server, err := natsd.NewServer(&natsd.Options{Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(server.Shutdown)
	if !server.ReadyForConnections(20 * time.Second) {
		t.Fatal("the NATS server does not answer")
	}
}

// startNATS runs a NATS server with JetStream until the test ends, with a stream of the
// messages of a subject.
func startNATS(t *testing.T, stream, subject string) (url string, conn *nats.Conn) {
	t.Helper()
	server, conn := natsIn(t, t.TempDir(), stream, subject)
	return server.ClientURL(), conn
}

func natsIn(t *testing.T, dir, stream, subject string) (server *natsd.Server, conn *nats.Conn) {
	t.Helper()
	server, err := natsd.NewServer(&natsd.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(server.Shutdown)
	if !server.ReadyForConnections(20 * time.Second) {
		t.Fatal("the NATS server does not answer")
	}
	if conn, err = nats.Connect(server.ClientURL()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err == nil {
		_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: stream, Subjects: []string{subject}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return server, conn
}

// queues is a server that speaks as SQS does.
type queues struct {
	client *sqs.Client
	url    string
}

// startSQS runs a server until the test ends. What it has is in this process, so that
// there is one at a time.
func startSQS(t *testing.T) *queues {
	t.Helper()
	logrus.SetOutput(io.Discard)
	server := httptest.NewServer(router.New())
	t.Cleanup(server.Close)
	stop := make(chan bool)
	go gosqs.PeriodicTasks(time.Second, stop)
	t.Cleanup(func() { close(stop) })
	models.CurrentEnvironment = models.Environment{Host: "127.0.0.1", Port: server.URL[len("http://127.0.0.1:"):], Region: s3test.Region, AccountID: "111122223333"}
	return &queues{url: server.URL, client: sqs.New(sqs.Options{Region: s3test.Region, BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider(s3test.KeyID, s3test.Secret, "")})}
}

// queue makes a queue, whose messages come again after two seconds.
func (q *queues) queue(t *testing.T, name string) (url string) {
	t.Helper()
	_, err := q.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{"VisibilityTimeout": "2"}})
	if err != nil {
		t.Fatal(err)
	}
	return q.url + "/111122223333/" + name // it has another host's name itself
}

// left is how many messages a queue has, hidden ones too.
func (q *queues) left(t *testing.T, name string) int {
	t.Helper()
	models.SyncQueues.RLock()
	defer models.SyncQueues.RUnlock()
	if queue := models.SyncQueues.Queues[name]; queue != nil {
		return len(queue.Messages)
	}
	return 0
}

func (q *queues) send(t *testing.T, url string) func(text []byte) {
	return func(text []byte) {
		if _, err := q.client.SendMessage(context.Background(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String(string(text))}); err != nil {
			t.Error(err)
		}
	}
}

// road takes the messages of an S3 server on as others would: in the words of somebody
// else, and a tenth each lost, twice, or late.
type road struct {
	mu     sync.Mutex
	dice   *rand.Rand
	faults bool
	held   [][]byte
	send   func([]byte)
	n      int

	lost, twice, late int
}

func (r *road) from(t *testing.T, conn *nats.Conn, subject string) {
	t.Helper()
	sub, err := conn.Subscribe(subject, func(m *nats.Msg) { r.pass(m.Data) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sub.Unsubscribe() })
}

func (r *road) pass(text []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	text = inWordsOf(r.n, text)
	fate := 10
	if r.faults {
		fate = r.dice.IntN(10)
	}
	switch fate {
	case 0:
		r.lost++
		return
	case 1:
		r.twice++
		r.send(text)
	case 2:
		r.late++
		r.held = append(r.held, text)
		return
	}
	r.send(text)
	if len(r.held) > 4 {
		r.letGo()
	}
}

// letGo sends what was held, the last first.
func (r *road) letGo() {
	for i := len(r.held) - 1; i >= 0; i-- {
		r.send(r.held[i])
	}
	r.held = nil
}

// inWordsOf says what a message of S3 says as EventBridge, CloudTrail or SNS would, in turns.
func inWordsOf(n int, text []byte) []byte {
	var said struct {
		Records []struct {
			S3 struct {
				Bucket struct{ Name string }
				Object struct{ Key string }
			}
		}
	}
	if err := json.Unmarshal(text, &said); err != nil || len(said.Records) != 1 {
		return text
	}
	bucket, key := said.Records[0].S3.Bucket.Name, said.Records[0].S3.Object.Key
	var other any
	switch n % 4 {
	case 0:
		return text
	case 1:
		other = map[string]any{"version": "0", "detail-type": "Object Created", "source": "aws.s3",
			"detail": map[string]any{"bucket": map[string]any{"name": bucket}, "object": map[string]any{"key": key}}}
	case 2:
		other = map[string]any{"s3Bucket": bucket, "s3ObjectKey": []string{key}}
	case 3:
		other = map[string]any{"Type": "Notification", "MessageId": "x", "Message": string(text)}
	}
	words, err := json.Marshal(other)
	if err != nil {
		return text
	}
	return words
}
