package socket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"tarn/internal/hint"
	"tarn/server/socket"
)

// served is a server in this process, and how to end it and wait for that.
type served struct {
	path string
	end  func() error
}

func serve(t *testing.T, path string, run func(context.Context, socket.Request) int) served {
	t.Helper()
	l, err := socket.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	log := zerolog.New(zerolog.NewTestWriter(t))
	go func() { ended <- l.Serve(ctx, socket.Server{Version: "1", Run: run, Log: log}) }()
	var over bool
	s := served{path: path}
	s.end = func() error {
		if stop(); over {
			return nil
		}
		over = true
		return <-ended
	}
	t.Cleanup(func() { _ = s.end() })
	return s
}

// socketIn is a path for a socket, short enough for any system.
func socketIn(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "lake.sock")
}

// asks has the server run a command; in is what stands in its standard input.
func asks(ctx context.Context, t *testing.T, path, in string, args ...string) (out string, code int, err error) {
	t.Helper()
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	if _, err := inW.WriteString(in); err != nil {
		t.Fatal(err)
	}
	inW.Close()
	c, err := socket.Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	told := make(chan string, 1)
	go func() {
		b, err := io.ReadAll(outR)
		if err != nil {
			t.Error(err)
		}
		told <- string(b)
	}()
	code, err = c.Run(ctx, socket.Request{Version: "1", Dir: "/some\xffwhere", Args: args, In: inR, Out: outW, Err: outW,
		Settings: []socket.Setting{{Name: "store", Value: "prod", Source: "TARN_STORE"}}})
	outW.Close()
	return <-told, code, err
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// echo is a command that shows all it got.
func echo(_ context.Context, r socket.Request) int {
	in, err := io.ReadAll(r.In)
	fmt.Fprintf(r.Out, "%q in %q with %v by %v: %s", r.Args, r.Dir, r.Settings, r.Peer.UID == os.Getuid() && r.Peer.PID == os.Getpid(), in)
	fmt.Fprint(r.Err, err)
	return 7
}

func TestACommandHasTheClientsFiles(t *testing.T) {
	s := serve(t, socketIn(t), echo)
	st, err := os.Stat(s.path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v, %v", st.Mode(), err)
	}
	long := strings.Repeat("long ", 100_000) // longer than what fits into a socket
	out, code, err := asks(t.Context(), t, s.path, "what comes in", "import", "a\xff", "", long)
	want := fmt.Sprintf(`["import" "a\xff" "" %q] in "/some\xffwhere" with [{store prod TARN_STORE}] by true: what comes in<nil>`, long)
	if out != want || code != 7 || err != nil {
		t.Errorf("exit code %d, %v, %d bytes\n%.200s", code, err, len(out), out)
	}
}

// The same, where the system's names for sockets are too short.
func TestALongPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("deep/", socket.Longest/4))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "lake.sock")
	if l, err := socket.Listen(path); err != nil {
		if len(hint.Of(err)) == 0 {
			t.Error("no advice: ", err)
		}
		t.Skip(err)
	} else {
		l.Close()
	}
	s := serve(t, path, echo)
	if _, code, err := asks(t.Context(), t, path, ""); code != 7 || err != nil {
		t.Errorf("exit code %d, %v", code, err)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the socket is still there: ", err)
	}
}

// waits is a command that runs until it is interrupted, and tells why it was.
func waits(begun chan<- bool) func(context.Context, socket.Request) int {
	return func(ctx context.Context, r socket.Request) int {
		begun <- true
		<-ctx.Done()
		fmt.Fprint(r.Out, context.Cause(ctx))
		return 130
	}
}

func TestAClientInterruptsItsCommandAndHearsTheEnd(t *testing.T) {
	begun := make(chan bool, 2)
	s := serve(t, socketIn(t), waits(begun))
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		<-begun
		stop()
	}()
	out, code, err := asks(ctx, t, s.path, "")
	if out != "the client has left" || code != 130 || err != nil {
		t.Errorf("exit code %d, %v: %s", code, err, out)
	}
}

