package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"tarn/internal/eventgen"
	"tarn/server/remote"
)

// What a server runs for others is said of every command and of every flag, and the
// reason where it does not.
func TestEveryCommandIsForAnEndpointOrNot(t *testing.T) {
	remotes, not := remoteCommands(), notRemote()
	var known []string
	for _, c := range commandsOf((&app{}).rootCommand()) {
		name := named(c)
		known = append(known, name)
		one, is := remotes[name]
		_, isNot := not[name]
		if here := slices.Contains(hereCommands(), name); !c.HasSubCommands() && (is && isNot || here && (is || isNot) || !is && !isNot && !here) {
			t.Errorf("%s: runs at an endpoint %v, does not %v, is for here %v", name, is, isNot, here)
		}
		if !is {
			continue
		}
		if operationNames[name] == "" {
			t.Errorf("%s has no name in operationNames", name)
		}
		all := slices.Concat(one.flags, one.in, one.out)
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			_, isNot := not[name+" --"+f.Name]
			if f.Name != "help" && slices.Contains(all, f.Name) == isNot {
				t.Errorf("%s --%s: whether an endpoint takes it is not said, or twice", name, f.Name)
			}
			known = append(known, name+" --"+f.Name)
		})
		for _, flag := range all {
			if c.Flags().Lookup(flag) == nil {
				t.Errorf("%s has no flag %s", name, flag)
			}
		}
	}
	known = append(known, "report record", "pin") // which people do not see
	for _, names := range [][]string{keysOf(remotes), keysOf(not)} {
		for _, name := range names {
			if !slices.Contains(known, name) {
				t.Errorf("there is no %s", name)
			}
		}
	}
}

// docs/remote.md names each command where it runs, or does not.
func TestTheDocsKnowWhatRunsAtAnEndpoint(t *testing.T) {
	text, err := os.ReadFile("../../docs/remote.md")
	if err != nil {
		t.Fatal(err)
	}
	runs, not, ok := strings.Cut(string(text), "## What does not")
	if !ok {
		t.Fatal("no heading")
	}
	for in, names := range map[string][]string{runs: keysOf(remoteCommands()), not: keysOf(notRemote())} {
		for _, name := range names {
			_, flag, _ := strings.Cut(name, " --")
			if !strings.Contains(in, "`"+name+"`") && (flag == "" || !strings.Contains(in, "--"+flag+"`")) {
				t.Errorf("%s is not where it is looked for", name)
			}
		}
	}
}

func keysOf[V any](m map[string]V) (all []string) {
	for name := range m {
		all = append(all, name)
	}
	return all
}

// credential makes an access key and returns it as a client's environment.
func (p program) credential(t *testing.T, dir, url string, flags ...string) []string {
	t.Helper()
	out := p.run(t, append([]string{"access", "create", "somebody", "--format", "json", "--lake", dir}, flags...)...)
	var all []struct{ AccessKeyId, SecretAccessKey, Kind string }
	if err := json.Unmarshal([]byte(out[strings.IndexByte(out, '['):strings.LastIndexByte(out, ']')+1]), &all); err != nil || len(all) != 1 {
		t.Fatal(out, err)
	}
	if all[0].Kind == "token" {
		return []string{"TARN_ENDPOINT=" + url, "TARN_TOKEN=" + all[0].SecretAccessKey}
	}
	return []string{"TARN_ENDPOINT=" + url, "TARN_ACCESS_KEY=" + all[0].AccessKeyId, "TARN_SECRET_KEY=" + all[0].SecretAccessKey}
}

// at is the program as whoever has a credential runs it.
func (p program) at(t *testing.T, vars []string, args ...string) *exec.Cmd {
	cmd := p.command(t, args...)
	cmd.Env = append(cmd.Env, vars...)
	return cmd
}

