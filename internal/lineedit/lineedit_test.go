package lineedit

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCompletionExtendsAsFarAsCandidatesAgree(t *testing.T) {
	candidates := map[string][]string{
		"one": {"oneAndOnly"}, "ev": {"eventName", "eventTime"}, "call": {"call("}, "str": {"struct."}, "EVENTN": {"eventName"}, "none": nil,
	}
	for _, tt := range []struct{ line, behind, want string }{
		{"SELECT one", " FROM x", "SELECT oneAndOnly | FROM x"},
		{"SELECT ev", "", "SELECT event|"},
		{"SELECT call", ", b", "SELECT call(|, b"},
		{"SELECT str", "", "SELECT struct.|"},
		{"SELECT EVENTN", "", "SELECT eventName |"},
		{"SELECT none", "", "SELECT none|"},
	} {
		e := &Editor{complete: func(line string, pos int) (int, []string) {
			start := strings.LastIndexByte(line[:pos], ' ') + 1
			return start, candidates[line[start:pos]]
		}}
		line, pos, ok := e.key(tt.line+tt.behind, len(tt.line), tab)
		if got := line[:pos] + "|" + line[pos:]; !ok || got != tt.want {
			t.Errorf("TAB at %q makes %q; want %q", tt.line+"|"+tt.behind, got, tt.want)
		}
	}
}

func TestColumns(t *testing.T) {
	got := columns([]string{"a", "bb", "ccc", "d", "e"}, 12)
	if d := cmp.Diff("a    d\nbb   e\nccc\n", got); d != "" {
		t.Errorf("columns (-want +got):\n%s", d)
	}
	if got := columns([]string{"wider than the window"}, 5); got != "wider than the window\n" {
		t.Errorf("columns = %q", got)
	}
}

func TestHistoryIsKeptForTheNextTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "history")
	h, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"SELECT 1;", "SELECT 1;", "", "two\nlines", `\d`} {
		if err := h.Keep(line); err != nil {
			t.Fatal(err)
		}
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v; want 0600", st.Mode(), err)
	}
	again, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"SELECT 1;", `\d`}, again.entries); d != "" {
		t.Errorf("history (-want +got):\n%s", d)
	}
}

func TestHistoryForgetsTheOldest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	h, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2*keep + 1 {
		if err := h.Keep(strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	again, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	if again.Len() != keep || again.At(0) != strconv.Itoa(2*keep) {
		t.Errorf("%d entries, the newest %q; want the newest %d", again.Len(), again.At(0), keep)
	}
}

func TestSearchGoesBack(t *testing.T) {
	h := &History{entries: []string{"SELECT 1", "select two", `\d`, "SELECT 3"}}
	var s search
	line := "sel"
	for _, want := range []string{"SELECT 3", "select two", "SELECT 1", "SELECT 1"} {
		if line, _ = s.next(h, line); line != want {
			t.Fatalf("^R finds %q; want %q", line, want)
		}
	}
	if got, _ := s.next(h, "nowhere"); got != "nowhere" {
		t.Errorf("^R finds %q; want the line as it is", got)
	}
}