func TestCommandsEndWithTheServer(t *testing.T) {
	begun := make(chan bool, 2)
	s := serve(t, socketIn(t), waits(begun))
	ended := make(chan error, 1)
	go func() {
		<-begun
		ended <- s.end()
	}()
	out, code, err := asks(t.Context(), t, s.path, "")
	if out != "the server is ending" || code != 130 || err != nil {
		t.Errorf("exit code %d, %v: %s", code, err, out)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := socket.Dial(s.path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Dial without a server: %v", err)
	}
}

func TestWhoHoldsTheLockReplacesASocketButNoFile(t *testing.T) {
	path := socketIn(t)
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	dead.Close()
	if _, err := socket.Dial(path); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("Dial of a dead server's socket: %v", err)
	}
	s := serve(t, path, echo)
	if _, code, err := asks(t.Context(), t, path, ""); code != 7 || err != nil {
		t.Errorf("exit code %d, %v", code, err)
	}
	if err := s.end(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := socket.Listen(path); err == nil || !strings.Contains(err.Error(), "is no socket") {
		t.Errorf("Listen where a file lies: %v", err)
	}
}

func TestBothSidesMustBeOfTheSameVersion(t *testing.T) {
	s := serve(t, socketIn(t), echo)
	r, w := pipe(t)
	c, err := socket.Dial(s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Run(t.Context(), socket.Request{Version: "2", In: r, Out: w, Err: w})
	if !errors.Is(err, socket.ErrRefused) || !strings.Contains(err.Error(), "version 1, and the command of 2;") || len(hint.Of(err)) == 0 {
		t.Errorf("%v", err)
	}
}

// Strangers who say something else are sent away, with all the files they bring.
func TestWhatIsNoRequest(t *testing.T) {
	s := serve(t, socketIn(t), echo)
	b, err := socket.Frame(map[string]any{"Args": [][]byte{[]byte("import")}})
	if err != nil {
		t.Fatal(err)
	}
	other := append([]byte(nil), b...)
	other[4]++
	_, w := pipe(t)
	before := openFiles(t)
	for _, tt := range []struct {
		name  string
		b     []byte
		files int
		want  string
	}{
		{"nothing", nil, 0, ""},
		{"another protocol", []byte("GET / HTTP/1.1\r\n\r\n"), 3, ""},
		{"no files", b, 0, ""},
		{"four files", b, 4, ""},
		{"a hundred files", b, 100, ""},
		{"half a frame", b[:len(b)-1], 3, ""},
		{"a frame of another version", other, 3, "both must be of the same"},
	} {
		conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: s.path, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		var fds []int
		for range tt.files {
			fds = append(fds, int(w.Fd()))
		}
		if len(tt.b) > 0 {
			if _, _, err := conn.WriteMsgUnix(tt.b, syscall.UnixRights(fds...), nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(conn) // to its end, which may be a rude one
		if tt.want == "" && len(answer) > 0 || !strings.Contains(string(answer), tt.want) {
			t.Errorf("%s: %q", tt.name, answer)
		}
		conn.Close()
	}
	if d := cmp.Diff(before, openFiles(t)); d != "" {
		t.Errorf("open files -before +after\n%s", d)
	}
	if _, code, err := asks(t.Context(), t, s.path, ""); code != 7 || err != nil {
		t.Errorf("after all that: exit code %d, %v", code, err)
	}
}

// openFiles counts this process's open files, where the system tells.
func openFiles(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(all)
}

func TestMain(m *testing.M) {
	if path := os.Getenv("TARN_TEST_DIAL"); path != "" {
		os.Exit(stranger(path))
	}
	os.Exit(m.Run())
}

// stranger is a client in a process of its own.
func stranger(path string) int {
	c, err := socket.Dial(path)
	if err != nil {
		fmt.Println("dial:", err)
		return 1
	}
	_, err = c.Run(context.Background(), socket.Request{Version: "1", In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	fmt.Println("run:", err, hint.Of(err))
	return 0
}