// A command looks and ends the same, whether the lake is in a folder or at an endpoint,
// and files that it writes are the same.
func TestCommandsLookTheSameAtAnEndpoint(t *testing.T) {
	p := newProgram(t)
	dir := t.TempDir()
	logs := filepath.Join(dir, "logs", "deep")
	if _, err := eventgen.WriteBucket(logs, eventgen.Options{Events: 60, Days: 2, EventsPerObject: 20, NoStory: true}); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(logs, "bad.json"), `{"Records":[{"eventID":"x","eventTime":"2026-10-02T03:04:05Z"}, {"eventID":"y"}, 7`)
	write(t, filepath.Join(dir, "conf"), "store = prod\nformat = csv\n")
	write(t, filepath.Join(dir, "logs", "selectors.json"), `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]`)
	write(t, filepath.Join(logs, "q.sql"), "SELECT eventID FROM cloudtrail ORDER BY 1 LIMIT 2;\nSELECT nope FROM cloudtrail;")
	write(t, filepath.Join(logs, "map.json"), `{"fields":{"eventName":"eventType","eventTime":"published"}}`)
	write(t, filepath.Join(logs, "okta.jsonl"), `{"uuid":"1","eventType":"user.session.start","published":"2026-10-02T03:04:05.678Z"}`)
	const piped = `{"eventID":"piped","eventTime":"2026-10-02T03:04:05Z"}`
	var seen [2]string
	for n, far := range []bool{false, true} {
		name := filepath.Join(dir, fmt.Sprint("lake-", n))
		_ = outcomeOf(p.command(t, "import", logs, "--lake", name), dir, "") // bad.json is no log
		s := p.serve(t, name, "--listen", "127.0.0.1:0")
		vars := p.credential(t, name, "http://"+s.address(), "--role", "admin")
		s.drain()
		out := filepath.Join(dir, fmt.Sprint("out-", n))
		commands := [][]string{
			{"query", "SELECT eventName, count(*) FROM cloudtrail GROUP BY 1 ORDER BY 1"}, {"query", "--format", "table", "SELECT 1 AS a, 'x' AS b"}, {"query", "SELECT nope FROM cloudtrail"},
			{"query", "-f", "q.sql"}, {"query", "-f", "nothing.sql"}, {"query", "--config", "../../conf", "SELECT count(*) FROM cloudtrail"}, {"query", "--explain", "SELECT nope"}, {"query", "--sample", "root", "login"},
			{"query", "--at", "1", "SELECT count(*) FROM cloudtrail"}, {"query"}, {"query", "SELECT eventID FROM cloudtrail ORDER BY 1", "-o", out + ".csv"}, {"query", "SELECT eventID FROM cloudtrail ORDER BY 1", "-o", "/nowhere/x.csv"},
			{"query", "SELECT nope", "-o", out + ".json"}, {"store", "create", "prod", "--retention", "90d"}, {"store", "create", "prod"}, {"store", "create", "third", "--config", "../../conf", "--family", "activity"},
			{"store", "update", "prod", "--selectors", "../selectors.json"}, {"store", "show", "prod", "--format", "json"}, {"store", "show", "nobody"},
			{"import", "--failures", "--format", "json"}, {"import", "list", "--format", "csv", "--store", "cloudtrail"}, {"inspect", "--coverage", "--store", "cloudtrail"}, {"inspect", "--segments", "--log"}, {"log", "--type", "store_create", "--format", "csv"},
			{"hold", "place", "--store", "prod", "--reason", "case"}, {"hold", "release", "nothing", "--reason", "so"}, {"retention", "plan", "--format", "csv"}, {"retention", "apply", "--store", "prod"},
			{"export", "--raw"}, {"report", "run", "lake-integrity", "--store", "cloudtrail", "--from", "2026-10-01", "--to", "2026-10-31", "--format", "csv"}, {"report", "run", "cis-aws", "--store", "cloudtrail", "-o", out + ".html"},
			{"report", "verify", out + ".html"}, {"report", "verify", "q.sql"}, {"report", "history", "--format", "csv"},
			// Last, as an event that was put is seen a moment later.
			{"put", "--store", "cloudtrail"}, {"put", "--receipts", "--store", "cloudtrail", "-"}, {"put", "--store", "third", "--map", "./map.json", "okta.jsonl"}, {"put", "--map", "nothing", "okta.jsonl"},
			{"store", "delete", "third"}, {"access", "revoke", "nobody"}, {"keys", "results"},
			{"witness", "list"}, {"follow", "list"}, {"report", "schedule", "list"}, {"no", "such"}, {"query", "--no-such"}, {"report", "show", "cis-aws"},
		}
		for _, args := range commands {
			cmd := p.command(t, append(args, "--lake", name)...)
			if far {
				cmd = p.at(t, vars, args...)
			}
			seen[n] += args[0] + " " + outcomeOf(cmd, logs, piped)
		}
		csv, err := os.ReadFile(out + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(out + ".json"); err == nil {
			t.Error("a statement that fails leaves a file")
		}
		seen[n] = ofTheAudit.ReplaceAllString(seen[n]+string(csv), "*")
		seen[n] = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(seen[n], name, "LAKE"), out, filepath.Base(out)), fmt.Sprint("out-", n), "OUT")
		if left, _ := filepath.Glob(filepath.Join(name, commandDir, "*")); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		if code := s.ends(syscall.SIGTERM); code != exitDone {
			t.Errorf("the server ends with exit code %d:\n%s", code, &s.log)
		}
		if far && strings.Contains(s.log.String(), strings.TrimPrefix(vars[2], "TARN_SECRET_KEY=")) {
			t.Error("the secret stands in the server's log")
		}
		p.place(t, name).Sound(t)
	}
	if d := cmp.Diff(strings.Split(seen[0], "\n"), strings.Split(seen[1], "\n")); d != "" {
		t.Errorf("-here +at an endpoint\n%s", d)
	}
}

