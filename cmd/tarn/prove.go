package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tarn/internal/hint"
	"tarn/lake"
	"tarn/lake/tlogproof"
)

type proveOptions struct {
	store, to         string
	conflicts, asJSON bool
}

func (a *app) proveCommand() *cobra.Command {
	var o proveOptions
	c := &cobra.Command{
		Use:   "prove EVENT-ID",
		Short: "Write a proof that one event is in the lake",
		Long: `Write a proof that one event is in the lake, as a C2SP tlog-proof of two to four
kilobytes. Whoever has the proof, the event's own bytes and the lake's verification
key can check it with tarn check-proof, or by hand (docs/proofs.md), without the
lake; also when the event has expired since.

The event is named by its id; one without id by sha256: and the base64 of its leaf
hash, which tarn check-proof and receipts show. It is looked for in all event data
stores, or in --store. Where several events have the id, --to writes a proof of each,
and --conflicts also proves the records whose id was taken by an event with other
bytes.

An event that came a moment ago can be proven once the log has counted it, within a
minute; where a server has the lake, this command lets it do so at once.

EXIT STATUS
  0 done, 1 no such event, or not yet to be proven, 2 several events have the id,
  10 no lake or store, 12 lake is corrupt`,
		Example: `  tarn prove 2c3d7b52-8f4f-4f5f-9b5e-0a4f2e0b1c11 > event.tlog-proof
  tarn prove 2c3d7b52-8f4f-4f5f-9b5e-0a4f2e0b1c11 --store cloudtrail --to evidence
  tarn prove 2c3d7b52-8f4f-4f5f-9b5e-0a4f2e0b1c11 --conflicts --json | jq -r .proof`,
		Args: oneArg("event, by its id"),
		RunE: func(c *cobra.Command, args []string) error {
			if a.guest != nil {
				// Who asks writes the proof: this process may write nothing there.
				if err := a.guest.lake.Count(); err != nil || a.guest.who == nil {
					return err
				}
			}
			prove := func(snap *lake.Snapshot) error { return a.prove(c.Context(), snap, args[0], o) }
			err := a.read(prove)
			if errors.Is(err, errNoEvent) || errors.Is(err, lake.ErrUncounted) {
				// Who writes may have it, and can let the log count it.
				if done, there := a.elsewhere(c.Context(), a.args); there != nil {
					return there
				} else if done {
					return a.read(prove)
				}
			}
			return err
		},
	}
	c.Flags().StringVar(&o.store, "store", "", "look in this event data store only")
	c.Flags().StringVar(&o.to, "to", "", "write event.tlog-proof and event.json, the event's own bytes, into this folder")
	c.Flags().BoolVar(&o.conflicts, "conflicts", false, "prove records whose id was taken by other bytes too")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print a line of JSON for each: what is proven, the proof, the event")
	return c
}

var (
	errNoEvent = errors.New("no such event")
	// errSeveral means that it has to be said which event is meant.
	errSeveral = fmt.Errorf("%w: several events have the id", errUsage)
)

func (a *app) prove(ctx context.Context, snap *lake.Snapshot, id string, o proveOptions) error {
	places, err := snap.Find(ctx, id, o.store)
	if err != nil {
		return fmt.Errorf("prove: %w", err)
	}
	if places, err = a.choose(id, places, o); err != nil {
		return fmt.Errorf("prove: %w", err)
	}
	var all []*lake.Proven
	for _, p := range places {
		proven, err := snap.Prove(ctx, p)
		if err != nil {
			return err
		}
		all = append(all, proven)
	}
	switch {
	case o.asJSON:
		return a.provenLines(all)
	case o.to != "":
		return a.provenFiles(all, a.inDir(o.to), o.to)
	}
	a.tellProven(all[0])
	_, err = a.out.Write(all[0].Proof)
	return err
}

// choose takes from the places those to prove, and tells of the others.
func (a *app) choose(id string, places []lake.Place, o proveOptions) ([]lake.Place, error) {
	all := len(places)
	if !o.conflicts {
		places = slices.DeleteFunc(places, func(p lake.Place) bool { return p.Segment.Conflicts })
	}
	conflicts := int64(all - len(places))
	switch {
	case all == 0:
		return nil, hint.Add(fmt.Errorf("%w: %s", errNoEvent, id), "ids are compared as they are written: tarn query \"SELECT eventID, eventTime FROM ...\" shows them",
			"an event without id is named by sha256: and the base64 of its leaf hash")
	case len(places) == 0:
		return nil, hint.Add(fmt.Errorf("%w: of %s there is only a conflicting record", errNoEvent, id), "--conflicts proves it")
	case conflicts > 0:
		fmt.Fprintf(a.err, "note: %s with other bytes under this id: --conflicts --to DIR proves what there is\n", countedAre(conflicts, "record"))
	}
	if o.asJSON || o.to != "" || len(places) == 1 {
		return places, nil
	}
	if stores := storesIn(places); len(stores) > 1 {
		return nil, hint.Add(fmt.Errorf("%w: it is in %s", errSeveral, strings.Join(stores, ", ")), "--store NAME takes one of them", "--to DIR writes a proof of each")
	}
	if o.conflicts {
		return nil, hint.Add(fmt.Errorf("%w: %s", errSeveral, counted(int64(len(places)), "record")), "--to DIR writes a proof of each")
	}
	fmt.Fprintf(a.err, "note: the event is stored %d times; this proves the first, --to DIR each\n", len(places))
	return places[:1], nil
}

func storesIn(places []lake.Place) (names []string) {
	for _, p := range places {
		names = append(names, p.Store.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// provenLine is an event with its proof, for programs.
type provenLine struct {
	Name string `json:"store_name"`
	tlogproof.Statement
	Proof string `json:"proof"`
	Event string `json:"event"`
}

func (a *app) provenLines(all []*lake.Proven) error {
	lines := newJSONLines(a.out)
	for _, p := range all {
		if err := lines.Encode(provenLine{p.Store.Name, p.Statement, string(p.Proof), string(p.Event)}); err != nil {
			return err
		}
	}
	return nil
}

// provenFiles writes a pair of files for each event.
func (a *app) provenFiles(all []*lake.Proven, dir, named string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("prove: %w", err)
	}
	for i, p := range all {
		name := "event"
		if i > 0 {
			name = fmt.Sprintf("event-%d", i+1)
		}
		for file, content := range map[string][]byte{name + ".tlog-proof": p.Proof, name + ".json": p.Event} {
			err := intoFile(filepath.Join(dir, file), func(w io.Writer) error { _, err := w.Write(content); return err })
			if err != nil {
				return fmt.Errorf("prove: %w", err)
			}
		}
		a.tellProven(p)
		fmt.Fprintf(a.out, "%s and %s\n", filepath.Join(named, name+".tlog-proof"), filepath.Join(named, name+".json"))
	}
	return nil
}

// tellProven says in a line what a proof proves.
func (a *app) tellProven(p *lake.Proven) {
	what := "an event"
	if p.Statement.Conflict {
		what = "a conflicting record"
	}
	fmt.Fprintf(a.err, "proves: %s of %s, %s, by log entry %d of %d\n", what, p.Store.Name, whereProven(&p.Statement), p.Statement.Entry, p.Statement.LogSize)
}

// whereProven says where the event stood when the proof was made.
func whereProven(s *tlogproof.Statement) string {
	if s.Accepted() {
		return fmt.Sprintf("accepted with %s by %s", counted(s.Rows, "event"), moment(s.Sealed))
	}
	return fmt.Sprintf("day %s, row %d of %d, sealed at %s", s.Day, s.Row, s.Rows, moment(s.Sealed))
}
