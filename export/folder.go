package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"tarn/internal/s3"
)

// The files beside AWSLogs in a folder.
const (
	// MetadataFile has the signatures of the digests, which in a bucket are metadata.
	MetadataFile = "digest-metadata.json"
	// KeysFile has the public keys, as ListPublicKeys answers.
	KeysFile = "public_keys.json"
	// readmeFile says how the folder is checked, and how it is brought into a bucket.
	readmeFile = "README.txt"
	// partFolder has files while they are written.
	partFolder = ".tarn-export"
)

// Folder is a place on disk.
type Folder struct {
	dir string
	as  s3.URI

	mu    sync.Mutex
	known map[string]metadata // by key in the bucket
	made  map[string]bool     // folders that are durable
}

// metadata is what S3 keeps beside a digest.
type metadata struct {
	Signature string `json:"signature"`
	Algorithm string `json:"signature-algorithm"`
}

// algorithm is how digests are signed, in the words of the metadata.
const algorithm = "SHA256withRSA"

// OpenFolder opens a folder, and makes it if it is not there. as is the place in a
// bucket that its digests name.
func OpenFolder(dir string, as s3.URI) (*Folder, error) {
	f := &Folder{dir: dir, as: as, known: map[string]metadata{}, made: map[string]bool{}}
	if err := os.MkdirAll(filepath.Join(dir, partFolder), 0o755); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, MetadataFile))
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &f.known)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, MetadataFile), err)
	}
	return f, nil
}

func (f *Folder) path(key string) string { return filepath.Join(f.dir, filepath.FromSlash(key)) }

// Put implements [Place].
func (f *Folder) Put(_ context.Context, key string, body []byte, signature string) (bool, error) {
	name := f.path(key)
	if err := f.mkdir(filepath.Dir(name)); err != nil {
		return false, err
	}
	there, err := os.ReadFile(name)
	wrote := errors.Is(err, fs.ErrNotExist)
	if wrote {
		if err = f.write(name, body, true); errors.Is(err, fs.ErrExist) { // somebody was faster
			wrote = false
			there, err = os.ReadFile(name)
		}
	}
	if err != nil {
		return false, err
	}
	if !wrote && !same(there, body) {
		return false, fmt.Errorf("%s: %w", name, ErrOther)
	}
	if signature != "" {
		f.sign(key, signature)
	}
	return wrote, nil
}

// sign keeps the signature of a digest.
func (f *Folder) sign(key, signature string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	said, key := metadata{signature, algorithm}, f.as.Join(key).Key
	f.known[key] = said
}

// mkdir makes a folder, and its name durable up to that of the export.
func (f *Folder) mkdir(dir string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.made[dir] {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for d := dir; !f.made[d]; d = filepath.Dir(d) {
		f.made[d] = true
		if d == f.dir {
			break
		}
	}
	return nil
}

// write writes a file, whole or not at all: one that is there is fs.ErrExist if it has
// to be new, and is replaced otherwise.
func (f *Folder) write(name string, body []byte, new bool) error {
	part, err := os.CreateTemp(filepath.Join(f.dir, partFolder), "part-*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // it has another name by then, or is no use
	_, err = part.Write(body)
	if err = errors.Join(err, part.Chmod(0o644), part.Sync(), part.Close()); err != nil {
		return err
	}
	if !new {
		return os.Rename(part.Name(), name)
	}
	if err = os.Link(part.Name(), name); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// Some file systems have no links. A file with this name has this content.
	if _, there := os.Lstat(name); !errors.Is(there, fs.ErrNotExist) {
		return fs.ErrExist
	}
	return os.Rename(part.Name(), name)
}

// Get implements [Place].
func (f *Folder) Get(_ context.Context, key string) ([]byte, string, error) {
	body, err := os.ReadFile(f.path(key))
	f.mu.Lock()
	defer f.mu.Unlock()
	return body, f.known[f.as.Join(key).Key].Signature, err
}

// Below implements [Place].
func (f *Folder) Below(_ context.Context, folder string) (names []string, err error) {
	entries, err := os.ReadDir(f.path(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() {
			name += "/"
		}
		names = append(names, name)
	}
	return names, err
}

// Close makes what was written durable, and writes the files beside AWSLogs. keys are
// those that check it; none where nothing is signed.
func (f *Folder) Close(keys []PublicKey) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, dir := range slices.Sorted(maps.Keys(f.made)) {
		errs = append(errs, syncDir(dir))
	}
	if len(keys) > 0 {
		errs = append(errs, f.addKeys(keys), f.renew(readmeFile, []byte(f.readme())))
	}
	if len(keys) > 0 {
		text, err := json.MarshalIndent(f.known, "", " ")
		errs = append(errs, err, f.renew(MetadataFile, append(text, '\n')))
	}
	errs = append(errs, syncDir(f.dir))
	_ = os.Remove(filepath.Join(f.dir, partFolder)) // another export may be writing there
	return errors.Join(errs...)
}

// addKeys adds to the file of keys: it may have some of another lake.
func (f *Folder) addKeys(keys []PublicKey) error {
	text, err := os.ReadFile(filepath.Join(f.dir, KeysFile))
	if errors.Is(err, fs.ErrNotExist) {
		text, err = []byte("{}"), nil
	}
	var there publicKeys
	if err == nil {
		err = json.Unmarshal(text, &there)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(f.dir, KeysFile), err)
	}
	for _, k := range keys {
		if !slices.ContainsFunc(there.PublicKeyList, func(t PublicKey) bool { return t.Fingerprint == k.Fingerprint }) {
			there.PublicKeyList = append(there.PublicKeyList, k)
		}
	}
	if text, err = KeysText(there.PublicKeyList); err != nil {
		return err
	}
	return f.renew(KeysFile, text)
}

// renew writes a file beside AWSLogs where it is another one by now.
func (f *Folder) renew(name string, text []byte) error {
	name = filepath.Join(f.dir, name)
	if was, err := os.ReadFile(name); err == nil && string(was) == string(text) {
		return nil
	}
	return f.write(name, text, false)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f *Folder) readme() string {
	return strings.NewReplacer("BUCKET", f.as.Bucket, "PREFIX", f.as.Join("").Key, "META", MetadataFile, "KEYS", KeysFile).Replace(readme)
}

const readme = `CloudTrail's layout, written by tarn export.

AWSLogs/  log files, and digests (…/CloudTrail-Digest/…) that name them with their hashes, signed
KEYS      the public keys that check the signatures, as ListPublicKeys answers
META      the signatures: in S3 they are metadata of the digests

Check it, and take it into a lake:

  tarn import --verify-digests require --public-keys KEYS --digest-metadata META AWSLogs

Bring it into a bucket: the digests say that they lie in s3://BUCKET, so that aws cloudtrail validate-logs
takes them there alone (tarn export --as names another place; tarn export --into s3://… writes there at once).

  aws s3 sync AWSLogs "s3://BUCKET/PREFIXAWSLogs" --exclude '*/CloudTrail-Digest/*'
  jq -r 'to_entries[] | [.key, .value.signature] | @tsv' META | while read -r key signature; do
    aws s3api put-object --bucket BUCKET --key "$key" --body "AWSLogs/${key#*AWSLogs/}" \
      --metadata "signature=$signature,signature-algorithm=SHA256withRSA"
  done
`