// outcomeOf is all that can be seen of a command.
func outcomeOf(cmd *exec.Cmd, dir, in string) string {
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // its state tells
	return passing.ReplaceAllString(fmt.Sprintf("exit code %d\n%s%s\n", cmd.ProcessState.ExitCode(), &out, &errs), "*")
}

// Folders, files and archives come as they would from the server's own disk: the same
// objects, which are known again.
func TestImportsThroughAnEndpoint(t *testing.T) {
	p := newProgram(t)
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	if _, err := eventgen.WriteBucket(dir, eventgen.Options{Events: 200, Days: 3, EventsPerObject: 20, NoStory: true}); err != nil {
		t.Fatal(err)
	}
	p.run(t, "store", "create", "cloudtrail", "--lake", lake)
	s := p.serve(t, lake, "--listen", "127.0.0.1:0")
	vars := p.credential(t, lake, "http://"+s.address(), "--role", "admin")
	write(t, filepath.Join(dir, "logs.tar"), string(tarOf(t, "one.json", oneEvent)))
	for _, tt := range []struct{ args, want string }{
		{"import --dry-run AWSLogs", "200 events would be stored"},
		{"import AWSLogs", "200 events stored"},
		{"import AWSLogs", "0 events stored"},
		{"import --from 2020-01-01 --to 2020-12-31 --account 111122223333,111122224444 AWSLogs", "0 events stored"},
		{"import logs.tar", "1 event stored"},
		{"import logs.tar AWSLogs", "one at a time"},
		{"import nothing", "no such file"},
		{"import s3://bucket/AWSLogs/", "folders and files of this machine"},
		{"query SELECT+count(*)+FROM+cloudtrail", `{"_col0":201}`},
	} {
		args := strings.Fields(tt.args)
		args[len(args)-1] = strings.ReplaceAll(args[len(args)-1], "+", " ")
		if said := outcomeOf(p.at(t, vars, args...), dir, ""); !strings.Contains(said, tt.want) {
			t.Errorf("%s: %s; want %q", tt.args, said, tt.want)
		}
	}
	// What came through the endpoint is known where it lies on disk.
	s.ends(syscall.SIGTERM)
	if said := outcomeOf(p.command(t, "import", "AWSLogs", "--lake", lake), dir, ""); !strings.Contains(said, "0 events stored") || !strings.Contains(said, "imported before") {
		t.Error(said)
	}
}

