package ingest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tarn/internal/s3"
)

// IsLog reports whether an object may hold events, by its key or path.
func IsLog(key string) bool { return !isDigestPath(key) && isLogName(key) }

// IsDelivered reports whether a key is one that CloudTrail gave to a log file. It gives
// each once, and the file stays as it is.
func IsDelivered(key string) bool { return deliveredName.MatchString(key) }

// InBucket is an object of a bucket as a listing has it. Its time of change has whole
// seconds: of some services a list has more, and asking for the object itself not.
func InBucket(client *s3.Client, o s3.Object) Object {
	path := o.String() // the key is a part of it, and takes no memory of its own
	inBucket, _ := bucketKey(path[len(s3.Scheme)+len(o.Bucket):])
	return Object{Path: path, Key: strings.TrimPrefix(inBucket, "/"), Day: deliveryDay(path), Bytes: o.Bytes, Modified: o.Modified.Truncate(time.Second),
		ETag: o.ETag, bucket: client}
}

// InFolder is a file as a listing of a folder has it.
func InFolder(folder, path string) (Object, error) {
	root, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return Object{}, err
	}
	st, err := os.Stat(path)
	if err != nil {
		return Object{}, err
	}
	return (&Listing{}).object(root, path, st), nil
}

// ListingOf is a listing of objects that others have found.
func ListingOf(objects []Object) *Listing {
	l := &Listing{Objects: slices.Clone(objects)}
	l.sort()
	l.Bytes = l.length()
	return l
}

// sort brings the objects into the order of day and key.
func (l *Listing) sort() {
	slices.SortStableFunc(l.Objects, func(a, b Object) int {
		if c := a.Day.Compare(b.Day); c != 0 {
			return c
		}
		return strings.Compare(a.Key, b.Key)
	})
}
