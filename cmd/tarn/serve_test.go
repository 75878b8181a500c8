package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/lake/statedb"
)

// running is a tarn serve that runs, and what it has logged.
type running struct {
	t    *testing.T
	cmd  *exec.Cmd
	logs *bufio.Scanner
	log  strings.Builder
	read chan struct{} // closed when all of the log was, if somebody reads it
}

// drain reads the log to its end, which would fill a pipe.
func (s *running) drain() {
	s.read = make(chan struct{})
	go func() {
		defer close(s.read)
		for s.logs.Scan() {
			fmt.Fprintln(&s.log, s.logs.Text())
		}
	}()
}

// serve starts a server and waits until it listens.
func (p program) serve(t *testing.T, dir string, flags ...string) *running {
	t.Helper()
	if !slices.Contains(flags, "--listen") {
		flags = append(flags, "--listen", "off") // the usual address is one of the machine
	}
	s := &running{t: t, cmd: p.command(t, append([]string{"serve", "--lake", dir}, flags...)...)}
	r, err := s.cmd.StderrPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() }) // unless it has ended
	s.logs = bufio.NewScanner(r)
	s.logged(`"message":"listening"`)
	return s
}

// logged waits until the server logs a line with that text.
func (s *running) logged(want string) {
	s.t.Helper()
	for s.logs.Scan() {
		fmt.Fprintln(&s.log, s.logs.Text())
		if strings.Contains(s.logs.Text(), want) {
			return
		}
	}
	s.t.Fatalf("the server does not log %q, but:\n%s", want, &s.log)
}

// ends sends the server a signal and returns the exit code that it comes to.
func (s *running) ends(sig os.Signal) int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Fatal(err)
	}
	if s.read == nil {
		s.drain()
	}
	<-s.read
	_ = s.cmd.Wait() // its state tells
	return s.cmd.ProcessState.ExitCode()
}

// outcome runs a command in a folder with something to read, and returns all that
// can be seen of it, without what differs from one time to the next.
func (p program) outcome(t *testing.T, dir, in string, args ...string) string {
	t.Helper()
	cmd := p.command(t, args...)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // its state tells
	text := fmt.Sprintf("%s\nexit code %d\n%s%s", strings.Join(args, " "), cmd.ProcessState.ExitCode(), &out, &errs)
	return passing.ReplaceAllString(text, "*")
}

// passing are ids, times, and sizes of files that hold ids.
var passing = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9]{4}-[0-9-]{5}[T ][0-9:.]{8,}Z?|in [0-9.]+ [mµ]?s|[0-9.]+ [kM]B|StoredBytes": [0-9]+|[0-9,]+/s|columns of [0-9]+ events`)

// ofTheAudit is what tells of the lake's own store: a server's has its start, too.
var ofTheAudit = regexp.MustCompile(`[^\n]*tarn_audit[^\n]*\n|[0-9]+ events[^,]*, [0-9]+ log entries|copied [0-9]+ files`)

