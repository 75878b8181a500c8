package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"tarn/export"
	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/internal/s3"
	"tarn/lake"
)

// usualBucket is the one that the digests of a folder name, of which nobody said where
// it will lie.
const usualBucket = "tarn-export"

// trailForm is what CloudTrail lets a trail be called.
var trailForm = regexp.MustCompile(`^[A-Za-z0-9]([._-]?[A-Za-z0-9])*$`)

// exported is the receipt.
type exported struct {
	Store   string `json:"store"`
	Into    string `json:"into"`
	LogSize int64  `json:"log_size"`
	*export.Result
}

func (a *app) exportInto(ctx context.Context, o exportOptions) error {
	settings, err := o.settings()
	if err != nil {
		return err
	}
	o.shown = o.into
	if !s3.IsURI(o.into) {
		if o.into, err = filepath.Abs(a.inDir(o.into)); err != nil {
			return err
		}
		a.writable = append(a.writable, o.into)
	}
	if err := a.readStore(o.store, func(*lake.Snapshot, lake.Store) error { return nil }); err != nil {
		return err
	}
	boundMemory(a.getenv)
	if !o.unsigned {
		if settings.Keys, err = a.exportKeys(ctx); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	return a.readStore(o.store, func(snap *lake.Snapshot, store lake.Store) error {
		if settings.Trail == "" {
			settings.Trail = trailOf(store.Name)
		}
		place, settle, err := a.exportPlace(ctx, o, settings)
		if err != nil {
			return err
		}
		start := time.Now()
		r, err := a.exporting(ctx, snap, store, place, settings)
		err = errors.Join(err, settle())
		if err == nil || r.Logs.Files > 0 {
			err = errors.Join(err, a.tellExport(exported{store.Name, o.shown, snap.LogSize(), r}, o, time.Since(start)))
		}
		if err != nil {
			return exportError(o.shown, err)
		}
		if r.Late > 0 {
			return hint.Add(fmt.Errorf("%w: %s came after the digest of their hour was written, and are in no file", errPartly, counted(r.Late, "event")),
				"export these hours to another folder: --from and --to, --into ANOTHER")
		}
		return nil
	})
}

// readStore reads a store that can be asked.
func (a *app) readStore(name string, fn func(*lake.Snapshot, lake.Store) error) error {
	return a.read(func(snap *lake.Snapshot) error {
		store, err := snap.Store(name)
		if err == nil {
			err = store.Usable()
		}
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		return fn(snap, store)
	})
}

func exportError(into string, err error) error {
	err = fmt.Errorf("export into %s: %w", into, err)
	if errors.Is(err, export.ErrOther) {
		err = hint.Add(err, "nothing was written over: move it away, or export to another place")
	}
	return err
}

// settings checks what was asked for.
func (o *exportOptions) settings() (s export.Options, err error) {
	if s.Filter, err = o.filter.parse(); err != nil {
		return s, err
	}
	if s.Trail = o.trail; o.trail != "" && (!trailForm.MatchString(o.trail) || len(o.trail) < 3 || len(o.trail) > 128) {
		return s, usage(fmt.Errorf("export: --trail %q", o.trail), "3 to 128 letters and digits, with single dots, hyphens or underscores between them")
	}
	s.As = s3.URI{Bucket: usualBucket}
	for _, text := range []string{o.as, o.into} {
		if s3.IsURI(text) || text == o.as && text != "" {
			if s.As, err = s3.ParseURI(text); err != nil {
				return s, usage(fmt.Errorf("export: %w", err), "s3://BUCKET or s3://BUCKET/PREFIX")
			}
		}
	}
	if s3.IsURI(o.into) && o.as != "" {
		return s, usage(errors.New("export: --as is for a folder"), "what is in a bucket lies where it lies")
	}
	return s, nil
}

// trailOf is the name of a store as that of a trail.
func trailOf(store string) string {
	if trailForm.MatchString(store) {
		return store
	}
	return regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString("tarn-"+store+"-0", "-")
}

// exportPlace opens the place that is named; settle has to be called at the end.
func (a *app) exportPlace(ctx context.Context, o exportOptions, s export.Options) (to export.Place, settle func() error, err error) {
	if s3.IsURI(o.into) {
		client, err := a.openS3(ctx)
		return &export.Bucket{Client: client, At: s.As}, func() error { return nil }, err
	}
	f, err := export.OpenFolder(o.into, s.As)
	if err != nil {
		return nil, nil, fmt.Errorf("export: %w", err)
	}
	var public []export.PublicKey
	if s.Keys != nil {
		public = s.Keys.Public
	}
	return f, func() error { return f.Close(public) }, nil
}

// exporting exports with a progress line on a terminal.
func (a *app) exporting(ctx context.Context, snap *lake.Snapshot, store lake.Store, to export.Place, o export.Options) (*export.Result, error) {
	_, live := terminal(a.err)
	meter := a.meter(progress.Options{Label: "export", Unit: "bytes", Total: export.Bytes(snap, store, o.Filter), Live: live})
	defer meter.Finish()
	start, done := time.Now(), make(chan progressed, 64)
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		events := int64(0)
		for p := range done {
			events += p.events
			meter.Line(progress.Count(events) + " events, " + perSecond(events, start))
			meter.Add(p.bytes)
		}
	}()
	o.Progress = func(events, bytes int64) { done <- progressed{events, bytes} }
	r, err := export.Run(ctx, snap, store, to, o)
	close(done)
	<-shown
	return r, err
}

type progressed struct{ events, bytes int64 }

// tellExport says what was written.
func (a *app) tellExport(r exported, o exportOptions, took time.Duration) error {
	if o.asJSON {
		return newJSONLines(a.out).Encode(r)
	}
	fmt.Fprintf(a.out, "exported %s into %s: %s%s, in %s\n", r.Store, o.shown, counted(r.Exported, "event"),
		list(", ", part{r.Filtered, "left out by the filter"}, part{r.Unfinished, "of the hour that is not over"}, part{r.Late, "that came late, in no file"}), progress.Duration(took))
	for _, folder := range slices.Sorted(maps.Keys(r.Folders)) {
		fmt.Fprintf(a.out, "  %s: %s\n", folder, counted(r.Folders[folder], "event"))
	}
	fmt.Fprintf(a.out, "  files: %s, %s; %s; new: %s, %s, %s\n", counted(r.Logs.Files, "log file"), progress.Bytes(r.Logs.Bytes), counted(r.Digests.Files, "digest"),
		counted(r.Logs.New, "log file"), progress.Bytes(r.Logs.NewBytes), counted(r.Digests.New, "digest"))
	for _, hour := range r.LateHours {
		fmt.Fprintf(a.out, "  late: %s\n", hour)
	}
	if o.unsigned || s3.IsURI(o.into) {
		return nil
	}
	_, err := fmt.Fprintf(a.out, "  check it: tarn import --verify-digests require --public-keys %[1]s/%[2]s --digest-metadata %[1]s/%[3]s %[1]s/AWSLogs\n",
		filepath.Clean(o.shown), export.KeysFile, export.MetadataFile)
	return err
}
