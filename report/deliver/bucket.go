package deliver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"tarn/internal/s3"
)

// toBucket brings files below a place in a bucket. What is there with the same bytes was
// brought before; with others it is somebody else's, and stays.
func (c *Courier) toBucket(ctx context.Context, place s3.URI, name string, files []file) error {
	if !fs.ValidPath(name) || name == "." {
		return final(fmt.Errorf("%q is no name for a folder", name))
	}
	if c.S3 == nil {
		return final(errors.New("nobody here asks buckets"))
	}
	client, err := c.S3()
	if err != nil {
		return err
	}
	for _, f := range files {
		content, err := os.ReadFile(f.path)
		if err != nil {
			return err
		}
		if err := putOnce(ctx, client, place.Join(name+"/"+f.name), content); err != nil {
			return err
		}
	}
	return nil
}

func putOnce(ctx context.Context, client *s3.Client, at s3.URI, content []byte) error {
	_, err := client.Put(ctx, at, bytes.NewReader(content), s3.PutOptions{OnlyNew: true})
	if !errors.Is(err, s3.ErrExists) {
		return err
	}
	there, _, err := client.Read(ctx, s3.Object{URI: at}, int64(len(content)))
	if err == nil && bytes.Equal(there, content) {
		return nil
	}
	if err != nil && !errors.Is(err, s3.ErrTooLong) {
		return err
	}
	return final(fmt.Errorf("%s is there already, with other bytes", at), "move it away, or choose another place")
}
