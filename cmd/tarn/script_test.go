package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"tarn/internal/eventgen"
	"tarn/lake"
)

var update = flag.Bool("update", false, "write the scripts' expected output anew")

// TestMain lets scripts run tarn as a program.
func TestMain(m *testing.M) {
	serveChildren()
	testscript.Main(m, map[string]func(){
		"tarn": func() { os.Exit(runProcess()) },
	})
}

// TestScripts runs testdata/script: what a person types, and what comes back.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_CONFIG_HOME", e.WorkDir+"/config")
			e.Setenv("TARN_AUDIT", "off") // scripts count what they put in
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"archive": makeArchive, "bucket": makeBucket, "cut": cut, "exits": exits, "flip": flip, "publickey": publicKey,
		},
	})
}

// makeBucket writes a small generated bucket: bucket DIR.
func makeBucket(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: bucket DIR")
	}
	_, err := eventgen.WriteBucket(ts.MkAbs(args[0]), eventgen.Options{Events: 500, Days: 3, EventsPerObject: 20, NoStory: true})
	ts.Check(err)
}

// makeArchive packs a folder: archive FILE DIR; gzipped if FILE ends in gz.
func makeArchive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: archive FILE DIR")
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	zip := gzip.NewWriter(f)
	to := io.Writer(f)
	if strings.HasSuffix(args[0], "gz") {
		to = zip
	}
	w := tar.NewWriter(to)
	ts.Check(w.AddFS(os.DirFS(ts.MkAbs(args[1]))))
	ts.Check(w.Close())
	if to == zip {
		ts.Check(zip.Close())
	}
	ts.Check(f.Close())
}

// cut shortens a file: cut FILE BYTES.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut FILE BYTES")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// exits runs tarn and checks its exit code: exits CODE ARG...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE tarn ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("tarn exits with %s; want %s", got, args[0])
	}
}

// publicKey writes the key that tarn inspect has just shown to a file: publickey FILE.
func publicKey(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: publickey FILE")
	}
	var head lake.Head
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &head))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(head.PublicKey+"\n"), 0o644))
}

// flip changes a bit in the middle of a file: flip FILE, or a pattern that one fits.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%s: %q", args[0], found)
	}
	name := found[0]
	b, err := os.ReadFile(name)
	ts.Check(err)
	b[len(b)/2] ^= 0x04
	ts.Check(os.WriteFile(name, b, 0o644))
}
