package ingest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"tarn/internal/hint"
)

// Errors of listing.
var (
	// ErrNoPath means that a path to import does not exist.
	ErrNoPath = errors.New("no such file or folder")
	// ErrNothing means that there is nothing to import.
	ErrNothing = errors.New("no CloudTrail log files")
)

// Object is a file to import.
type Object struct {
	// Path is where it is, Key its name in the ledger: from AWSLogs/ on where
	// the path has that, else from the folder that was given.
	Path, Key string
	// Day is the day of delivery that the path tells; zero if it tells none.
	Day      time.Time
	Bytes    int64
	Modified time.Time
}

// Listing is what was found below some paths.
type Listing struct {
	// Objects are the files to import, in order of day and key.
	Objects []Object
	// Digests counts digest files, Others files that are no logs by their name,
	// Links links to folders, which are not followed.
	Digests, Others, Links int64
	// Unread are files and folders that could not be looked at, with the reason.
	Unread []Unread
	// Bytes is the length of all Objects.
	Bytes int64
}

// Unread is a file or folder that could not be read. It is not in the ledger, so
// the same import again tries again.
type Unread struct {
	Path string
	Err  error
}

// List finds the log files below the paths. A path that is a file is taken
// whatever its name; in a folder, names tell. It is an error if a path does not
// exist or if there is nothing to import.
func List(paths []string) (*Listing, error) {
	l := &Listing{}
	for _, p := range paths {
		if err := l.add(p); err != nil {
			return nil, err
		}
	}
	if len(l.Objects) == 0 && len(l.Unread) > 0 {
		return nil, fmt.Errorf("read %s: %w", l.Unread[0].Path, l.Unread[0].Err)
	}
	if len(l.Objects) == 0 {
		err := fmt.Errorf("%w in %s", ErrNothing, strings.Join(paths, ", "))
		if l.Digests > 0 {
			return nil, hint.Add(err, fmt.Sprintf("there are %d digest files, which sign log files and hold no events; the logs lie beside them in .../CloudTrail/", l.Digests))
		}
		return nil, hint.Add(err, "log files end in .json.gz or .json and lie in AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/",
			"copy a bucket with: aws s3 sync s3://BUCKET/AWSLogs ./AWSLogs")
	}
	slices.SortStableFunc(l.Objects, func(a, b Object) int {
		if c := a.Day.Compare(b.Day); c != 0 {
			return c
		}
		return strings.Compare(a.Key, b.Key)
	})
	l.once()
	for _, o := range l.Objects {
		l.Bytes += o.Bytes
	}
	return l, nil
}

// once leaves out files that were listed before under another path: a folder
// may be named beside one that it lies in.
func (l *Listing) once() {
	seen := map[string]bool{}
	l.Objects = slices.DeleteFunc(l.Objects, func(o Object) bool {
		path := o.Path
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		was := seen[path]
		seen[path] = true
		return was
	})
}

func (l *Listing) add(root string) error {
	st, err := os.Stat(root)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: %s", ErrNoPath, root)
		if strings.HasPrefix(root, "s3://") {
			return hint.Add(err, "copy the bucket first: aws s3 sync "+root+" ./AWSLogs")
		}
		return hint.Add(err, "name a folder such as ./AWSLogs, or a log file")
	}
	if err != nil {
		return err
	}
	if !st.IsDir() {
		l.Objects = append(l.Objects, object(filepath.Dir(root), root, st))
		return nil
	}
	// A link that is named is followed; WalkDir would not.
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return err
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			l.Unread = append(l.Unread, Unread{path, reason(err)})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		l.addFile(root, path, d)
		return nil
	})
}

// reason drops the path from an error that is shown beside the path.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func (l *Listing) addFile(root, path string, d fs.DirEntry) {
	if strings.Contains(filepath.ToSlash(path), "/CloudTrail-Digest/") {
		l.Digests++
		return
	}
	if !isLogName(d.Name()) {
		l.Others++
		return
	}
	st, err := os.Stat(path) // follows a link to a file
	switch {
	case err != nil:
		l.Unread = append(l.Unread, Unread{path, reason(err)})
	case st.IsDir():
		l.Links++
	case !st.Mode().IsRegular():
		l.Others++
	default:
		l.Objects = append(l.Objects, object(root, path, st))
	}
}

func isLogName(name string) bool {
	return strings.HasSuffix(name, ".json.gz") || strings.HasSuffix(name, ".json")
}

func object(root, path string, st fs.FileInfo) Object {
	return Object{Path: path, Key: key(root, path), Day: deliveryDay(path), Bytes: st.Size(), Modified: st.ModTime().UTC()}
}

// key names a file independently of where the bucket was copied to.
func key(root, path string) string {
	slash := filepath.ToSlash(path)
	if abs, err := filepath.Abs(path); err == nil {
		slash = filepath.ToSlash(abs)
	}
	// The last one: a bucket's own prefix may contain the word too.
	if i := strings.LastIndex(slash, "/AWSLogs/"); i >= 0 {
		return slash[i+1:]
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return slash
	}
	return filepath.ToSlash(rel)
}

// deliveredFolder and deliveredName find the day of delivery in the folders of
// a bucket, and in the name of a log file.
var (
	deliveredFolder = regexp.MustCompile(`/(\d{4})/(\d{2})/(\d{2})/[^/]*$`)
	deliveredName   = regexp.MustCompile(`_(\d{4})(\d{2})(\d{2})T\d{4}Z_[^/]*$`)
)

func deliveryDay(path string) time.Time {
	slash := filepath.ToSlash(path)
	for _, re := range []*regexp.Regexp{deliveredFolder, deliveredName} {
		if m := re.FindStringSubmatch(slash); m != nil {
			if t, err := time.Parse("20060102", m[1]+m[2]+m[3]); err == nil {
				return t
			}
		}
	}
	return time.Time{}
}
