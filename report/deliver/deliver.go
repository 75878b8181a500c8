// Package deliver brings a report to where it is wanted: a folder, a bucket, somebody's
// mail, or a program that waits for it on the web.
//
//	address.go     where: one line of text
//	folder.go      into a folder
//	bucket.go      into a bucket
//	mail.go        by mail
//	webhook.go     by a request to a program, signed
//
// A delivery may happen twice, when nobody heard that it had succeeded. What arrives
// says so: files are the same files, mails have the same Message-ID, requests the same
// id.
package deliver

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/internal/s3"
)

// Parcel is a report on its way.
type Parcel struct {
	// ID is the report's.
	ID string `json:"id"`
	// Name is what its folder is called where it comes into a folder; each report has
	// another.
	Name string `json:"name"`
	// Title is a line, Text a summary as plain text, HTML the same as HTML: empty, and
	// Text is shown.
	Title string `json:"title"`
	Text  string `json:"text"`
	HTML  string `json:"html,omitempty"`
	// Summary is what programs are told.
	Summary json.RawMessage `json:"summary,omitempty"`
	// Dir is the folder that has the report's files, until it is delivered.
	Dir string `json:"dir"`
}

// Courier delivers.
type Courier struct {
	// Mail is who takes mail; nil is nobody.
	Mail *MailServer
	// S3 opens the door to buckets; nil refuses them.
	S3 func() (*s3.Client, error)
	// Secret signs what goes to webhooks; empty, and they are not signed.
	Secret []byte
	// TLS says whom to trust; nil is whom the system trusts.
	TLS *tls.Config
}

// ErrFinal means that trying again leads nowhere.
var ErrFinal = errors.New("given up")

// laterError is an error of who said when to come again.
type laterError struct {
	error
	after time.Duration
}

func (l *laterError) Unwrap() error { return l.error }

// After is how long who could not take a parcel wants to be left alone; zero if they
// did not say.
func After(err error) time.Duration {
	if l, ok := errors.AsType[*laterError](err); ok {
		return l.after
	}
	return 0
}

// final is an error that trying again does not help.
func final(err error, advice ...string) error {
	return hint.Add(fmt.Errorf("%w: %w", ErrFinal, err), advice...)
}

// Deliver brings a parcel to an address.
func (c *Courier) Deliver(ctx context.Context, to string, p Parcel) error {
	a, err := parse(to)
	if err != nil {
		return final(err)
	}
	files, err := open(p)
	if err != nil {
		return fmt.Errorf("the report's files: %w", err)
	}
	switch {
	case a.folder != "":
		return toFolder(a.folder, p.Name, files)
	case a.bucket.Bucket != "":
		return c.toBucket(ctx, a.bucket, p.Name, files)
	case a.mail != "":
		return c.mail(ctx, a.mail, p, files)
	}
	return c.post(ctx, a.url, p, files)
}

// file is one of a parcel's files: where it is, and what it is called, with slashes.
type file struct {
	path, name string
	size       int64
}

// flat is its name where there are no folders.
func (f file) flat() string { return strings.ReplaceAll(f.name, "/", "-") }

// open lists a parcel's files: those in its folder itself before those below, otherwise
// by name.
func open(p Parcel) (all []file, err error) {
	err = filepath.WalkDir(p.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a file", path)
		}
		name, err := filepath.Rel(p.Dir, path)
		all = append(all, file{path, filepath.ToSlash(name), info.Size()})
		return err
	})
	slices.SortStableFunc(all, func(a, b file) int { return strings.Count(a.name, "/") - strings.Count(b.name, "/") })
	return all, err
}

// within are the first files whose sizes come to no more than a bound; those after one
// that is too large may be among them. The others are left.
func within(all []file, most int64) (taken, left []file) {
	for _, f := range all {
		if f.size > most {
			left = append(left, f)
			continue
		}
		most -= f.size
		taken = append(taken, f)
	}
	return taken, left
}

// Writable says whether files can be brought to a folder by this process: whoever gave
// up its rights may write only where it meant to.
func Writable(to string) error {
	a, err := parse(to)
	if err != nil || a.folder == "" {
		return err
	}
	if err := os.MkdirAll(a.folder, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(a.folder, ".tarn-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
