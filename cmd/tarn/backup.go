package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/lake"
	"tarn/lake/statedb"
)

func (a *app) backupCommand() *cobra.Command {
	var check, asJSON bool
	c := &cobra.Command{
		Use:   "backup DIR",
		Short: "Copy the lake as it is at this moment, or what a backup lacks of it",
		Long: `Make DIR a copy of the lake as it is at this moment: everything that was accepted
before is in it, also while events come and imports run. Where DIR is a backup of
this lake already, only what is new is copied. Every file is compared with the log
of record as it is copied; one that is damaged is named, and the others are copied.

A backup is a lake: tarn verify --lake DIR and tarn query --lake DIR work with it.
Nothing else may write to it. The signing key is not in it: keep a copy of the key
somewhere else, apart from the backup.

An interrupted backup leaves the former one as it was; the same command goes on.
--check reads what is there already too, and copies anew what was damaged.
docs/backup.md has a drill.

EXIT STATUS
  0 done, 1 some files could not be read, or DIR not be written, 2 DIR is no place
  for a backup of this lake, 10 no lake there, 11 lake or backup in use, 12 files of
  the lake are damaged, or its log is not the one that was backed up, 130 interrupted`,
		Example: `  tarn backup /mnt/backup/lake
  tarn backup --check /mnt/backup/lake
  tarn backup --json /mnt/backup/lake | jq .copied_bytes
  tarn verify --lake /mnt/backup/lake`,
		Args: oneArg("folder"),
		RunE: func(c *cobra.Command, args []string) error {
			a.resumes = true
			return a.backup(c.Context(), args[0], check, asJSON)
		},
		ValidArgsFunction: onlyFolders,
	}
	c.Flags().BoolVar(&check, "check", false, "read what DIR has already too, and copy anew what is damaged")
	c.Flags().BoolVar(&asJSON, "json", false, "print what was done as a line of JSON")
	return c
}

func (a *app) restoreCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "restore BACKUP",
		Short: "Make a lake of a backup",
		Long: `Make a lake of a backup, in the folder that --lake names: it must be empty, or not
exist yet; nothing is overwritten. Every file is compared with the log of record as
it is copied. An interrupted restore goes on with the same command.

Reading and verifying the lake needs no key. To go on writing, bring back its signing
key, or name it with TARN_KEY. Let only one go on of lakes that were one: two that
both do have logs that contradict each other.

EXIT STATUS
  0 done, 1 some files could not be read, or the lake not be written, 2 the lake's
  folder is not empty, 10 no backup there, 11 in use, 12 files of the backup are
  damaged: the lake has all others, 130 interrupted`,
		Example: `  tarn restore /mnt/backup/lake --lake ./restored
  tarn restore --json /mnt/backup/lake --lake ./drill | jq .events`,
		Args: oneArg("backup"),
		RunE: func(c *cobra.Command, args []string) error {
			a.resumes = true
			return a.restore(c.Context(), args[0], asJSON)
		},
		ValidArgsFunction: onlyFolders,
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print what was done as a line of JSON")
	return c
}

// onlyFolders completes the names of folders.
func onlyFolders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func (a *app) backup(ctx context.Context, named string, check, asJSON bool) error {
	dir, err := filepath.Abs(a.inDir(named))
	if err != nil {
		return err
	}
	a.writable = []string{dir}
	unpin, pinned, err := a.pinned(ctx)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer unpin()
	l, err := a.openForBackup(pinned)
	if err != nil {
		return err
	}
	start := time.Now()
	r, err := a.copying("backup", func(o lake.BackupOptions) (*lake.BackupReport, error) {
		o.Check, o.Pinned = check, pinned
		return l.Backup(ctx, dir, o)
	})
	if err == nil {
		a.keepState(dir, pinned)
	}
	key := l.KeyFile()
	if err = errors.Join(err, a.close(l, err)); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := a.tellCopy("backed up to "+named, r, asJSON, time.Since(start)); err != nil {
		return err
	}
	fmt.Fprintf(a.err, "note: the signing key is not in the backup, and belongs somewhere else: keep a copy of %s\n", key)
	return damagedCopy("backup", r)
}

