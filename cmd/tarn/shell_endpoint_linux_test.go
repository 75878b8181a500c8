package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A shell at an endpoint is the shell, but for segments in the line behind an answer.
func TestShellAtAnEndpoint(t *testing.T) {
	p := newProgram(t)
	dir := t.TempDir()
	name, answer := filepath.Join(dir, "lake"), filepath.Join(dir, "answer.csv")
	write(t, filepath.Join(dir, "log.json"), `{"Records":[{"eventID":"a","eventName":"PutObject","eventTime":"2026-01-02T03:04:05Z"},
		{"eventID":"b","eventName":"GetObject","eventTime":"2026-01-03T03:04:05Z"}]}`)
	write(t, filepath.Join(dir, "two.sql"), "SELECT 6 AS six;\n\nSELECT nope FROM cloudtrail;\nSELECT 7 AS seven;")
	p.run(t, "import", filepath.Join(dir, "log.json"), "--lake", name)
	s := p.serve(t, name, "--listen", "127.0.0.1:0")
	at := s.address()
	s.drain()
	vars := map[string]string{"XDG_CONFIG_HOME": p.config, "TARN_HISTORY": filepath.Join(dir, "history"), "TARN_PAGER": "sed s/^/paged:/"}
	for _, one := range p.credential(t, name, "http://"+at, "--role", "reader") {
		name, value, _ := strings.Cut(one, "=")
		vars[name] = value
	}
	c := atTerminal(t, vars, "query")
	c.sees("lake at http://" + at + ": 1 event data store, 2 events")
	c.sees("tarn> ")

	// Names are completed; the answer comes before what is said of it.
	c.types("SEL\teventNa\tFROM clou\tWHERE eventID = 'a';\r")
	c.sees("PutObject")
	c.sees("1 row\r\n")
	c.sees("(")
	c.sees("tarn> ")
	c.types("\\d\r")
	c.sees("2026-01-02")
	c.sees("tarn> ")
	c.types("\\d cloudtrail tlsDetails\r")
	c.sees("cipherSuite")
	c.sees("tarn> ")
	c.types("\\d nothing\r")
	c.sees("no such event data store: nothing")
	c.sees("tarn> ")
	c.types("\\explain SELECT eventName FROM cloudtrail WHERE eventID = 'b';\r")
	c.sees("1 of 2 segments")
	c.sees("tarn> ")

	// What is wrong is said once, with its place, and ends nothing.
	c.types("SELECT nothing FROM cloudtrail;\r")
	c.sees("no column \"nothing\"")
	c.sees("       ^")
	c.sees("tarn> ")
	c.types("\\i " + filepath.Join(dir, "two.sql") + "\r")
	c.sees("six")
	c.sees("no column \"nope\"")
	c.sees("two.sql:3: ")
	c.sees("seven")
	c.sees("tarn> ")

	// \x and \o are heeded there, and the file is here.
	c.types("\\x on\r")
	c.sees("tarn> ")
	c.types("SELECT 42 AS n;\r")
	c.sees("-- row 1 ---")
	c.sees("tarn> ")
	c.types("\\o " + answer + "\r")
	c.sees("tarn> ")
	c.types("SELECT eventID FROM cloudtrail ORDER BY 1;\r")
	c.sees("written to " + answer)
	c.sees("tarn> ")
	if got, err := os.ReadFile(answer); err != nil || string(got) != "eventID\na\nb\n" {
		t.Errorf("the file has %q, %v", got, err)
	}

	// Long answers go through the pager; ^C stops one that runs, and not the shell.
	c.types("\\x off\r")
	c.sees("tarn> ")
	c.types("SELECT * FROM range(100);\r")
	c.sees("paged:   99")
	c.sees("100 rows")
	c.sees("tarn> ")
	c.types("SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5;\r")
	c.sees("query  0 rows")
	c.types(ctrlC)
	c.sees("cancelled")
	c.sees("tarn> ")

	// A server that is gone is said, and one that is there again is asked.
	if code := s.ends(syscall.SIGTERM); code != exitDone {
		t.Errorf("the server ends with exit code %d:\n%s", code, &s.log)
	}
	c.types("SELECT 43 AS n;\r")
	c.sees("connection refused")
	c.sees("tarn> ")
	again := p.serve(t, name, "--listen", at)
	again.address()
	again.drain()
	c.types("SELECT 44 AS n;\r")
	c.sees("1 row\r\n")
	c.sees("tarn> ")
	c.types(ctrlD)
	if code := c.ends(); code != exitDone {
		t.Errorf("^D ends the shell with %d", code)
	}
	again.ends(syscall.SIGTERM)
}

// A shell at an endpoint that refuses whoever asks ends at once, and says why.
func TestShellAtAnEndpointThatRefuses(t *testing.T) {
	p := newProgram(t)
	name := filepath.Join(t.TempDir(), "lake")
	p.run(t, "store", "create", "prod", "--lake", name)
	s := p.serve(t, name, "--listen", "127.0.0.1:0")
	at := s.address()
	s.drain()
	for _, tt := range []struct{ key, want string }{{"TARNAAAAAAAAAAAAAAAA", "tarn: hint: "}, {"", "nobody is said to ask the endpoint"}} {
		vars := map[string]string{"XDG_CONFIG_HOME": p.config, "TARN_HISTORY": "off", "TARN_ENDPOINT": "http://" + at, "TARN_ACCESS_KEY": tt.key, "TARN_SECRET_KEY": "no"}
		c := atTerminal(t, vars, "query")
		c.sees(tt.want)
		if code := c.ends(); code == exitDone {
			t.Errorf("%s: the shell ends well", tt.want)
		}
	}
	s.ends(syscall.SIGTERM)
}
