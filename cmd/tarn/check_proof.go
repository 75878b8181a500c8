package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/internal/hint"
	"tarn/lake/tlogproof"
)

func (a *app) checkProofCommand() *cobra.Command {
	var key, event string
	var asJSON bool
	c := &cobra.Command{
		Use:   "check-proof PROOF",
		Short: "Check a proof of tarn prove, without the lake",
		Long: `Check that a proof of tarn prove holds for an event, and say what it proves. Nothing
but the three files is needed: no lake, no network, no clock.

--key names a file with the lake's verification key, a line as signed notes have it
(name+hash+key), as tarn inspect shows it; take it from whom you trust, and not from
who shows you the proof. Several lines are several keys, of which any may have
signed. Lines with keys of witnesses make their cosignatures count: then it is also
proven when the log was of that size.

--event names the event's own bytes, unchanged. PROOF or --event may be - for the
standard input.

EXIT STATUS
  0 the proof holds, 1 a file could not be read, 2 no key in the file, 12 the proof
  does not hold`,
		Example: `  tarn check-proof event.tlog-proof --key tarn.pub --event event.json
  tarn check-proof event.tlog-proof --key tarn.pub --event - < event.json
  tarn check-proof event.tlog-proof --key tarn.pub --event event.json --json | jq -r .sealed`,
		Args: oneArg("proof"),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.checkProof(args[0], key, event, asJSON)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	c.Flags().StringVar(&key, "key", "", "file with the lake's verification key, or several")
	c.Flags().StringVar(&event, "event", "", "file with the event's own bytes")
	c.Flags().BoolVar(&asJSON, "json", false, "print what is proven as a line of JSON")
	return c
}

// maxProvenEvent is more than any event has bytes.
const maxProvenEvent = 64 << 20

func (a *app) checkProof(proof, key, event string, asJSON bool) error {
	switch {
	case key == "" || event == "":
		return usage(errors.New("check-proof: which key, and which event?"), "tarn check-proof "+proof+" --key tarn.pub --event event.json")
	case proof == "-" && event == "-":
		return usage(errors.New("check-proof: one of proof and event comes from the standard input, not both"))
	}
	text, err := a.readAll(key, tlogproof.MaxKeys)
	if err != nil {
		return fmt.Errorf("check-proof: %w", err)
	}
	keys, err := tlogproof.ParseKeys(string(text))
	if err != nil {
		return usage(fmt.Errorf("check-proof: %s: %w", key, err), "tarn inspect shows the key of a lake, to whom has the lake")
	}
	of, err := a.readAll(proof, tlogproof.MaxFile)
	if err != nil {
		return fmt.Errorf("check-proof: %w", err)
	}
	raw, err := a.readAll(event, maxProvenEvent)
	if err != nil {
		return fmt.Errorf("check-proof: %w", err)
	}
	s, err := tlogproof.Check(of, raw, keys)
	if asJSON {
		return errors.Join(newJSONLines(a.out).Encode(checkedLine{err == nil, s, reason(err)}), refused(err))
	}
	if err != nil {
		return refused(err)
	}
	return a.tellChecked(s)
}

// checkedLine is what a check came to, for programs.
type checkedLine struct {
	Proven bool `json:"proven"`
	*tlogproof.Statement
	Reason string `json:"reason,omitempty"`
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// refused is the error of a proof that does not hold.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return hint.Add(fmt.Errorf("check-proof: %w", err), "it need not be that anybody cheats: proof, event and key must be of one lake, and byte for byte as they were written")
}

// readAll reads a file, or the standard input, and one byte more than it may have at
// most.
func (a *app) readAll(name string, most int64) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(a.in, most+1))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most+1))
}

func (a *app) tellChecked(s *tlogproof.Statement) error {
	var b strings.Builder
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s%s\n", what, printable(fmt.Sprintf(format, args...)))
	}
	b.WriteString("proven: the event is in the lake, byte for byte\n")
	line("lake", "%s", s.Lake)
	line("store", "%s", s.Store)
	if s.Accepted() {
		line("accepted", "by %s, number %d of %s counted together; not sealed when this was made", moment(s.Sealed), s.Row+1, counted(s.Rows, "event"))
	} else {
		line("day", "%s", s.Day)
		line("segment", "%s, row %d of %d, counted from 0", s.Segment, s.Row, s.Rows)
		line("sealed", "%s, by the lake's clock", moment(s.Sealed))
	}
	if s.Conflict {
		line("conflict", "its id was taken by an event with other bytes")
	}
	if s.Import != "" {
		line("import", "%s", s.Import)
	}
	line("log", "entry %d of %d, signed with key %s", s.Entry, s.LogSize, s.Key)
	for _, w := range s.Seen {
		line("witnessed", "at %s by %s: the log was there then", moment(w.Time), w.Witness)
	}
	if len(s.Seen) == 0 {
		line("witnessed", "by nobody whose key is given: when all this was is the lake's word")
	}
	for _, name := range s.Unknown {
		line("unknown", "a signature of %q, whose key is not given", name)
	}
	line("event", "SHA-256 %s, leaf hash %s", s.Event, s.Leaf)
	_, err := io.WriteString(a.out, b.String())
	return err
}

// moment is a time in words.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
