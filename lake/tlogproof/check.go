package tlogproof

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrNotProven means that a proof does not hold: it, the event or the key is not
// what it should be. It says nothing of whether the event is in a lake.
var ErrNotProven = errors.New("not proven")

// Statement is what a proof says of an event, all of it covered by the signature.
type Statement struct {
	// Lake is the origin of its log, as its key names it; Key the hash in that key's
	// name, by which one tells it from others of the lake.
	Lake string `json:"lake"`
	Key  string `json:"key"`
	// LogSize is how many entries the log had.
	LogSize int64 `json:"log_size"`
	// Entry is the number of the entry that names the event's tree hash, Sealed when
	// that was written by the lake's clock, and Import the import that it came with, if
	// the entry tells.
	Entry  int64     `json:"entry"`
	Sealed time.Time `json:"sealed"`
	Import string    `json:"import,omitempty"`
	// Store is the id of the event data store.
	Store string `json:"store"`
	// Segment and Day say where it was sealed; empty for an event that was accepted
	// and not yet sealed when the proof was made. Conflict says that it is a record
	// whose id was taken by an event with other bytes.
	Segment  string `json:"segment,omitempty"`
	Day      string `json:"day,omitempty"`
	Conflict bool   `json:"conflict,omitempty"`
	// Row is its place among Rows, counted from 0: in the segment, or among those that
	// were accepted with it.
	Row  int64 `json:"row"`
	Rows int64 `json:"rows"`
	// Leaf is its leaf hash, base64; Event the SHA-256 of its bytes as sha256sum prints
	// it.
	Leaf  string `json:"leaf"`
	Event string `json:"event_sha256"`
	// Seen are the witnesses whose keys are known, and when each saw the log at this
	// size; Unknown are the names of signatures that no key was given for.
	Seen    []Seen   `json:"seen,omitempty"`
	Unknown []string `json:"unknown,omitempty"`
}

// Seen is a witness's cosignature.
type Seen struct {
	Witness string    `json:"witness"`
	Time    time.Time `json:"time"`
}

// Accepted reports whether the event was accepted and not yet sealed.
func (s Statement) Accepted() bool { return s.Segment == "" }

// Check checks that a proof holds for an event, given as its bytes, and says what
// is proven then. One line end behind the event is forgiven. Any error is
// ErrNotProven.
func Check(proof, event []byte, keys Keys) (*Statement, error) {
	s, err := check(proof, event, keys)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotProven, err)
	}
	return s, nil
}

func check(proof, event []byte, keys Keys) (*Statement, error) {
	f, err := Parse(proof)
	if err != nil {
		return nil, fmt.Errorf("the proof: %w", err)
	}
	n, err := parseInner(f.Extra)
	if err != nil {
		return nil, fmt.Errorf("the proof: %w", err)
	}
	s := &Statement{Entry: f.Index, Row: n.Row, Rows: n.Rows}
	root, err := s.open(f.Checkpoint, keys)
	if err != nil {
		return nil, err
	}
	if f.Index >= s.LogSize || tlog.CheckRecord(f.Path, s.LogSize, root, f.Index, tlog.RecordHash(n.Entry)) != nil {
		return nil, errors.New("its log entry is not in the log that the checkpoint speaks of")
	}
	if root, err = s.read(n); err != nil {
		return nil, err
	}
	for _, raw := range written(event) {
		leaf := tlog.RecordHash(raw)
		if tlog.CheckRecord(n.Path, n.Rows, root, n.Row, leaf) == nil {
			s.Leaf, s.Event = leaf.String(), sum(raw)
			return s, nil
		}
	}
	return nil, errors.New("the event is not the one that the proof was made for: one byte more, less or other makes it another")
}

// written are the bytes that may be meant by what a file holds: a line end behind
// them is an editor's, or a shell's.
func written(event []byte) [][]byte {
	all := [][]byte{event}
	if line, ok := bytes.CutSuffix(event, []byte("\n")); ok {
		all = append(all, line, bytes.TrimSuffix(line, []byte("\r")))
	}
	return all
}

