package jetstream

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"tarn/internal/hint"
)

// Errors of asking.
var (
	// ErrURL means that a text is no URL of a server.
	ErrURL = errors.New("no URL of a NATS server")
	// ErrNoStream means that there is no such stream.
	ErrNoStream = errors.New("no such stream")
	// ErrUnreachable means that the server could not be asked, or did not answer in time.
	ErrUnreachable = errors.New("the NATS server cannot be reached")
	// ErrDenied means that the server refuses it to who asks.
	ErrDenied = errors.New("the NATS server refuses it")
)

const (
	// atOnce is how many messages are taken at a time.
	atOnce = 64
	// answer is how long a server has to answer.
	answer = 10 * time.Second
	// comesAgain is after how long a message comes again that is not done with.
	comesAgain = 2 * time.Minute
	// forgotten is after how long the server forgets a consumer that nobody asks for.
	forgotten = 30 * 24 * time.Hour
)

// Settings say which stream is asked, and as whom.
type Settings struct {
	// URL is the server's: nats://HOST:4222, or tls://HOST:4222.
	URL string
	// Stream is the stream's name; it is there. Subject, if not empty, is the subject
	// of the messages that are wanted.
	Stream, Subject string
	// Consumer is the durable consumer's name; it is made if it is not there.
	Consumer string
	// Credentials is a file of credentials, as NATS's own programs make it; empty for none.
	Credentials string
}

// Check says whether such a stream can be asked.
func (s Settings) Check() error {
	at, err := url.Parse(s.URL)
	if err != nil || at.Scheme != "nats" && at.Scheme != "tls" || at.Host == "" || strings.Trim(at.Path, "/") != "" || at.RawQuery != "" {
		return hint.Add(fmt.Errorf("%w: it is not like nats://HOST:4222", ErrURL), "nats://HOST:4222, or tls://HOST:4222")
	}
	if at.User != nil {
		return hint.Add(fmt.Errorf("%w: there is a secret in it", ErrURL), "name a file of credentials: setting nats-creds")
	}
	if s.Stream == "" || strings.ContainsAny(s.Stream, " .*>/\\\t\r\n") {
		return hint.Add(fmt.Errorf("%w: %.100q", ErrNoStream, s.Stream), "nats stream list tells their names")
	}
	return nil
}

// Queue is a consumer of a stream.
type Queue struct {
	url      string
	conn     *nats.Conn
	consumer api.Consumer
}

// Open connects to the server, and makes the consumer if it is not there. It gets what
// is published from then on. Close must be called.
func Open(ctx context.Context, s Settings) (*Queue, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	options := []nats.Option{nats.Name("tarn"), nats.Timeout(answer), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second)}
	if s.Credentials != "" {
		options = append(options, nats.UserCredentials(s.Credentials))
	}
	conn, err := nats.Connect(s.URL, options...)
	if err != nil {
		return nil, explain(err, s.URL)
	}
	q := &Queue{url: s.URL, conn: conn}
	if err := q.subscribe(ctx, s); err != nil {
		conn.Close()
		return nil, explain(err, s.URL)
	}
	return q, nil
}

func (q *Queue) subscribe(ctx context.Context, s Settings) error {
	ctx, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	js, err := api.New(q.conn)
	if err != nil {
		return err
	}
	stream, err := js.Stream(ctx, s.Stream)
	if err != nil {
		return err
	}
	if q.consumer, err = stream.Consumer(ctx, s.Consumer); !errors.Is(err, api.ErrConsumerNotFound) {
		return err
	}
	q.consumer, err = stream.CreateConsumer(ctx, api.ConsumerConfig{
		Durable: s.Consumer, AckPolicy: api.AckExplicitPolicy, AckWait: comesAgain, MaxDeliver: -1, FilterSubject: s.Subject,
		DeliverPolicy: api.DeliverNewPolicy, InactiveThreshold: forgotten,
		Description: "Tarn imports the objects that are told of here",
	})
	return err
}

// Receive returns messages by what acknowledges them; none, if none came in so long.
func (q *Queue) Receive(ctx context.Context, wait time.Duration) (map[string][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, max(wait, 100*time.Millisecond))
	defer cancel()
	batch, err := q.consumer.Fetch(atOnce, api.FetchContext(ctx))
	if err != nil {
		return nil, explain(err, q.url)
	}
	all := map[string][]byte{}
	for m := range batch.Messages() {
		all[m.Reply()] = m.Data()
		if len(all) == 1 {
			// The others are there already, or come later.
			time.AfterFunc(100*time.Millisecond, cancel)
		}
	}
	err = batch.Error()
	if len(all) > 0 || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) || errors.Is(err, api.ErrNoMessages) {
		err = nil
	}
	if err == nil && q.conn.Status() != nats.CONNECTED {
		err = nats.ErrDisconnected
	}
	return all, explain(err, q.url)
}

// Done says that messages are done with. The others come again.
func (q *Queue) Done(_ context.Context, receipts []string) error {
	for _, r := range receipts {
		if err := q.conn.Publish(r, []byte("+ACK")); err != nil {
			return explain(err, q.url)
		}
	}
	return explain(q.conn.FlushTimeout(answer), q.url)
}

// Close lets go of the server. What is not done with comes again.
func (q *Queue) Close() error {
	q.conn.Close()
	return nil
}

// explain says what an error means.
func explain(err error, at string) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	for _, m := range []struct {
		means  error
		advice string
		of     []error
	}{
		{ErrNoStream, "make it first, such as: nats stream add NAME --subjects s3events", []error{api.ErrStreamNotFound, api.ErrConsumerNotFound, api.ErrConsumerDeleted}},
		{ErrDenied, "name a file of credentials that may: setting nats-creds", []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrPermissionViolation, api.ErrJetStreamNotEnabledForAccount}},
		{ErrUnreachable, "look at the URL and the network; it is asked again", []error{nats.ErrNoServers, nats.ErrTimeout, nats.ErrDisconnected, nats.ErrConnectionClosed, nats.ErrNoResponders, api.ErrNoHeartbeat, api.ErrJetStreamNotEnabled, api.ErrServerShutdown, context.DeadlineExceeded}},
	} {
		for _, one := range m.of {
			if errors.Is(err, one) {
				return hint.Add(fmt.Errorf("%s: %w (%w)", at, m.means, err), m.advice)
			}
		}
	}
	return fmt.Errorf("%s: %w", at, err)
}
