package lineedit

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// keep is how many entries a history remembers: some months of questions.
const keep = 1000

// History is what was typed before. The zero History has no file.
type History struct {
	path    string
	entries []string // oldest first
}

// OpenHistory reads the history in a file; none is there at first. The file is
// the user's alone: questions may name what nobody else should read.
func OpenHistory(path string) (*History, error) {
	h := &History{path: path}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		h.remember(lines.Text())
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	return h, nil
}

// Add is called by the editor with every line. What is worth keeping is said
// by [History.Keep] instead: a statement may have several lines.
func (h *History) Add(string) {}

// Len returns the number of entries.
func (h *History) Len() int { return len(h.entries) }

// At returns an entry; 0 is the newest.
func (h *History) At(i int) string { return h.entries[len(h.entries)-1-i] }

// remember puts an entry at the end, unless it stands there already.
func (h *History) remember(entry string) bool {
	if entry == "" || len(h.entries) > 0 && h.entries[len(h.entries)-1] == entry {
		return false
	}
	h.entries = append(h.entries, entry)
	return true
}

// Keep adds an entry of one line, in memory and in the file. Several programs
// may do so at once; each goes on with its own history.
func (h *History) Keep(entry string) error {
	if strings.ContainsAny(entry, "\r\n") || !h.remember(entry) || h.path == "" {
		return nil
	}
	if len(h.entries) > 2*keep {
		return h.shorten()
	}
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return fmt.Errorf("keep the history: %w", err)
	}
	f, err := os.OpenFile(h.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("keep the history: %w", err)
	}
	_, err = f.WriteString(entry + "\n")
	return errors.Join(err, f.Close())
}

// shorten forgets the oldest entries, also in the file.
func (h *History) shorten() error {
	h.entries = slices.Clone(h.entries[len(h.entries)-keep:])
	tmp := fmt.Sprintf("%s.%d", h.path, os.Getpid())
	if err := os.WriteFile(tmp, []byte(strings.Join(h.entries, "\n")+"\n"), 0o600); err != nil {
		return fmt.Errorf("shorten the history: %w", err)
	}
	return os.Rename(tmp, h.path)
}
