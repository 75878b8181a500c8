package s3_test

import (
	"bufio"
	"encoding/json"
	"strings"
	"syscall"
	"testing"

	"tarn/interop/s3test"
)

// TestServerPushesWhatIsSealed imports through a server into a store that lies in a bucket.
func TestServerPushesWhatIsSealed(t *testing.T) {
	s := s3test.Start(t)
	l, events := moved(t, s, 2)
	c := l.command("serve", "--listen", "off", "--log-level", "debug")
	c.Env = l.env
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	wait := func(message string) {
		t.Helper()
		for lines.Scan() {
			var line struct{ Message string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && strings.HasPrefix(line.Message, message) {
				return
			}
		}
		t.Fatalf("the server did not say %q", message)
	}
	wait("listening")
	key, text := logFile("later", "111122223333", "eu-central-1", "2026-03-01", 3)
	s.Put(t, "trail", key, text)
	l.run(t, 0, "import", "s3://trail")
	wait("pushed to the bucket")
	wait("let go on disk")
	_ = c.Process.Signal(syscall.SIGTERM)
	for lines.Scan() {
	}
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	other := newLake(t, s, "TARN_CACHE="+t.TempDir())
	other.dir = "s3://audit/main"
	if got := other.count(t); got != events+3 {
		t.Errorf("%d events of %d from the bucket", got, events+3)
	}
	if left := parquets(t, l.dir+"/segments"); len(left) > 0 {
		t.Errorf("still on disk: %v", left)
	}
	l.run(t, 0, "verify")
}
