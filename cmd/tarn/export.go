package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/internal/progress"
	"tarn/lake"
)

func (a *app) exportCommand() *cobra.Command {
	var raw, nul bool
	var name string
	c := &cobra.Command{
		Use:   "export --raw",
		Short: "Write the stored events as they came",
		Long: `Write the bytes of every stored event as they came in, each followed by a line
feed (a raw event may contain one itself: use -0 then), segment by segment in
order of day, within a segment in order of time.

EXIT STATUS
  0 done, 10 no lake or store, 12 lake is corrupt`,
		Example: `  tarn export --raw > events.jsonl
  tarn export --raw -0 --store cloudtrail.conflicts | xargs -0 -n1 echo`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !raw {
				return usage(errors.New("export: only --raw is known"), "tarn export --raw > events.jsonl")
			}
			return a.read(func(snap *lake.Snapshot) error { return a.export(c.Context(), snap, name, nul) })
		},
	}
	c.Flags().BoolVar(&raw, "raw", false, "the events' own bytes")
	c.Flags().BoolVarP(&nul, "null", "0", false, "end each event with NUL instead of a line feed")
	c.Flags().StringVar(&name, "store", defaultStore, "event data store; STORE.conflicts for its conflicts")
	return c
}

func (a *app) export(ctx context.Context, snap *lake.Snapshot, name string, nul bool) error {
	plain, conflicts := strings.CutSuffix(name, lake.ConflictsSuffix)
	store, err := snap.Store(plain)
	if err == nil {
		err = store.Usable()
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	end := byte('\n')
	if nul {
		end = 0
	}
	var total int64
	for _, seg := range snap.Segments(store.ID, conflicts) {
		total += seg.RawBytes
	}
	_, live := terminal(a.err)
	_, screen := terminal(a.out) // the events themselves run over it
	meter := a.meter(progress.Options{Label: "export", Unit: "bytes", Total: total, Live: live && !screen})
	defer meter.Finish()
	start, events := time.Now(), int64(0)
	w := bufio.NewWriterSize(a.out, 1<<20)
	err = snap.Raw(ctx, store.ID, conflicts, func(raw []byte) error {
		if events++; events%1000 == 0 {
			meter.Line(progress.Count(events) + " events, " + perSecond(events, start))
		}
		meter.Add(int64(len(raw)))
		w.Write(raw)
		return w.WriteByte(end)
	})
	if err != nil {
		return fmt.Errorf("export %s: %w", name, err)
	}
	return w.Flush()
}

func newJSONLines(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}
