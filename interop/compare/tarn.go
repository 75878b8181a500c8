package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tarn/lake"
	"tarn/query"
)

// tarnAlone is Tarn without a server: tarn import, and the engine of tarn query in a
// process of its own, as DuckDB has it.
func tarnAlone(t tools) system {
	return system{
		name: "tarn", title: "Tarn", version: t.commit,
		about: "`tarn import` into a new lake: every event's bytes kept, duplicates looked for, filters and proofs made, all of it synced. Asked by the engine of `tarn query` in a process that holds a snapshot.",
		ingest: func(ctx context.Context, b bucket, dir string) (loaded, error) {
			began := time.Now()
			c, said := t.onLake(ctx, dir, "import", b.dir)
			p, err := once("tarn import", c, said)
			return loaded{time.Since(began).Seconds(), []process{p}}, err
		},
		open: func(ctx context.Context, _ bucket, dir string) (session, error) {
			c, said := command(ctx, t.self, "child", "tarn", filepath.Join(dir, "lake"))
			return talk("tarn", c, said)
		},
		words: func(q question) string { return q.sql },
	}
}

// onLake is a command of tarn on the lake in dir, whose key lies beside it.
func (t tools) onLake(ctx context.Context, dir string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	c, said := command(ctx, t.tarn, append(args, "--lake", filepath.Join(dir, "lake"))...)
	c.Env = append(c.Env, "TARN_THREADS="+strconv.Itoa(processors), "XDG_CONFIG_HOME="+filepath.Join(dir, "config"))
	return c, said
}

// tarnChild answers by the engine in this process.
func tarnChild(ctx context.Context, dir string) (err error) {
	l, err := lake.View(dir, lake.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	snap := l.Snapshot()
	defer snap.Release()
	engine, err := query.Open(query.Options{Threads: processors})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	return listen(func(words string) ([]map[string]any, error) { return engineRows(ctx, engine, snap, words) })
}

func engineRows(ctx context.Context, engine *query.Engine, snap *lake.Snapshot, words string) (all []map[string]any, err error) {
	res, err := engine.Run(ctx, snap, words)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, res.Close()) }()
	columns := res.Columns()
	for values, err := range res.Rows(ctx) {
		if err != nil {
			return nil, err
		}
		row := make(map[string]any, len(columns))
		for i, c := range columns {
			if !values[i].Null {
				row[c.Name] = values[i].Text
			}
		}
		all = append(all, row)
	}
	return all, nil
}

// tarnServed is Tarn as a server, over the same lake.
func tarnServed(t tools) system {
	return system{
		name: "tarn-serve", title: "Tarn, tarn serve", version: t.commit,
		about: "`tarn serve` over the same lake, asked by POST /sql with an access key: every statement runs in a sandbox and is recorded in the log of record.",
		from:  "tarn",
		open:  t.serve,
		words: func(q question) string { return q.sql },
	}
}

// serve starts a server with an access key for a reader.
func (t tools) serve(ctx context.Context, _ bucket, dir string) (session, error) {
	s := &tarnServer{}
	if err := t.accessKey(ctx, dir, s); err != nil {
		return nil, err
	}
	s.cmd, s.said = t.onLake(ctx, dir, "serve", "--listen", "127.0.0.1:0")
	s.cmd.Stderr = nil
	log, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(log)
	for s.url == "" && lines.Scan() {
		s.said.Write(lines.Bytes())
		var line struct{ Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Address != "" {
			s.url = "http://" + line.Address + "/sql?format=ndjson"
		}
	}
	s.drained = make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, log)
		s.drained <- err
	}()
	if s.url == "" {
		_, err := s.end()
		return nil, fmt.Errorf("tarn serve listens nowhere: %s %w", s.said, err)
	}
	return s, nil
}

// accessKey has s ask by the key of an earlier start, or by a new one.
func (t tools) accessKey(ctx context.Context, dir string, s *tarnServer) error {
	kept := filepath.Join(dir, "config", "compare-key.json")
	out, err := os.ReadFile(kept)
	if errors.Is(err, os.ErrNotExist) {
		c, said := t.onLake(ctx, dir, "access", "create", "compare", "--role", "reader", "--format", "ndjson")
		if out, err = c.Output(); err != nil {
			return fmt.Errorf("tarn access: %w\n%s", err, said)
		}
		err = os.WriteFile(kept, out, 0o600)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(out, &s.key)
}

// tarnServer is a running tarn serve.
type tarnServer struct {
	cmd     *exec.Cmd
	said    *bytes.Buffer
	url     string
	key     struct{ AccessKeyID, SecretAccessKey string }
	drained chan error
}

func (s *tarnServer) ask(ctx context.Context, words string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(words))
	if err != nil {
		return answer{}, err
	}
	r.SetBasicAuth(s.key.AccessKeyID, s.key.SecretAccessKey)
	return overHTTP("tarn serve", r)
}

func (s *tarnServer) end() (process, error) {
	return terminate("tarn serve", s.cmd, func() error { return errors.Join(<-s.drained, s.cmd.Wait()) })
}

// terminate ends a server, waits for that, and takes note of what it took.
func terminate(name string, c *exec.Cmd, wait func() error) (process, error) {
	if err := c.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return process{}, err
	}
	if err := wait(); err != nil {
		return process{}, fmt.Errorf("%s: %w", name, err)
	}
	return used(name, c), nil
}

// overHTTP sends a request whose answer is rows as lines of JSON, and times it until all of them are read.
func overHTTP(name string, r *http.Request) (a answer, err error) {
	start := time.Now()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return a, err
	}
	body, err := io.ReadAll(res.Body)
	a.Millis = millis(time.Since(start))
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return a, err
	}
	if res.StatusCode/100 != 2 {
		return a, fmt.Errorf("%s: %s: %s", name, res.Status, body)
	}
	lines := json.NewDecoder(bytes.NewReader(body))
	lines.UseNumber()
	for {
		var row map[string]any
		if err := lines.Decode(&row); errors.Is(err, io.EOF) {
			return a, nil
		} else if err != nil {
			return a, fmt.Errorf("%s: %w", name, err)
		}
		a.Rows = append(a.Rows, row)
	}
}
