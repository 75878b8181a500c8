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

func TestSearchGoesBackThroughTheHistory(t *testing.T) {
	for _, tt := range []struct{ name, keys, want string }{
		{"without a text before it", "\x12two\r", "select two"},
		{"letters in any case, the newest first", "\x12SEL\r", "SELECT 3"},
		{"^R again for older ones", "\x12sel\x12\x12\r", "SELECT 1"},
		{"the oldest stays", "\x12sel\x12\x12\x12\x12\r", "SELECT 1"},
		{"the same entry once", "\x12\\d\x12\r", `\d old`},
		{"more letters narrow it down", "\x12s1\x7felect 1\r", "SELECT 1"},
		{"backspace begins at the newest again", "\x12select 1\x7f\x7f\x7f\r", "SELECT 3"},
		{"what is typed already is searched for", "two\x12\r", "select two"},
		{"nothing found leaves the line", "nowhere\x12\r", "nowhere"},
		{"^G leaves it as it was", "SELECT 9\x12\x7f\x7f two\x07\r", "SELECT 9"},
		{"Esc does too", "ab\x12two\x1b\r", "ab"},
		{"an arrow takes it to be changed", "\x12two\x1b[D\x1b[DX\r", "select tXwo"},
		{"so does ^E", "\x12two\x05 more\r", "select two more"},
		{"letters beyond ASCII", "\x12smø\r", "-- smørbrød"},
		{"keys behind the search", "\x12two\x07SELECT 8\r", "SELECT 8"},
		{"^] without a search", "a\x1d\x1cb\r", "ab"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &History{entries: []string{"-- smørbrød", "SELECT 1", "select two", `\d old`, `\d`, `\d`, "SELECT 3"}}
			if line := typed(t, h, tt.keys); line != tt.want {
				t.Errorf("the line is %q; want %q", line, tt.want)
			}
		})
	}
}

// typed returns the line that keys make.
func typed(t *testing.T, h *History, keys string) string {
	t.Helper()
	keyboard, hand, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer keyboard.Close()
	screen, err := os.Create(filepath.Join(t.TempDir(), "screen"))
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	if _, err := hand.WriteString(keys); err != nil {
		t.Fatal(err)
	}
	hand.Close()
	e := New(keyboard, screen, h, nil)
	e.prompt = "> "
	e.terminal.SetPrompt(e.prompt)
	line, err := e.terminal.ReadLine()
	if err != nil {
		t.Fatal(err)
	}
	if e.search.on {
		t.Error("the search goes on behind the line")
	}
	return line
}