// Everybody may do what their role says, with the event data stores that they have it
// for.
func TestRolesAtAnEndpoint(t *testing.T) {
	p := newProgram(t)
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	for _, name := range []string{"prod", "secret"} {
		p.run(t, "store", "create", name, "--lake", lake)
	}
	s := p.serve(t, lake, "--listen", "127.0.0.1:0")
	url := "http://" + s.address()
	s.drain()
	who := map[string][]string{
		"admin":         p.credential(t, lake, url, "--role", "admin"),
		"auditor":       p.credential(t, lake, url, "--role", "auditor"),
		"reader":        p.credential(t, lake, url, "--role", "reader", "--token"),
		"prod reader":   p.credential(t, lake, url, "--role", "reader", "--store", "prod"),
		"prod auditor":  p.credential(t, lake, url, "--role", "auditor", "--store", "prod"),
		"prod admin":    p.credential(t, lake, url, "--role", "admin", "--store", "prod"),
		"ingester":      p.credential(t, lake, url, "--role", "ingester"),
		"prod ingester": p.credential(t, lake, url, "--role", "ingester", "--store", "prod"),
		"monitor":       p.credential(t, lake, url, "--role", "monitor"),
	}
	const everybody = "admin,auditor,reader,prod reader,prod auditor,prod admin,ingester,prod ingester,monitor"
	for _, tt := range []struct{ args, may string }{
		{"query SELECT+1", "admin,auditor,reader,prod reader,prod auditor,prod admin"},
		{"query SELECT+count(*)+FROM+prod", "admin,auditor,reader,prod reader,prod auditor,prod admin"},
		{"query SELECT+count(*)+FROM+secret", "admin,auditor,reader"},
		{"query SELECT+count(*)+FROM+tarn_audit", "admin,auditor"},
		{"export --raw --store secret", "admin,auditor,reader"},
		{"store show secret", "admin,auditor,reader"},
		{"log", "admin,auditor"}, {"inspect", "admin,auditor"}, {"verify", "admin,auditor"}, {"retention plan", "admin,auditor"},
		{"status", "admin,auditor"}, {"import list", "admin,auditor"}, {"import --failures", "admin,auditor"},
		{"put --store prod", "admin,ingester,prod ingester,prod admin"},
		{"put --store secret", "admin,ingester"},
		{"put --store nobody", "admin,ingester"},
		{"access list", "admin"}, {"hold place --store prod --reason so", "admin"}, {"store update prod --retention 8d", "admin"},
		{"keys rotate", "admin"},
		{"report show cis-aws", everybody}, // it runs here
	} {
		for name, vars := range who {
			args := strings.Fields(tt.args)
			args[len(args)-1] = strings.ReplaceAll(args[len(args)-1], "+", " ")
			said := outcomeOf(p.at(t, vars, args...), dir, "")
			if may := slices.Contains(strings.Split(tt.may, ","), name); may != strings.HasPrefix(said, "exit code 0\n") {
				t.Errorf("%s, tarn %s: %s; may: %v", name, tt.args, said, may)
			}
			if strings.HasPrefix(name, "prod") && strings.Contains(said, "_col0") && strings.Contains(tt.args, "secret") {
				t.Errorf("%s sees another store: %s", name, said)
			}
		}
	}
	list := outcomeOf(p.at(t, who["prod reader"], "store", "list", "--format", "csv"), dir, "")
	if strings.Contains(list, "secret") || strings.Contains(list, "tarn_audit") || !strings.Contains(list, "prod") {
		t.Error(list)
	}
}

