package socket_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Another user gets nothing run, even if the socket's mode and folder would let
// them: the kernel says who they are.

func TestAnotherUserIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be two users")
	}
	const nobody = 65534
	s := serve(t, socketIn(t), echo)
	if got := asUser(t, nobody, s.path); !strings.HasPrefix(got, "dial: ") || !strings.Contains(got, "permission denied") {
		t.Errorf("another user is kept out by the mode, but: %s", got)
	}
	for name, mode := range map[string]os.FileMode{filepath.Dir(s.path): 0o755, s.path: 0o666} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	want := "run: refused by the server that has the lake: it runs commands of user 0 and of root alone, and you are user 65534 [run the command as that user]\n"
	if got := asUser(t, nobody, s.path); got != want {
		t.Errorf("another user hears: %s", got)
	}
	if got := asUser(t, 0, s.path); !strings.HasSuffix(got, "run: <nil> []\n") {
		t.Errorf("root hears: %s", got)
	}
}

// asUser runs a client as that user, and returns what it says.
func asUser(t *testing.T, uid uint32, path string) string {
	t.Helper()
	exe := filepath.Join(filepath.Dir(path), "client")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(exe, b, 0o755); err != nil {
		t.Fatal(err)
	}
	// The program lies beside the socket, and must be found there.
	if err := os.Chmod(filepath.Dir(path), st.Mode().Perm()|0o111); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Dir = "/"
	cmd.Env = []string{"TARN_TEST_DIAL=" + path}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Fatal(err)
	}
	return string(out)
}