// Whether a server has the lake or not, commands look and end the same.
func TestCommandsLookTheSameInAServer(t *testing.T) {
	t.Setenv("TARN_AUDIT", "on")
	p := newProgram(t)
	dir := t.TempDir()
	logs := filepath.Join(dir, "logs", "deep")
	_, err := eventgen.WriteBucket(logs, eventgen.Options{Events: 60, Days: 2, EventsPerObject: 20, NoStory: true})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(logs, "bad.json"), `{"Records":[{"eventID":"x","eventTime":"2026-10-02T03:04:05Z"}, {"eventID":"y"}, 7`)
	write(t, filepath.Join(dir, "conf"), "store = prod\nformat = json\n")
	write(t, filepath.Join(dir, "logs", "selectors.json"), `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]`)
	const piped = `{"Records":[{"eventID":"piped","eventTime":"2026-10-02T03:04:05Z"}]}`
	var seen [2]string
	for n, served := range []bool{false, true} {
		name := filepath.Join(dir, fmt.Sprint("lake-", n))
		p.run(t, "store", "create", "prod", "--lake", name)
		var s *running
		if served {
			s = p.serve(t, name)
		}
		commands := [][]string{
			{"import", "."}, {"import", "--store", "prod", "../deep", "bad.json"}, {"import", "-"}, {"import", "nothing-there"},
			{"import", "--config", "../../conf", "bad.json"}, {"import", "--duplicates", "what", "."}, {"import", "--dry-run", "."}, {"import"},
			{"store", "create", "other", "--retention", "90d"}, {"store", "create", "other"}, {"store", "create", "third", "--config", "../../conf"},
			{"store", "update", "other", "--name", "another", "--termination-protection", "off"}, {"store", "delete", "prod", "--yes"},
			{"store", "update", "other", "--selectors", "nothing-there"}, {"store", "update", "third", "--selectors", "../selectors.json"},
			{"store", "delete", "another"}, {"store", "delete", "another", "--yes"}, {"store", "restore", "another", "--format", "csv"},
			{"store", "update", "nobody", "--retention", "1y"}, {"store", "list"}, {"import", "list"}, {"import", "list", "--format", "csv"}, {"verify"},
			{"store", "update", "third", "--lock", "governance"}, {"store", "update", "third", "--retention", "7d"},
			{"store", "update", "third", "--retention", "8d", "--bypass-governance", "--reason", "so"},
			{"hold", "place", "--store", "prod", "--reason", "case"}, {"hold", "list"}, {"hold", "release", "nothing", "--reason", "so"},
			{"retention", "apply"}, {"retention", "apply", "--store", "third"}, {"retention", "plan"},
			{"query", "SELECT count(*) FROM prod"}, {"backup", name + "-backup"}, {"backup", "."},
		}
		for _, args := range commands {
			seen[n] += p.outcome(t, logs, piped, append(args, "--lake", name)...)
		}
		seen[n] = ofTheAudit.ReplaceAllString(strings.ReplaceAll(seen[n], name, "LAKE"), "*")
		p.place(t, name).Sound(t)
		if served {
			if code := s.ends(syscall.SIGTERM); code != exitDone {
				t.Errorf("the server ends with exit code %d:\n%s", code, &s.log)
			}
			if n := strings.Count(s.log.String(), `"message":"command"`); n != 23 {
				t.Errorf("%d commands have run in the server:\n%s", n, &s.log)
			}
		}
	}
	if d := cmp.Diff(seen[0], seen[1]); d != "" {
		t.Errorf("-without a server +with one\n%s", d)
	}
}

// underWay has an import run in a server: it reads a pipe, whose other end is
// returned with the command.
func (p program) underWay(t *testing.T, dir string) (*exec.Cmd, *bytes.Buffer, *os.File) {
	t.Helper()
	fifo := filepath.Join(t.TempDir(), "logs.tar")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := p.command(t, "import", fifo, "--lake", dir)
	var told bytes.Buffer
	cmd.Stderr = &told
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in, err := os.OpenFile(fifo, os.O_WRONLY, 0) // waits until the import reads, and so has begun
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return cmd, &told, in
}

// tarOf is an archive of one log.
func tarOf(t *testing.T, name, log string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(log))}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, log); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const oneEvent = `{"Records":[{"eventID":"one","eventTime":"2026-10-02T03:04:05Z"}]}`

