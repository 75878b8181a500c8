package s3

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// Counts are what a client has asked and moved so far. Attempts that failed count.
type Counts struct {
	// Requests are by operation, with the names of the service: GetObject.
	Requests map[string]int64
	// In and Out are the bytes of bodies.
	In, Out int64
}

// Total is the number of requests.
func (c Counts) Total() (n int64) {
	for _, of := range c.Requests {
		n += of
	}
	return n
}

// Counts tells what was asked and moved since the client was opened.
func (c *Client) Counts() Counts { return c.counter.counts() }

// counter sends requests and counts them.
type counter struct {
	to      aws.HTTPClient
	in, out atomic.Int64
	// answered is whether anybody ever has.
	answered atomic.Bool
	mu       sync.Mutex
	by       map[string]int64
}

const (
	// connections is how many are kept to a service: as many as anybody reads at a time.
	connections = 128
	// usualPatience is how long a connection may say nothing before it counts as broken.
	usualPatience = 60 * time.Second
)

// transport is a client whose connections are many and patient.
func transport(patience time.Duration) *awshttp.BuildableClient {
	dial := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return patient{conn, patience}, nil
		}
		t.MaxIdleConns, t.MaxIdleConnsPerHost, t.IdleConnTimeout = connections, connections, patience/2
		t.DisableCompression = true // objects come as they are
	})
}

// Do implements [aws.HTTPClient].
func (c *counter) Do(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.by[middleware.GetOperationName(r.Context())]++
	c.mu.Unlock()
	c.out.Add(max(0, r.ContentLength))
	answer, err := c.to.Do(r)
	if err == nil {
		c.answered.Store(true)
		answer.Body = &counted{answer.Body, &c.in}
	}
	return answer, err
}

func (c *counter) counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Counts{Requests: maps.Clone(c.by), In: c.in.Load(), Out: c.out.Load()}
}

type counted struct {
	io.ReadCloser
	n *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// patient is a connection on which no read waits for ever.
type patient struct {
	net.Conn
	patience time.Duration
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.SetReadDeadline(time.Now().Add(p.patience)); err != nil {
		return 0, err
	}
	return p.Conn.Read(b)
}
