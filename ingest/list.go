package ingest

import (
	"context"
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
	"tarn/internal/s3"
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
	// Dir is the folder that Path is relative to; empty for that of the process.
	Dir string
	// Day is the day of delivery that the path tells; zero if it tells none.
	Day      time.Time
	Bytes    int64
	Modified time.Time
	// ETag tells whether an object of a bucket is the one that was listed; empty on disk.
	ETag string
	// SignedHash is the SHA-256 that it was signed with, hexadecimal; empty if it was
	// not. Import looks for it.
	SignedHash string

	bucket *s3.Client // who asks for an object in a bucket; nil on disk
}

// Listing is what was found below some paths.
type Listing struct {
	// Objects are the files to import, in order of day and key.
	Objects []Object
	// Archives are what is read front to back, in the order of the paths.
	Archives []Archive
	// Digests counts digest files, Others files that are no logs by their name,
	// Links links to folders, which are not followed.
	Digests, Others, Links int64
	// Unlisted counts folders of buckets that were not listed, since the filter lets
	// nothing in them pass.
	Unlisted int64
	// DigestFiles are the digest files in folders.
	DigestFiles []Object
	// Unread are files and folders that could not be looked at, with the reason.
	Unread []Unread
	// Bytes is the length of all Objects and Archives; zero if one of these is a
	// stream.
	Bytes int64

	dir   string   // to which paths are relative; empty for that of the process
	from  From     // how it was asked for
	paths []string // what was asked for
}

// Unread is a file or folder that could not be read. It is not in the ledger, so
// the same import again tries again.
type Unread struct {
	Path string
	Err  error
}

// List finds the log files below paths of the disk, as ListFrom does.
func List(paths []string) (*Listing, error) {
	return ListFrom(context.Background(), paths, From{})
}

// ListFrom finds the log files below the paths. A path that is a file is taken
// whatever its name, and its bytes tell a tar archive; in a folder, names tell,
// and archives are no log files. "-" is standard input. In a bucket, s3://BUCKET/KEY is
// an object, a folder, or what keys begin with, and the name tells an archive. It is an
// error if a path does not exist or if there is nothing to import; what is in archives
// is seen when they are read.
func ListFrom(ctx context.Context, paths []string, from From) (*Listing, error) {
	l := &Listing{dir: from.Dir, from: from, paths: paths}
	for _, p := range paths {
		if err := l.add(ctx, p); err != nil {
			return nil, err
		}
	}
	if len(l.Objects)+len(l.Archives) == 0 {
		if len(l.Unread) > 0 {
			return nil, fmt.Errorf("read %s: %w", l.Unread[0].Path, l.Unread[0].Err)
		}
		return nil, l.nothing(l.Digests)
	}
	l.sort()
	l.once()
	l.Bytes = l.length()
	return l, nil
}

// Paths are what was asked for.
func (l *Listing) Paths() []string { return slices.Clone(l.paths) }

// nothing is the error of paths without log files.
func (l *Listing) nothing(digests int64) error {
	var names []string
	for _, p := range l.paths {
		names = append(names, Archive{Path: p}.Name())
	}
	err := fmt.Errorf("%w in %s", ErrNothing, strings.Join(names, ", "))
	if digests > 0 {
		return hint.Add(err, fmt.Sprintf("found digests only (%d digest file%s): they sign log files and hold no events, which lie beside them in .../CloudTrail/", digests, "s"[:min(digests-1, 1)]))
	}
	return hint.Add(err, "log files end in .json.gz or .json and lie in AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/",
		"a bucket is named as s3://BUCKET/AWSLogs/")
}

func (l *Listing) length() (n int64) {
	for _, o := range l.Objects {
		n += o.Bytes
	}
	for _, a := range l.Archives {
		if a.Stream {
			return 0
		}
		n += a.Bytes
	}
	return n
}

// once leaves out files that were listed before under another path: a folder
// may be named beside one that it lies in.
func (l *Listing) once() {
	seen, folders := map[string]bool{}, map[string]string{}
	again := func(path string) bool {
		if path != stdin && !s3.IsURI(path) {
			path = realPath(at(l.dir, path), folders)
		}
		was := seen[path]
		seen[path] = true
		return was
	}
	l.Objects = slices.DeleteFunc(l.Objects, func(o Object) bool { return again(o.Path) })
	l.Archives = slices.DeleteFunc(l.Archives, func(a Archive) bool { return again(a.Path) })
}

// realPath names a file the same by whatever path it was reached. What folders are called
// is kept: each of the files in them would ask for every part of its path.
func realPath(path string, folders map[string]string) string {
	dir, name := filepath.Split(path)
	if st, err := os.Lstat(path); err != nil || st.Mode()&fs.ModeSymlink != 0 || !st.Mode().IsRegular() {
		return evaluated(path)
	}
	real, ok := folders[dir]
	if !ok {
		real = evaluated(filepath.Clean(dir + "."))
		folders[dir] = real
	}
	return filepath.Join(real, name)
}