// No name in an order leads out of the command's folder, whatever a client says.
func TestNamesFromElsewhereLeadNowhere(t *testing.T) {
	p := newProgram(t)
	dir := t.TempDir()
	lake, outside := filepath.Join(dir, "lake"), filepath.Join(dir, "outside.json")
	p.run(t, "store", "create", "cloudtrail", "--lake", lake)
	write(t, outside, `{"eventID":"outside","eventTime":"2026-10-02T03:04:05Z"}`)
	s := p.serve(t, lake, "--listen", "127.0.0.1:0")
	url := "http://" + s.address()
	s.drain()
	vars := p.credential(t, lake, url, "--role", "admin")
	client := &remote.Client{URL: url + remote.Path, HTTP: http.DefaultClient, Sign: func(r *http.Request) error {
		r.SetBasicAuth(strings.TrimPrefix(vars[1], "TARN_ACCESS_KEY="), strings.TrimPrefix(vars[2], "TARN_SECRET_KEY="))
		return nil
	}}
	up := strings.Repeat("../", 3) + "outside.json"
	for _, args := range [][]string{
		{"query", "-f", outside}, {"query", "-f", up}, {"query", "-f", "a/../../../../outside.json"}, {"query", "-o", outside, "SELECT 1"}, {"query", "-o", up, "SELECT 1"}, {"query", "-oa/" + up, "SELECT 1"},
		{"put", outside}, {"put", up}, {"put", "--map", outside, "-"}, {"put", "--map=" + up, "-"}, {"import", outside}, {"import", "."}, {"import", "-", outside}, {"import", "s3://bucket/"},
		{"import", "--public-keys", outside, "-"}, {"store", "create", "x", "--selectors", outside}, {"verify", "--key", outside}, {"verify", "--checkpoint=" + up}, {"verify", "--resume", outside},
		{"report", "verify", outside}, {"report", "run", "cis-aws", "-o", dir + "/r.html"}, {"report", "run", "cis-aws", "--controls", dir}, {"prove", "x", "--to", dir},
		{"query", "--lake", dir, "SELECT 1"}, {"query", "--config", outside, "SELECT 1"}, {"query", "--log-level", "debug", "SELECT 1"}, {"query", "--endpoint", "http://127.0.0.1:1", "SELECT 1"},
		{"serve"}, {"backup", dir + "/b"}, {"restore", dir}, {"demo"}, {"connect"}, {"man", dir}, {"config"}, {"completion", "bash"}, {"version"}, {"keys", "lost", "--yes", "--reason", "x"}, {"follow", dir}, {"follow", "add", dir},
		{"store", "move", "cloudtrail", "--to", "s3://b/x"}, {"export", "--into", dir + "/e"}, {"report", "schedule", "add", "cis-aws", "--cron", "@daily", "--to", dir}, {"report", "record"}, {"pin"}, {"check-proof", outside},
	} {
		var out, errs bytes.Buffer
		code, err := client.Run(t.Context(), remote.Order{Args: args}, remote.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, remote.Files{
			Save: func(name string, _ func(io.Writer) error) error { return fmt.Errorf("the server sends %s", name) },
		})
		if err != nil || code != exitUsage || out.Len() > 0 || strings.Contains(errs.String(), "no such file") {
			t.Errorf("%q ends with %d, %v: %s%s", args, code, err, &out, &errs)
		}
	}
	for _, files := range [][]string{{"../x"}, {"/x"}, {"a", "a"}, {""}, {"."}, {"a\x00"}, make([]string, 200)} {
		no := new(remote.Refused)
		_, err := client.Run(t.Context(), remote.Order{Args: []string{"query"}, Files: files}, remote.Streams{In: strings.NewReader("")},
			remote.Files{Open: func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil }})
		if !errors.As(err, &no) || no.Status != http.StatusBadRequest {
			t.Errorf("files %q: %v", files[:1], err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("%v, %v", left, err)
	}
	if text, err := os.ReadFile(outside); err != nil || !strings.Contains(string(text), "outside") {
		t.Errorf("%s, %v", text, err)
	}
}

// A command ends when its client wants that, and when the client is gone; the server goes
// on.
func TestCommandsEndWithTheirClients(t *testing.T) {
	p := newProgram(t)
	lake := filepath.Join(t.TempDir(), "lake")
	p.run(t, "store", "create", "cloudtrail", "--lake", lake)
	s := p.serve(t, lake, "--listen", "127.0.0.1:0")
	vars := p.credential(t, lake, "http://"+s.address(), "--role", "admin")
	for _, tt := range []struct {
		sig  os.Signal
		code int
	}{{os.Interrupt, exitInterrupted}, {os.Kill, -1}} {
		cmd := p.at(t, vars, "put", "--receipts")
		var errs bytes.Buffer
		cmd.Stderr = &errs
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(in, `{"eventID":"`+tt.sig.String()+`","eventTime":"2026-10-02T03:04:05Z"}`+"\n"); err != nil {
			t.Fatal(err)
		}
		receipt := make([]byte, 1)
		if _, err := io.ReadFull(out, receipt); err != nil { // so it runs, and waits for more
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(tt.sig); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // its state tells
		if code := cmd.ProcessState.ExitCode(); code != tt.code {
			t.Errorf("%v: exit code %d: %s", tt.sig, code, &errs)
		}
		s.logged(`"command":"put","exit_code":130`)
	}
	for said := ""; !strings.Contains(said, `{"_col0":2}`); { // events are seen after a second or two
		if said = outcomeOf(p.at(t, vars, "query", "SELECT count(*) FROM cloudtrail"), ".", ""); !strings.HasPrefix(said, "exit code 0") {
			t.Fatal(said)
		}
	}
	// And a server that ends says so to those whose commands run.
	cmd := p.at(t, vars, "put", "--receipts")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		_, err = io.WriteString(in, `{"eventID":"last","eventTime":"2026-10-02T03:04:05Z"}`+"\n")
	}
	if err == nil {
		_, err = io.ReadFull(out, make([]byte, 1)) // so it runs
	}
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	s.ends(syscall.SIGTERM)
	_ = cmd.Wait() // its state tells
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || !strings.Contains(errs.String(), "the server ends") {
		t.Errorf("exit code %d: %s", code, &errs)
	}
}

// Nothing goes out in plain text, or to whom nobody vouches for.
func TestEndpointsThatAreNone(t *testing.T) {
	p := newProgram(t)
	lake := filepath.Join(t.TempDir(), "lake")
	p.run(t, "store", "create", "cloudtrail", "--lake", lake)
	s, address := p.secureServer(t, lake, "--tls-self-signed")
	defer s.ends(syscall.SIGTERM)
	vars := p.credential(t, lake, "https://"+address, "--role", "reader")
	certs, err := filepath.Glob(filepath.Join(p.config, "tarn", "*.tls.crt"))
	if err != nil || len(certs) != 1 {
		t.Fatal(certs, err)
	}
	with := func(more ...string) []string { return append(slices.Clone(vars), more...) }
	for _, tt := range []struct {
		vars []string
		args string
		want string
	}{
		{with(), "store list", "endpoint-ca"},
		{with("TARN_ENDPOINT_CA=" + certs[0]), "store list", "exit code 0"},
		{with("TARN_ENDPOINT_CA=/nowhere"), "store list", "no such file"},
		{with("TARN_ENDPOINT_CA="+certs[0], "TARN_SECRET_KEY=wrong"), "store list", "InvalidSignatureException"},
		{with("TARN_SECRET_KEY="), "store list", "has no secret"},
		{with("TARN_ACCESS_KEY=", "TARN_SECRET_KEY="), "store list", "nobody is said"},
		{with("TARN_ENDPOINT=http://192.0.2.1:8276"), "store list", "plain text"},
		{with("TARN_ENDPOINT=lake.example.com"), "store list", "no URL of a server"},
		{with("TARN_ENDPOINT=https://127.0.0.1:1"), "store list", "connection refused"},
		{with("TARN_ENDPOINT_CA=" + certs[0]), "store list --lake " + lake, "exit code 0"}, // the flag says more
		{with(), "store list --endpoint https://x --lake " + lake, "--endpoint and --lake"},
		{with(), "serve", "it is the server"},
		{with(), "config --format csv", "a secret, not shown"},
	} {
		if said := outcomeOf(p.at(t, tt.vars, strings.Fields(tt.args)...), ".", ""); !strings.Contains(said, tt.want) || strings.Contains(said, strings.TrimPrefix(vars[2], "TARN_SECRET_KEY=")) {
			t.Errorf("tarn %s: %s; want %q", tt.args, said, tt.want)
		}
	}
}