func TestClientsOfAServerBesideEachOther(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	write(t, dir+"-log.json", oneEvent)
	p.run(t, "store", "create", "cloudtrail", "--lake", dir)
	s := p.serve(t, dir)

	first, told, in := p.underWay(t, dir)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"import", dir + "-log.json"}, "\nexit code 11\ntarn: error: import into cloudtrail: append to cloudtrail: an import is under way\ntarn: hint: a lake takes one import at a time;"},
		{[]string{"store", "create", "prod"}, "\nexit code 0\n"}, // beside an import
		{[]string{"serve"}, "\nexit code 11\ntarn: error: open lake " + dir + ": in use by another process (process "},
		{[]string{"query", "SELECT count(*) FROM cloudtrail"}, "\nexit code 0\n{\"_col0\":0}\n"},
		{[]string{"import", "list", "--status", "initializing", "--format", "csv"}, ",cloudtrail,"},
		{[]string{"import", "list", "--status", "FAILED", "--format", "csv"}, "append to cloudtrail: an import is under way"},
	} {
		if got := p.outcome(t, ".", "", append(tt.args, "--lake", dir)...); !strings.Contains(got, tt.want) {
			t.Errorf("beside an import: %s\nwant in it: %s", got, tt.want)
		}
	}
	if _, err := in.Write(tarOf(t, "log.json", oneEvent)); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if err := first.Wait(); err != nil || !strings.Contains(told.String(), "1 event stored") {
		t.Errorf("%v\n%s", err, told)
	}
	if got := p.run(t, "import", dir+"-log.json", "--lake", dir); !strings.Contains(got, "0 events stored, 1 duplicate") {
		t.Errorf("the import that had to wait: %s", got)
	}
	if code := s.ends(os.Interrupt); code != exitDone {
		t.Errorf("exit code %d:\n%s", code, &s.log)
	}
}

// With its client, a command ends; the server goes on.
func TestAClientThatIsInterruptedOrKilled(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	p.run(t, "store", "create", "cloudtrail", "--lake", dir)
	s := p.serve(t, dir)
	for _, tt := range []struct {
		sig  os.Signal
		code int
		told string
	}{
		{os.Interrupt, exitInterrupted, "tarn: error: interrupted\ntarn: hint: what was committed stays; the same command goes on from there\n"},
		{os.Kill, -1, ""},
	} {
		cmd, told, _ := p.underWay(t, dir)
		if err := cmd.Process.Signal(tt.sig); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // its state tells
		if code := cmd.ProcessState.ExitCode(); code != tt.code || !strings.HasSuffix(told.String(), tt.told) {
			t.Errorf("%v: exit code %d: %s", tt.sig, code, told)
		}
		s.logged(`"message":"command done"`)
	}
	var list struct{ Imports []importJSON }
	if err := json.Unmarshal([]byte(p.run(t, "import", "list", "--lake", dir, "--format", "json")), &list); err != nil || len(list.Imports) != 2 {
		t.Fatalf("%v: %v", list, err)
	}
	for _, i := range list.Imports {
		if i.ImportStatus != statedb.Stopped || i.Reason != "interrupted" || !strings.Contains(i.Resume, " && tarn import /") {
			t.Errorf("%+v", i)
		}
	}
}

// When the server is asked to end, its commands end as interrupted ones; when it
// is killed, its clients say so. Either way the next writer goes on.
func TestAServerThatEndsDuringAnImport(t *testing.T) {
	p := newProgram(t)
	for _, tt := range []struct {
		sig               syscall.Signal
		code, clientCode  int
		told, status, why string
		leavesSocket      bool
	}{
		{syscall.SIGTERM, exitDone, exitInterrupted, "tarn: error: interrupted: the server is ending\ntarn: hint: what was committed stays;", "STOPPED", "interrupted: the server is ending", false},
		{syscall.SIGKILL, -1, exitFailed, ", which has the lake, does not say what became of the command: it has ended\ntarn: hint: run the same command again:", "FAILED", "interrupted: the process that ran it ended before it did; what was committed stays", true},
	} {
		dir := filepath.Join(t.TempDir(), "lake")
		log := dir + "-log.json"
		write(t, log, oneEvent)
		p.run(t, "store", "create", "cloudtrail", "--lake", dir)
		s := p.serve(t, dir)
		cmd, told, _ := p.underWay(t, dir)
		if code := s.ends(tt.sig); code != tt.code {
			t.Errorf("%v: the server ends with exit code %d:\n%s", tt.sig, code, &s.log)
		}
		_ = cmd.Wait() // its state tells
		if code := cmd.ProcessState.ExitCode(); code != tt.clientCode || !strings.Contains(told.String(), tt.told) {
			t.Errorf("%v: the client ends with exit code %d: %s", tt.sig, code, told)
		}
		if _, err := os.Lstat(filepath.Join(dir, lake.SocketFile)); (err == nil) != tt.leavesSocket {
			t.Errorf("%v: the socket: %v", tt.sig, err)
		}
		p.run(t, "import", log, "--lake", dir)
		if got := p.outcome(t, ".", "", "import", "list", "--format", "csv", "--lake", dir, "--status", tt.status); !strings.Contains(got, ","+tt.why+",") {
			t.Errorf("%v: %s", tt.sig, got)
		}
		s = p.serve(t, dir)
		if got := p.run(t, "import", log, "--lake", dir); !strings.Contains(got, "1 imported before") {
			t.Errorf("%v: an import in the next server: %s", tt.sig, got)
		}
		if code := s.ends(syscall.SIGTERM); code != exitDone {
			t.Errorf("exit code %d:\n%s", code, &s.log)
		}
		p.place(t, dir).Sound(t)
	}
}