func evaluated(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return path
}

func (l *Listing) add(ctx context.Context, root string) error {
	if s3.IsURI(root) {
		return l.addBucket(ctx, root)
	}
	if root == stdin {
		l.Archives = append(l.Archives, Archive{Path: stdin, Stream: true})
		return nil
	}
	st, err := os.Stat(at(l.dir, root))
	if errors.Is(err, fs.ErrNotExist) {
		return hint.Add(fmt.Errorf("%w: %s", ErrNoPath, root), "name a folder such as ./AWSLogs, a log file, or s3://BUCKET/AWSLogs/")
	}
	if err != nil {
		return err
	}
	if a := (Archive{Path: root, Dir: l.dir, Bytes: st.Size(), Stream: !st.Mode().IsRegular()}); !st.IsDir() && (a.Stream || a.isTar()) {
		l.Archives = append(l.Archives, a)
		return nil
	}
	if !st.IsDir() {
		l.Objects = append(l.Objects, l.object(filepath.Dir(root), root, st))
		return nil
	}
	return l.walk(root)
}

// walk lists what is below a folder. A link that is named is followed; WalkDir
// would not.
func (l *Listing) walk(root string) error {
	full, err := filepath.EvalSymlinks(at(l.dir, root))
	if err != nil {
		return err
	}
	named := func(path string) string { return path }
	if root = full; l.dir != "" {
		root = l.relative(full)
		named = func(path string) string { return filepath.Join(root, strings.TrimPrefix(path, full)) }
	}
	return filepath.WalkDir(full, func(path string, d fs.DirEntry, err error) error {
		path = named(path)
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

// at is where a path is that is relative to a folder.
func at(dir, path string) string {
	if dir == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// relative names a folder as it is seen from the listing's, if it lies in that.
func (l *Listing) relative(full string) string {
	dir, err := filepath.EvalSymlinks(l.dir)
	if err != nil {
		return full
	}
	if path, err := filepath.Rel(dir, full); err == nil && !strings.HasPrefix(path, "..") {
		return path
	}
	return full
}

// reason drops from an error what is said beside it: the path, and that it cannot
// be read.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var u unreadError
	if errors.As(err, &u) {
		return u.error
	}
	return err
}

func (l *Listing) addFile(root, path string, d fs.DirEntry) {
	if isDigestPath(filepath.ToSlash(path)) {
		l.addDigest(root, path, d)
		return
	}
	if !isLogName(d.Name()) {
		l.Others++
		return
	}
	st, err := os.Stat(at(l.dir, path)) // follows a link to a file
	switch {
	case err != nil:
		l.Unread = append(l.Unread, Unread{path, reason(err)})
	case st.IsDir():
		l.Links++
	case !st.Mode().IsRegular():
		l.Others++
	default:
		l.Objects = append(l.Objects, l.object(root, path, st))
	}
}

// addDigest notes a digest file. One that cannot be opened is told of when it is read.
func (l *Listing) addDigest(root, path string, d fs.DirEntry) {
	l.Digests++
	if isLogName(d.Name()) {
		l.DigestFiles = append(l.DigestFiles, Object{Path: path, Dir: l.dir, Key: key(l.dir, root, path)})
	}
}

func isDigestPath(slash string) bool { return strings.Contains("/"+slash, "/CloudTrail-Digest/") }

// logName and bareName find the names of files that may hold events. Firehose, and
// what CloudWatch Logs exports, have gzipped files without another ending.
var (
	logName  = regexp.MustCompile(`\.(json|jsonl|ndjson|csv)(\.gz)?$`)
	bareName = regexp.MustCompile(`(^|/)[^./]+\.gz$`)
)

func isLogName(name string) bool { return logName.MatchString(name) || bareName.MatchString(name) }

func (l *Listing) object(root, path string, st fs.FileInfo) Object {
	return Object{Path: path, Dir: l.dir, Key: key(l.dir, root, path), Day: deliveryDay(path), Bytes: st.Size(), Modified: st.ModTime().UTC()}
}

// key names a file independently of where the bucket was copied to.
func key(dir, root, path string) string {
	slash := filepath.ToSlash(path)
	if abs, err := filepath.Abs(at(dir, path)); err == nil {
		slash = filepath.ToSlash(abs)
	}
	if k, ok := bucketKey(slash); ok {
		return k
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return slash
	}
	return filepath.ToSlash(rel)
}

// bucketKey returns the part of a path that is a key in a bucket, if there is one.
func bucketKey(slash string) (string, bool) {
	// The last one: a bucket's own prefix may contain the word too.
	if i := strings.LastIndex(slash, "/AWSLogs/"); i >= 0 {
		return slash[i+1:], true
	}
	return slash, false
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
