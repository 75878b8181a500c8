package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"tarn/internal/eventgen"
	"tarn/internal/s3"
	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/lake/statedb"
)

// What a person has who follows the examples: a folder with logs in several forms.
func besideLogs(t *testing.T) map[string]string {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, bucket := range []string{".", "s3-copy", "more"} {
		_, err := eventgen.WriteBucket(bucket, eventgen.Options{Events: 60, Days: 2, EventsPerObject: 20, NoStory: true})
		if err != nil {
			t.Fatal(err)
		}
	}
	var packed, log bytes.Buffer
	zip := gzip.NewWriter(&packed)
	w := tar.NewWriter(zip)
	logs := gzip.NewWriter(&log)
	_, err := logs.Write([]byte(`{"Records":[{"eventID":"one-more","eventTime":"2026-10-02T03:04:05Z"},{"eventID":"` + provenExample + `","eventTime":"2026-10-02T03:04:05Z"}]}`))
	for _, err := range []error{err, logs.Close(), w.AddFS(os.DirFS("more")), w.Close(), zip.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	write(t, "AWSLogs.tar.gz", packed.String())
	write(t, "one-more.json.gz", log.String())
	write(t, "question.sql", "SELECT count(*) FROM cloudtrail;")
	write(t, "selectors.json", `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]`)
	write(t, "tarn.conf", "format = json\n")
	write(t, "digests.json", "{}")
	writePublicKeys(t, "public_keys.json")
	write(t, "events.json", `{"eventID":"put","eventTime":"2026-10-02T03:04:05Z"}`)
	write(t, "okta.jsonl", `{"uuid":"1","eventType":"user.session.start","published":"2026-10-02T03:04:05.678Z"}`)
	writeCertificate(t, "server.crt", "server.key")
	if err := os.Mkdir("my-controls", 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, "my-controls/our-trails.sql", strings.ReplaceAll(ourControl, "; ", "\n"))
	write(t, "my-controls/ours.pack", "title: Ours\nabout: What we look at.\ncontrol our-trails:\n")
	write(t, "my-map.json", `{"fields":{"eventName":"eventType","eventTime":"published"}}`)
	return map[string]string{"XDG_CONFIG_HOME": "config", "TARN_LAKE": "lake", "TARN_PAGER": "off"}
}

// writePublicKeys writes what list-public-keys answers.
func writePublicKeys(t *testing.T, name string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"PublicKeyList": []any{map[string]any{"Value": x509.MarshalPKCS1PublicKey(&key.PublicKey), "Fingerprint": "f1"}}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, string(text))
}

// ourControl is a control as somebody writes one.
const ourControl = "-- Nobody touches trails; -- why: w; -- do: d; -- severity: low; -- expect: no rows; " +
	"SELECT eventID FROM $store WHERE eventTime >= $from AND eventTime < $to AND eventName = 'StopLogging'"

// provenExample is the event of the examples of tarn prove.
const provenExample = "2c3d7b52-8f4f-4f5f-9b5e-0a4f2e0b1c11"

// Each example is run, in the order of the help, over a lake of its command's own
// that has what the examples speak of.
func TestExamplesWork(t *testing.T) {
	vars := besideLogs(t)
	// What examples take for done before each of them.
	before := map[string][]string{
		"tarn check-proof":            {"prove " + provenExample + " --to ."},
		"tarn restore":                {"backup ./-mnt-backup-lake"},
		"tarn store restore":          {"store update prod --termination-protection off", "store delete prod --yes"},
		"tarn witness remove":         {"witness add http://127.0.0.1:1/ witness.example.com+5ce00245+BDtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"},
		"tarn hold release":           {`hold place --store prod --reason case`},
		"tarn report verify":          {"report run lake-integrity --store cloudtrail --last 7d -o report.html -o report.pdf"},
		"tarn follow remove":          {"follow add ./AWSLogs"},
		"tarn report schedule show":   {"report schedule add cis-aws --cron @daily"},
		"tarn report schedule test":   {"report schedule add cis-aws --cron @daily"},
		"tarn report schedule pause":  {"report schedule add cis-aws --cron @daily"},
		"tarn report schedule resume": {"report schedule add cis-aws --cron @daily"},
		"tarn report schedule remove": {"report schedule add cis-aws --cron @daily"},
	}
	for i, c := range commandsOf((&app{}).rootCommand()) {
		vars["TARN_LAKE"] = "lake-" + string(rune('a'+i))
		first := []string{"import ./AWSLogs", "import --store cloudtrail one-more.json.gz", "store create prod"}
		if strings.HasPrefix(c.CommandPath(), "tarn store create") || c.Name() == "store" {
			first = first[:2] // they make it
		}
		for _, line := range first {
			mustRun(t, vars, strings.Fields(line))
		}
		writeKey(t, vars["TARN_LAKE"])
		if c.Name() == "verify" {
			keepElsewhere(t, vars)
		}
		for _, args := range examplesOf(c) {
			for _, line := range before[c.CommandPath()] {
				mustRun(t, vars, strings.Fields(line))
			}
			if strings.Join(args, " ") == "store delete prod" {
				continue // it asks
			}
			if slices.ContainsFunc(args, s3.IsURI) || c.CommandPath() == "tarn store move" {
				continue // interop/s3 does that, with a server
			}
			for i, a := range args {
				if strings.HasPrefix(a, "/") {
					args[i] = "." + strings.ReplaceAll(a, "/", "-")
				}
				if strings.HasPrefix(a, "TARNEXAMPLE") {
					args[i] = anAccessKeyOf(t, vars)
				}
				args[i] = strings.ReplaceAll(args[i], ":8276", ":0") // somebody may listen there
				if uuid.Valid(a) && c.Name() == "show" {
					args[i] = anImportOf(t, vars["TARN_LAKE"])
				}
				if uuid.Valid(a) && c.Name() == "release" {
					args[i] = holdOf(t, vars)
				}
			}
			mustRun(t, vars, args)
		}
	}
}