// A server may be killed as often as one likes while it imports: nothing is lost,
// nothing doubled, and the next writer, a server or not, goes on.
func TestKilledServersLoseAndDoubleNothing(t *testing.T) {
	p := newProgram(t)
	dir := t.TempDir()
	bucket := filepath.Join(dir, "bucket")
	_, err := eventgen.WriteBucket(bucket, eventgen.Options{Events: 400, Days: 9, EventsPerObject: 15, NoStory: true})
	if err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(dir, "whole")
	start := time.Now()
	p.run(t, "import", bucket, "--lake", whole)
	took := time.Since(start)
	want := p.place(t, whole).Events(t)

	chance := rand.New(rand.NewPCG(2, uint64(time.Now().UnixNano())))
	name := filepath.Join(dir, "lake")
	p.run(t, "store", "create", "cloudtrail", "--lake", name)
	for range number(t, "TARN_KILLS", 4) {
		s := p.serve(t, name)
		cmd := p.command(t, "import", bucket, "--lake", name)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(chance.Int64N(int64(took))), func() { _ = s.cmd.Process.Kill() })
		_ = cmd.Wait() // whatever became of it
		kill.Stop()
		s.ends(os.Kill)
	}
	p.run(t, "import", bucket, "--lake", name)
	place := p.place(t, name)
	laketest.Same(t, "events", want, place.Events(t))
	place.Sound(t)
}

// Keys stand in no log, whoever writes them where; a command's own log goes to
// whoever runs it.
func TestLogsOfAServer(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	write(t, dir+"-log.json", oneEvent)
	p.run(t, "store", "create", "cloudtrail", "--lake", dir)
	key, err := os.ReadFile(p.place(t, dir).Key)
	if err != nil {
		t.Fatal(err)
	}
	s := p.serve(t, dir)
	cmd := p.command(t, "import", dir+"-log.json", strings.TrimSpace(string(key)), "--lake", dir)
	cmd.Env = append(cmd.Env, "TARN_KEY="+strings.TrimSpace(string(key)))
	out, _ := cmd.CombinedOutput() // there is no file of that name
	heard := p.run(t, "import", dir+"-log.json", "--lake", dir, "--log-level", "debug")
	if !strings.Contains(heard, `"message":"segment sealed"`) || !strings.Contains(heard, `"message":"committed"`) {
		t.Errorf("the import's log:\n%s", heard)
	}
	listed := p.run(t, "import", "list", "--lake", dir, "--format", "json")
	if code := s.ends(syscall.SIGTERM); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	secret := strings.SplitN(string(key), "+", 5)[4][:12] // which may have a + itself
	if strings.Contains(string(out)+heard+listed+s.log.String(), secret) || !strings.Contains(s.log.String(), "(a key, not shown)") {
		t.Errorf("a key is shown:\n%s%s%s%s", out, heard, listed, &s.log)
	}
}
