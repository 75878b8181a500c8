package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/schemas"
)

// deed is what an audit event says: who did what, when and from where. Each part
// is a list of paths of which the first that leads to something counts.
type deed struct {
	file, by        string // which audit log, by way of which map
	who, what, from []string
	when            []string
}

func deeds() []deed {
	return []deed{
		{"falco-k8s-audit", "kubernetes", []string{"user.username"}, []string{"requestURI"}, []string{"sourceIPs.0"}, []string{"stageTimestamp"}},
		{"panther-okta-systemlog", "okta", []string{"actor.alternateId"}, []string{"eventType", "eventtype"}, []string{"client.ipAddress", "request.ipChain.0.ip"}, []string{"published"}},
		{"panther-slack-audit", "slack", []string{"actor.user.email"}, []string{"action"}, []string{"context.ip_address"}, []string{"date_create"}},
		{"panther-teleport-audit", "teleport", []string{"user"}, []string{"event"}, []string{"addr%remote", "src_addr"}, []string{"time"}},
		{"panther-zoom-operation", "zoom", []string{"operator"}, []string{"operation_detail"}, nil, []string{"time"}},
		{"panther-databricks-audit", "databricks", []string{"userIdentity.email"}, []string{"actionName"}, []string{"sourceIPAddress"}, []string{"timestamp"}},
		{"plaso-azure_activity_log", "azure", []string{"caller"}, []string{"operation_name.value"}, []string{"http_request.client_ip_address"}, []string{"event_timestamp"}},
		{"plaso-gcp_logging", "gcp", []string{"protoPayload.authenticationInfo.principalEmail", "jsonPayload.actor.user"}, []string{"protoPayload.methodName", "jsonPayload.event_subtype", "logName"}, []string{"protoPayload.requestMetadata.callerIp"}, []string{"timestamp"}},
		{"plaso-microsoft_audit_log", "microsoft365", []string{"UserId"}, []string{"Operation"}, []string{"ClientIP"}, []string{"CreationTime"}},
		{"panther-github-audit", "github", []string{"actor"}, []string{"action"}, []string{"actor_ip"}, []string{"created_at", "at_sign_timestamp"}},
	}
}

// whatColumn is where SQL finds what was done, in those terms.
func (d deed) whatColumn() string {
	switch d.by {
	case "kubernetes":
		return "element_at(eventData.requestParameters, 'requestURI')"
	case "zoom":
		return "element_at(eventData.requestParameters, 'detail')"
	}
	return "eventData.eventName"
}

// Who did what and when, asked in SQL of other people's audit logs, is what
// encoding/json finds in the files.
func TestOtherSourcesAnswer(t *testing.T) {
	dir := "../../../shared/data/other-sources/"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("without the shared data")
	}
	work := t.TempDir()
	vars := map[string]string{"TARN_LAKE": filepath.Join(work, "lake"), "TARN_KEY": filepath.Join(work, "key")}
	t.Setenv("XDG_CONFIG_HOME", work)
	for i, d := range deeds() {
		t.Run(d.file, func(t *testing.T) {
			store := fmt.Sprintf("s%02d", i)
			file := dir + d.file + ".jsonl"
			_, errs, code := tarn(t, vars, "put", "--map", d.by, "--store", store, file)
			if code != exitDone && code != exitPartly {
				t.Fatalf("put exits with %d: %s", code, errs)
			}
			row := "SELECT date_format(eventTime, '%Y-%m-%d %H:%i:%s'), eventData.userIdentity.principalId, " + d.whatColumn() + ", eventData.sourceIPAddress FROM "
			out, errs, code := tarn(t, vars, "query", "--format", "csv", row+store+" UNION ALL "+row+`"`+store+`.conflicts"`)
			if code != exitDone {
				t.Fatalf("query exits with %d: %s", code, errs)
			}
			rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range rows[1:] {
				got = append(got, strings.Join(r, " | "))
			}
			slices.Sort(got)
			want := d.read(t, file)
			if len(want) == 0 {
				t.Error("the file says nothing")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("who did what (-file +SQL):\n%s", diff)
			}
		})
	}
}

// read returns what the lines of a file say, each line once, without those that
// say no time.
func (d deed) read(t *testing.T, file string) (all []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || seen[string(line)] {
			continue
		}
		seen[string(line)] = true
		var v any
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber()
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if when, ok := at(first(v, d.when)); ok {
			all = append(all, strings.Join([]string{when, first(v, d.who), first(v, d.what), first(v, d.from)}, " | "))
		}
	}
	slices.Sort(all)
	return all
}

// at is a time to the second; numbers are milliseconds.
func at(text string) (string, bool) {
	micros, ok := schemas.ParseTime([]byte(text))
	if ms, err := json.Number(text).Int64(); err == nil {
		micros, ok = ms*1000, true
	}
	return time.UnixMicro(micros).UTC().Format(time.DateTime), ok
}

// first is the text at the first of the paths that leads to one; % stands for a
// dot in a name.
func first(v any, paths []string) string {
	for _, p := range paths {
		at := v
		for name := range strings.SplitSeq(p, ".") {
			switch x := at.(type) {
			case map[string]any:
				at = x[strings.ReplaceAll(name, "%", ".")]
			case []any:
				if at = nil; len(x) > 0 {
					at = x[0]
				}
			default:
				at = nil
			}
		}
		if at != nil && at != "" {
			return fmt.Sprint(at)
		}
	}
	return ""
}

// A put that is killed has stored all that it gave receipts for, and what is offered
// again is stored once.
func TestKilledPutKeepsWhatItGaveReceiptsFor(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	line := func(i int) string {
		return fmt.Sprintf("{\"uuid\":\"%d\",\"published\":\"2026-01-02T03:04:05Z\",\"eventType\":\"a\"}\n", i)
	}
	sent := 0
	for round := range 3 {
		cmd := p.command(t, "put", "--map", "okta", "--receipts", "--lake", dir, "-")
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
		receipts := bufio.NewScanner(out)
		for i := range sent + 20 + round {
			if _, err := io.WriteString(in, line(i)); err != nil {
				t.Fatal(err)
			}
			if !receipts.Scan() {
				t.Fatal("no receipt came")
			}
			want := `"outcome":"stored"`
			if i < sent {
				want = `"outcome":"duplicate"`
			}
			if !strings.Contains(receipts.Text(), want) {
				t.Fatalf("round %d, event %d: receipt %s; want %s", round, i, receipts.Text(), want)
			}
		}
		sent += 20 + round
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
	}
	p.run(t, "verify", "--lake", dir)
	var all strings.Builder
	for i := range sent {
		all.WriteString(line(i))
	}
	cmd := p.command(t, "put", "--map", "okta", "--lake", dir)
	cmd.Stdin = strings.NewReader(all.String())
	text, err := cmd.CombinedOutput()
	if want := fmt.Sprintf("0 events stored, %d duplicates", sent); err != nil || !strings.Contains(string(text), want) {
		t.Errorf("all again: %v, %s; want %s", err, text, want)
	}
	p.place(t, dir).Sound(t)
}