// keepElsewhere keeps what a lake is compared with later.
func keepElsewhere(t *testing.T, vars map[string]string) {
	t.Helper()
	checkpoint, err := os.ReadFile(filepath.Join(vars["TARN_LAKE"], "log", "checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, "old.note", string(checkpoint))
	keys, _, _ := tarn(t, vars, "keys", "public")
	write(t, "lake.pub", keys)
	write(t, "witnesses.policy", "quorum none\n")
}

// mustRun runs a command line, with something to read where it reads.
func mustRun(t *testing.T, vars map[string]string, args []string) {
	t.Helper()
	in := ""
	switch {
	case slices.Equal(args, []string{"query"}):
		in = "SELECT 1;"
	case slices.Contains(args, "kubernetes"):
		in = `{"auditID":"piped","stage":"ResponseComplete","verb":"get","stageTimestamp":"2026-10-02T03:04:05Z"}`
	case slices.Contains(args, "check-proof"):
		in = `{"eventID":"` + provenExample + `","eventTime":"2026-10-02T03:04:05Z"}` + "\n"
	case slices.Contains(args, "-"):
		in = `{"Records":[{"eventID":"piped","eventTime":"2026-10-02T03:04:05Z"}]}`
	}
	var out, errs bytes.Buffer
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if args[0] == "follow" && args[1] != "list" {
		stop() // or it would go on
	}
	if args[0] == "serve" {
		stop()
		if !slices.Contains(args, "--listen") {
			args = append(args, "--listen", usualAddress)
		}
		for i := range args {
			args[i] = strings.Replace(args[i], ":8276", ":0", 1) // somebody may be there
		}
	}
	if code := run(ctx, args, process{strings.NewReader(in), &out, &errs, env(vars)}); code != exitDone {
		t.Errorf("tarn %s\nexits with %d: %s", strings.Join(args, " "), code, errs.String())
	}
}

// writeKey writes the lake's verification key to tarn.pub.
func writeKey(t *testing.T, lakeDir string) {
	t.Helper()
	l, err := lake.View(lakeDir, lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	head, err := l.Snapshot().Head()
	if err != nil {
		t.Fatal(err)
	}
	write(t, "tarn.pub", head.PublicKey+"\n")
}

// holdOf is the id of a hold that stands.
func holdOf(t *testing.T, vars map[string]string) string {
	t.Helper()
	out, errs, code := tarn(t, vars, "hold", "list", "--format", "json")
	var all []struct{ ID string }
	if err := json.Unmarshal([]byte(out), &all); code != exitDone || err != nil || len(all) == 0 {
		t.Fatalf("hold list exits with %d, %v: %s%s", code, err, out, errs)
	}
	return all[0].ID
}

// anImportOf is the id of an import into the lake.
func anImportOf(t *testing.T, lakeDir string) string {
	t.Helper()
	db, err := statedb.View(filepath.Join(lakeDir, lake.StateFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all, err := db.Imports()
	if err != nil || len(all) == 0 {
		t.Fatalf("%v, %v", all, err)
	}
	return all[0].ID
}

// anAccessKeyOf makes an access key and returns its id.
func anAccessKeyOf(t *testing.T, vars map[string]string) string {
	t.Helper()
	var out, errs bytes.Buffer
	args := []string{"access", "create", "somebody", "--role", "reader"}
	if code := run(t.Context(), args, process{strings.NewReader(""), &out, &errs, env(vars)}); code != exitDone {
		t.Fatal(errs.String())
	}
	return strings.Fields(out.String())[3]
}

// writeCertificate makes a certificate of its own and its key.
func writeCertificate(t *testing.T, cert, key string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Unix(0, 0), NotAfter: time.Now().Add(time.Hour)}
	signed, err := x509.CreateCertificate(rand.Reader, &template, &template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})))
	write(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
}

// Every flag of a command is in one of its examples.
func TestExamplesShowEveryFlag(t *testing.T) {
	for _, c := range commandsOf((&app{}).rootCommand()) {
		typed := strings.Fields(c.Example)
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && !slices.Contains(typed, "--"+f.Name) && !slices.Contains(typed, "-"+f.Shorthand) {
				t.Errorf("no example of %s has --%s", c.CommandPath(), f.Name)
			}
		})
	}
}