// keepState copies the notes on imports into a backup. They are no evidence: a
// backup is good without them.
func (a *app) keepState(dir string, pinned bool) {
	d, done, err := (*statedb.DB)(nil), func() error { return nil }, error(nil)
	if pinned { // it is the server's
		if d, err = statedb.View(lake.StateOf(a.lakeDir)); err == nil {
			done = d.Close
		}
	} else {
		d, done, err = a.state()
	}
	if err == nil {
		err = errors.Join(d.CopyTo(filepath.Join(dir, lake.StateFile)), done())
	}
	if err != nil {
		a.warn(fmt.Sprintf("what is known of earlier imports is not in the backup: %v", err))
	}
}

func (a *app) restore(ctx context.Context, backup string, asJSON bool) error {
	start := time.Now()
	r, err := a.copying("restore", func(o lake.BackupOptions) (*lake.BackupReport, error) {
		return lake.Restore(ctx, backup, a.lakeDir, o)
	})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	d, err := statedb.View(lake.StateOf(backup))
	if err == nil {
		err = errors.Join(d.CopyTo(filepath.Join(a.lakeDir, lake.StateFile)), d.Close())
	}
	if err != nil {
		a.warn(fmt.Sprintf("what was known of earlier imports is not restored: %v", err))
	}
	if err := a.tellCopy("restored to "+a.lakeDir, r, asJSON, time.Since(start)); err != nil {
		return err
	}
	if err := a.tellKey(); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return damagedCopy("restore", r)
}

// tellKey says whether the lake that was restored can be written to.
func (a *app) tellKey() error {
	l, err := a.view()
	if err != nil {
		return err
	}
	defer l.Close()
	if err := l.KeyAtHand(); err != nil {
		fmt.Fprintf(a.err, "note: %v; query, verify and export work without. To go on writing, bring the key back to %s, or name it with TARN_KEY\n",
			err, l.KeyFile())
		return nil
	}
	fmt.Fprintf(a.err, "note: its signing key is at hand (%s). If the old lake still is, let only one of them go on\n", l.KeyFile())
	return nil
}

// copying shows how far a backup, or a restore, is.
func (a *app) copying(label string, fn func(lake.BackupOptions) (*lake.BackupReport, error)) (*lake.BackupReport, error) {
	_, live := terminal(a.err)
	meter := a.meter(progress.Options{Label: label, Unit: "bytes", Live: live})
	defer meter.Finish()
	return fn(lake.BackupOptions{Progress: func(done, total int64) {
		meter.SetTotal(total)
		meter.SetDone(done)
	}})
}

func (a *app) tellCopy(what string, r *lake.BackupReport, asJSON bool, took time.Duration) error {
	if asJSON {
		return newJSONLines(a.out).Encode(r)
	}
	for _, p := range slices.Concat(r.Problems, r.Unread) {
		fmt.Fprintf(a.out, "%s: %s\n", p.Path, p.What)
	}
	mended := ""
	if r.Mended > 0 {
		mended = fmt.Sprintf(", of which %s damaged", countedWere(r.Mended, "file"))
	}
	_, err := fmt.Fprintf(a.out, "%s: %s, %d log entries, %s; copied %s, %s%s, in %s\n", what, counted(r.Events, "event"), r.LogSize,
		progress.Bytes(r.Bytes), counted(r.Copied, "file"), progress.Bytes(r.CopiedBytes), mended, progress.Duration(took))
	return err
}

// damagedCopy is the error of a copy that lacks files.
func damagedCopy(what string, r *lake.BackupReport) error {
	if n := int64(len(r.Problems)); n > 0 {
		return hint.Add(fmt.Errorf("%s: %w: %s not copied; all others were", what, errDiffers, countedWere(n, "file")),
			"an older backup may have them whole: keep it; tarn verify says more",
			"the same command copies them as soon as they are whole again")
	}
	if n := int64(len(r.Unread)); n > 0 {
		return hint.Add(fmt.Errorf("%s: %s could not be read; all others were copied", what, unreadFiles(n)),
			"give the user who runs this the right to read them, or look after the disk; then run the same command again")
	}
	return nil
}