// open checks the checkpoint's signatures and returns its tree hash.
func (s *Statement) open(checkpoint []byte, keys Keys) (root Hash, err error) {
	signed, err := note.Open(checkpoint, keys)
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		return root, fmt.Errorf("the checkpoint is signed by %s, and not by the key given", names(unverified.Note.UnverifiedSigs))
	}
	if err != nil {
		return root, fmt.Errorf("the checkpoint: %w", err)
	}
	if s.Lake, s.LogSize, root, err = parseCheckpoint(signed.Text); err != nil {
		return root, err
	}
	for _, sig := range signed.Sigs {
		v, err := keys.Verifier(sig.Name, sig.Hash)
		if _, ok := v.(*witness); err != nil || !ok {
			if sig.Name == s.Lake {
				s.Key = fmt.Sprintf("%08x", sig.Hash)
			}
			continue
		}
		raw, _ := base64.StdEncoding.DecodeString(sig.Base64) // it was verified
		at, _ := seenAt(raw[4:])
		s.Seen = append(s.Seen, Seen{sig.Name, at})
	}
	for _, sig := range signed.UnverifiedSigs {
		s.Unknown = append(s.Unknown, sig.Name)
	}
	if s.Key == "" {
		return root, fmt.Errorf("the checkpoint of %s is signed by %s, and not with a key of that lake", s.Lake, names(signed.Sigs))
	}
	return root, nil
}

func names(sigs []note.Signature) string {
	var all []string
	for _, s := range sigs {
		// Whoever made the note chose the name, and it is shown on terminals.
		plain := strings.Trim(strconv.Quote(s.Name), `"`)
		if name := fmt.Sprintf("%s+%08x", plain, s.Hash); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, ", ")
}

// parseCheckpoint reads the text of a checkpoint: origin, size, tree hash.
func parseCheckpoint(text string) (origin string, size int64, root Hash, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return "", 0, root, errors.New("the checkpoint has not three lines")
	}
	size, err = strconv.ParseInt(lines[1], 10, 64)
	if err == nil {
		root, err = tlog.ParseHash(lines[2])
	}
	if err != nil || size < 1 {
		return "", 0, root, errors.New("the checkpoint has no size, or no tree hash")
	}
	return lines[0], size, root, nil
}

// logEntry is what a proof needs of a log entry.
type logEntry struct {
	V      int       `json:"v"`
	Time   time.Time `json:"time"`
	Commit *struct {
		Store    string `json:"store"`
		Import   string `json:"import"`
		Segments []struct {
			ID        string `json:"id"`
			Day       string `json:"day"`
			Conflicts bool   `json:"conflicts"`
			Rows      int64  `json:"rows"`
			Root      string `json:"root"`
		} `json:"segments"`
	} `json:"commit"`
	Journal *struct {
		Parts []struct {
			Store  string `json:"store"`
			Import string `json:"import"`
			Events int64  `json:"events"`
			Root   string `json:"root"`
		} `json:"parts"`
	} `json:"journal"`
}

// read takes from the entry what it says of the event's segment, or of the events
// that were accepted with it, and returns their tree hash. The entry is in the log.
func (s *Statement) read(n Inner) (root Hash, err error) {
	var e logEntry
	if err := json.Unmarshal(n.Entry, &e); err != nil || e.V != 1 {
		return root, errors.New("its log entry cannot be read; a newer tarn may have written it")
	}
	var rows int64
	var text string
	switch {
	case e.Commit != nil && int64(n.Which) < int64(len(e.Commit.Segments)):
		seg := e.Commit.Segments[n.Which]
		s.Store, s.Import, rows, text = e.Commit.Store, e.Commit.Import, seg.Rows, seg.Root
		s.Segment, s.Day, s.Conflict = seg.ID, seg.Day, seg.Conflicts
	case e.Journal != nil && int64(n.Which) < int64(len(e.Journal.Parts)):
		p := e.Journal.Parts[n.Which]
		s.Store, s.Import, rows, text = p.Store, p.Import, p.Events, p.Root
	default:
		return root, errors.New("its log entry names no events")
	}
	s.Sealed = e.Time
	if root, err = tlog.ParseHash(text); err != nil || rows != n.Rows {
		return root, fmt.Errorf("its log entry says otherwise than the proof: %d events, and not %d", rows, n.Rows)
	}
	return root, nil
}

// sum is the SHA-256 of an event's bytes, as sha256sum would hash its file.
func sum(raw []byte) string {
	h := sha256.Sum256(raw)
	return hex.EncodeToString(h[:])
}
