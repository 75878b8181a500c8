// Tarn-locker locks the sealed files of a lake with the file system's immutable flag
// (chattr +i), which not even root can write past without lifting it, and removes what
// has expired. It alone holds the capability for that, CAP_LINUX_IMMUTABLE.
//
// It takes orders from nobody: the log of record says what is sealed and what has
// expired, and it checks that itself, against the signature, the holds, both clocks,
// and what it saw of the log the last time. docs/locks.md says how to run it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"tarn/internal/hint"
	"tarn/internal/immutable"
	"tarn/internal/vfs"
	"tarn/lake"
)

const help = `tarn-locker locks the sealed files of a lake with the immutable flag (chattr +i), and
removes what has expired. It needs CAP_LINUX_IMMUTABLE. docs/locks.md says more.

  tarn-locker /srv/lake                 # once
  tarn-locker --every 1h /srv/lake      # until it is ended
  tarn-locker --unlock /srv/lake        # lift all flags: whoever can run this can remove the lake

EXIT STATUS
  0 done, 1 failed or not all done, 2 wrong usage

`

type options struct {
	state, key string
	every      time.Duration
	unlock     bool
	lake       string
}

func main() {
	var o options
	flag.StringVar(&o.state, "state", "/var/lib/tarn-locker", "folder in which it keeps what it has seen of the log; nobody else may write there")
	flag.StringVar(&o.key, "key", "", "a verification key of the lake, from which signatures lead to the one in use; without, the first one that is met is believed")
	flag.DurationVar(&o.every, "every", 0, "do it again and again")
	flag.BoolVar(&o.unlock, "unlock", false, "lift the flag of all files of the lake instead")
	flag.Usage = func() { fmt.Fprint(flag.CommandLine.Output(), help); flag.PrintDefaults() }
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	o.lake = flag.Arg(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(o.run(ctx))
}

// run does its work once, or again and again.
func (o options) run(ctx context.Context) int {
	for {
		code := 0
		if err := o.once(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "tarn-locker: error: "+err.Error())
			for _, advice := range hint.Of(err) {
				fmt.Fprintln(os.Stderr, "tarn-locker: hint: "+advice)
			}
			code = 1
		}
		if o.every <= 0 {
			return code
		}
		select {
		case <-ctx.Done():
			return 0
		case <-time.After(o.every):
		}
	}
}

func (o options) once(ctx context.Context) error {
	folder, err := os.Open(o.lake)
	if err != nil {
		return err
	}
	defer folder.Close()
	if o.unlock {
		return unlock(folder)
	}
	seen, err := o.recall()
	if err != nil {
		return err
	}
	locked, failed := lock(ctx, folder, seen)
	if seen.Size > 0 {
		failed = errors.Join(failed, o.remember(seen))
	}
	if errors.Is(failed, lake.ErrCorrupt) {
		return failed // of a log that is not what it was, nothing is removed
	}
	r, err := lake.Purge(ctx, o.lake, lake.PurgeOptions{Seen: seen, Unlock: func(name string) error { return mark(folder, name, false, nil) }})
	if err == nil {
		err = o.remember(seen)
	}
	if r != nil {
		fmt.Printf("%s: %d files locked; %d files of %d segments removed, %d segments that expired stay\n", o.lake, locked, r.Files, r.Segments, len(r.Waiting))
	}
	return errors.Join(failed, err)
}

// lock sets the flag of the sealed files that do not have it, and are what was sealed.
func lock(ctx context.Context, folder *os.File, seen *lake.Seen) (locked int, err error) {
	files, err := lake.Sealed(ctx, folder.Name(), seen)
	if err != nil {
		return 0, err
	}
	_, err = os.Stat(filepath.Join(folder.Name(), filepath.FromSlash(lake.BucketFiles+"json")))
	inBucket := err == nil
	var failed []error
	for _, f := range files {
		if ctx.Err() != nil {
			return locked, ctx.Err()
		}
		if state, err := immutable.Of(filepath.Join(folder.Name(), f.Name)); err == nil && state == immutable.Set {
			continue
		}
		err := mark(folder, f.Name, true, f.Check)
		if errors.Is(err, fs.ErrNotExist) && inBucket {
			continue // tarn verify says whether it is there
		}
		if err != nil {
			failed = append(failed, err)
			if errors.Is(err, immutable.ErrCannot) || errors.Is(err, fs.ErrPermission) {
				break // the next one says the same
			}
			continue
		}
		locked++
	}
	return locked, errors.Join(failed...)
}

// mark sets or lifts the flag of a file in the lake, which is opened without following
// any link, and checked.
func mark(folder *os.File, name string, set bool, check func(*os.File) error) error {
	f, err := immutable.Open(folder, name)
	if err != nil {
		return err
	}
	defer f.Close()
	if !set {
		return immutable.Mark(f, false)
	}
	// What cannot be changed any more is what is checked. A flag that was there is another
	// name's, under which the file is what was sealed: it stays.
	was := immutable.Marked(f)
	if err := immutable.Mark(f, true); err != nil {
		return err
	}
	if err := check(f); err != nil {
		if was {
			return fmt.Errorf("%s is not what was sealed: %w", name, err)
		}
		return errors.Join(fmt.Errorf("%s is not what was sealed, and is not locked: %w", name, err), immutable.Mark(f, false))
	}
	return nil
}

// unlock lifts the flag of whatever is in the lake.
func unlock(folder *os.File) error {
	return filepath.WalkDir(folder.Name(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if state, err := immutable.Of(path); err != nil || state != immutable.Set {
			return err
		}
		name, err := filepath.Rel(folder.Name(), path)
		if err != nil {
			return err
		}
		return mark(folder, name, false, nil)
	})
}

// seenFile is where it keeps what it has seen of this lake's log. It goes by the
// lake's place: another lake there is another log.
func (o options) seenFile() (string, error) {
	abs, err := filepath.Abs(o.lake)
	return filepath.Join(o.state, url.PathEscape(abs)+".json"), err
}

func (o options) recall() (*lake.Seen, error) {
	seen := &lake.Seen{Key: o.key}
	name, err := o.seenFile()
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return seen, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, seen); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if o.key != "" {
		seen.Key = o.key // what a person says counts for more
	}
	return seen, nil
}

func (o options) remember(seen *lake.Seen) error {
	name, err := o.seenFile()
	if err != nil {
		return err
	}
	b, err := json.Marshal(seen)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.state, 0o700); err != nil {
		return err
	}
	folder, err := vfs.OpenSecret(o.state)
	if err != nil {
		return err
	}
	defer folder.Close()
	// What a power cut leaves is what was there, or this.
	return vfs.WriteFile(folder, filepath.Base(name), b)
}
