package lake

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"tarn/internal/hint"
	"tarn/lake/internal/entrylog"
)

// Resumed says what a verification took from the notes of one that was interrupted.
type Resumed struct {
	// Since is when that one began.
	Since time.Time `json:"since"`
	// Segments and Events were not read again: their files have the size and the time
	// that they had when they were read.
	Segments int64 `json:"segments"`
	Events   int64 `json:"events"`
}

// notes are what an interrupted verification leaves to the one that goes on: a line
// for each segment that was found to be what was sealed. Nothing is noted of what
// was wrong: it is read again.
type notes struct {
	mu   sync.Mutex
	file *os.File
	head notesHead
	// passed are the segments that were read, by id; new ones are not added.
	passed map[string]passedSegment
}

// notesHead is the first line.
type notesHead struct {
	V    int    `json:"v"`
	Lake string `json:"lake"`
	// Deep says that the columns of all events were compared.
	Deep bool `json:"deep"`
	// Checkpoint is that of the log that was verified, a signed note.
	Checkpoint string    `json:"checkpoint"`
	Began      time.Time `json:"began"`
}

// passedSegment is a line of a segment that was found to be whole.
type passedSegment struct {
	Segment string `json:"segment"`
	// Entry is the hash of what the log says of it.
	Entry string      `json:"entry"`
	Files []fileStamp `json:"files"`
}

// fileStamp tells whether a file was touched since.
type fileStamp struct {
	Bytes    int64 `json:"bytes"`
	Modified int64 `json:"modified"` // nanoseconds since 1970
}

// notesEnd is the last line of a verification that came to its end. Notes that have
// it begin anew.
type notesEnd struct {
	Finished time.Time `json:"finished"`
}

const notesVersion = 1

// openNotes goes on from the file, or begins it.
func (v *verifier) openNotes(name string, s *state) error {
	if name == "" {
		return nil
	}
	head, passed, err := readNotes(name)
	if err != nil {
		return err
	}
	switch {
	case head != nil && head.Lake != s.lake:
		return hint.Add(fmt.Errorf("%s has the notes of the verification of another lake, %s", name, head.Lake),
			"name another file, which may be one that is not there yet")
	case head != nil && !v.sameHistory(*head):
		// They are evidence, and stay: the same command must say the same again.
		v.remark(name + " is left as it is, and nothing is noted")
		return nil
	case head != nil && v.opts.Deep && !head.Deep:
		head = nil
		v.remark("the notes are of a verification that did not compare all columns: everything is read again")
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if head == nil {
		flags |= os.O_TRUNC
		passed = nil
	}
	f, err := os.OpenFile(name, flags, 0o600)
	if err != nil {
		return fmt.Errorf("notes of the verification: %w", err)
	}
	v.notes = &notes{file: f, passed: passed}
	if head != nil {
		v.notes.head = *head
		v.report.Resumed = &Resumed{Since: head.Began}
		return nil
	}
	v.notes.head = notesHead{notesVersion, s.lake, v.opts.Deep, v.report.Checkpoint, time.Now().UTC()}
	return v.notes.write(v.notes.head)
}

// readNotes reads the file; no head where there is none, or where the verification
// came to its end.
func readNotes(name string) (*notesHead, map[string]passedSegment, error) {
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(content) == 0 {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("notes of the verification: %w", err)
	}
	first, rest, _ := bytes.Cut(content, []byte("\n"))
	var head notesHead
	if err := json.Unmarshal(first, &head); err != nil || head.V != notesVersion || head.Checkpoint == "" {
		return nil, nil, hint.Add(fmt.Errorf("%s has no notes of a verification that this program can read", name),
			"name another file, which may be one that is not there yet")
	}
	passed := map[string]passedSegment{}
	for line := range bytes.Lines(rest) {
		var l struct {
			passedSegment
			notesEnd
		}
		if json.Unmarshal(line, &l) != nil {
			break // the end of what was written before the interruption
		}
		if !l.Finished.IsZero() {
			return nil, nil, nil
		}
		passed[l.Segment] = l.passedSegment
	}
	return &head, passed, nil
}

// sameHistory reports whether the log is the one that the notes are about, or one
// that it has grown to. That it is not is a problem of the log: notes are believed.
func (v *verifier) sameHistory(head notesHead) bool {
	if _, wrong := goesOnFrom(v.checked, []byte(head.Checkpoint)); wrong != "" {
		v.problem(entrylog.EntriesFile, "is not a continuation of the log that was verified at %s: %s", head.Began.Format(time.RFC3339), wrong)
		return false
	}
	return true
}

// write appends a line. A line that is lost is a segment that is read again, so
// nothing is synced.
func (n *notes) write(line any) error {
	b, err := json.Marshal(line)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	_, err = n.file.Write(append(b, '\n'))
	return err
}

// believed reports whether a segment was read before, and nobody has touched it
// since. Events that were accepted one by one are counted over all their segments,
// so these are read again.
func (v *verifier) believed(seg Segment, is passedSegment) bool {
	if v.notes == nil || seg.accepted {
		return false
	}
	was, ok := v.notes.passed[seg.ID]
	if !ok || was.Entry != is.Entry || len(was.Files) != len(is.Files) {
		return false
	}
	for i, f := range was.Files {
		if is.Files[i] != f {
			return false
		}
	}
	return true
}

// stamp is what is noted of a segment when it is found to be whole: as its files
// are before they are read.
func (v *verifier) stamp(st Store, seg Segment) (p passedSegment) {
	if v.notes == nil || !comparable(st, seg) {
		return p // a program that knows more has more to read
	}
	said, err := json.Marshal(seg)
	if err != nil {
		return p
	}
	p = passedSegment{Segment: seg.ID, Entry: encodeHash(sha256.Sum256(said))}
	listed, err := v.fsys.List(seg.dir(st.ID))
	if err != nil {
		return p
	}
	for _, ext := range []string{parquetExt, needlesExt, treeExt} {
		for _, d := range listed {
			if info, err := d.Info(); err == nil && d.Name() == path.Base(seg.ID+ext) {
				p.Files = append(p.Files, fileStamp{info.Size(), info.ModTime().UnixNano()})
			}
		}
	}
	return p
}

// skip counts a segment that is believed.
func (v *verifier) skip(seg Segment) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Resumed.Segments++
	v.report.Resumed.Events += seg.Rows
	if v.opts.Progress != nil {
		v.opts.Progress(seg.Bytes(), 0)
	}
}

// pass notes that a segment is whole, if nothing was said against it, and if that
// will be believed.
func (v *verifier) pass(base string, seg Segment, p passedSegment) {
	if v.notes == nil || seg.accepted || len(p.Files) != 3 || v.accused(base) {
		return
	}
	if err := v.notes.write(p); err != nil {
		v.remark(fmt.Sprintf("the notes of this verification could not be written: %v", err))
	}
}

// accused reports whether a problem names a file of the segment.
func (v *verifier) accused(base string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.ContainsFunc(v.report.Problems, func(p Problem) bool { return strings.HasPrefix(p.Path, base+".") })
}

// closeNotes ends the notes; whole says that the verification came to its end.
func (v *verifier) closeNotes(whole bool) {
	if v.notes == nil {
		return
	}
	if whole {
		if err := v.notes.write(notesEnd{time.Now().UTC()}); err != nil {
			v.remark(fmt.Sprintf("the notes of this verification could not be written: %v", err))
		}
	}
	_ = v.notes.file.Close()
}
