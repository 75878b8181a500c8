package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tarn/internal/jscan"
)

// victoriaLogs is VictoriaLogs, which takes JSON lines over HTTP.
func victoriaLogs(t tools) system {
	return system{
		name: "victorialogs", title: "VictoriaLogs", version: victorVersion,
		about: "VictoriaLogs, built from Go modules (`compare/victorialogs`), with a retention of 100 years and else as it comes. A client of ours gunzips, splits and posts JSON lines by as many connections as there are processors, since it does not read CloudTrail's files; " +
			"streams are account and region. The ingest ends when all is flushed and can be found; memory and processor time are the server's and the client's.",
		ingest: t.feedVictor,
		open: func(ctx context.Context, _ bucket, dir string) (session, error) {
			return t.startVictor(ctx, dir)
		},
		words: func(q question) string { return q.logsQL },
	}
}

// victorVersion is what compare/victorialogs/go.mod has.
const victorVersion = "1.51.1-0.20260624061259-dc94972a8708, linked with VictoriaMetrics 1.148.8"

// victor is a running VictoriaLogs.
type victor struct {
	cmd    *exec.Cmd
	said   *bytes.Buffer
	url    string
	ended  chan struct{}
	waited error // when it has ended
}

// startVictor starts a server over the folder, and returns when it answers.
func (t tools) startVictor(ctx context.Context, dir string) (*victor, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	v := &victor{url: "http://" + address, ended: make(chan struct{})}
	v.cmd, v.said = command(ctx, t.victor, "-storageDataPath", filepath.Join(dir, "data"), "-httpListenAddr", address,
		"-retentionPeriod", "100y", "-futureRetention", "100y", "-loggerLevel", "WARN", "-search.maxQueryDuration", "10m")
	if err := v.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		v.waited = v.cmd.Wait()
		close(v.ended)
	}()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+"/health", nil)
		if err != nil {
			return nil, err
		}
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			return v, res.Body.Close()
		}
		select {
		case <-v.ended:
			return nil, fmt.Errorf("VictoriaLogs ended: %w\n%s", errors.Join(v.waited, ctx.Err()), v.said)
		case <-time.After(time.Millisecond): // it says nowhere when it listens
		}
	}
}

// freeAddress is one on loopback at which nobody listens now.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (v *victor) ask(ctx context.Context, words string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url+"/select/logsql/query", strings.NewReader(url.Values{"query": {words}}.Encode()))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a, err := overHTTP("VictoriaLogs", r)
	for _, row := range a.Rows {
		// What SQL calls by another name.
		row["eventTime"], row["h"] = row["_time"], row["_time"]
		row["arn"], row["userName"] = row["userIdentity.arn"], row["userIdentity.userName"]
	}
	return a, err
}

func (v *victor) end() (process, error) {
	p, err := terminate("victoria-logs", v.cmd, func() error {
		<-v.ended
		return v.waited
	})
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, v.said)
	}
	return p, err
}

// feedVictor starts a server, and times a client that feeds it.
func (t tools) feedVictor(ctx context.Context, b bucket, dir string) (loaded, error) {
	v, err := t.startVictor(ctx, dir)
	if err != nil {
		return loaded{}, err
	}
	began := time.Now()
	c, said := command(ctx, t.self, "child", "feed", v.url, b.dir)
	client, err := once("client", c, said)
	took := time.Since(began).Seconds()
	server, ended := v.end()
	return loaded{took, []process{server, client}}, errors.Join(err, ended)
}

// batchBytes is how much is posted at a time.
const batchBytes = 4 << 20

// feed posts the records of a bucket as JSON lines, and has them flushed.
func feed(ctx context.Context, server, dir string) error {
	paths, err := objects(dir)
	if err != nil {
		return err
	}
	to := server + "/insert/jsonline?" + url.Values{"_time_field": {"eventTime"}, "_stream_fields": {"recipientAccountId,awsRegion"}}.Encode()
	next := make(chan string)
	all, together := errgroup.WithContext(ctx)
	all.Go(func() error {
		defer close(next)
		for _, p := range paths {
			select {
			case next <- p:
			case <-together.Done():
				return together.Err()
			}
		}
		return nil
	})
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() error { return feedSome(together, to, next) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	return post(ctx, server+"/internal/force_flush", nil)
}

// feedSome posts the records of objects until there are no more.
func feedSome(ctx context.Context, to string, next <-chan string) error {
	var plain, lines bytes.Buffer
	for path := range next {
		if err := readObject(path, &plain); err != nil {
			return err
		}
		top := jscan.Members(plain.Bytes())
		_, list, _ := top.Next() // an object has one member, Records
		all := jscan.Members(list)
		for r, ok := all.Elem(); ok; r, ok = all.Elem() {
			lines.Write(r)
			lines.WriteByte('\n')
		}
		if lines.Len() >= batchBytes {
			if err := post(ctx, to, lines.Bytes()); err != nil {
				return err
			}
			lines.Reset()
		}
	}
	if lines.Len() == 0 {
		return nil
	}
	return post(ctx, to, lines.Bytes())
}

// post sends lines of JSON. With the type that forms have, the server would read the
// first 10 MiB as one.
func post(ctx context.Context, to string, lines []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(lines))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/stream+json")
	_, err = overHTTP("VictoriaLogs", r)
	return err
}
