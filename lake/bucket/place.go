package bucket

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"tarn/internal/s3"
	"tarn/lake"
)

// Place says where a lake's stores lie. It is kept in the lake's folder and is no
// evidence: the log says what there is, and the bucket has it or not.
type Place struct {
	// URI is the bucket, and what keys in it begin with; the zero URI is none.
	URI s3.URI `json:"-"`
	// Stores are the ids of those that lie there.
	Stores []string `json:"stores"`
}

// placeFile and objectsFile lie in the lake's folder: the place, and what was put there.
const (
	placeFile   = lake.BucketFiles + "json"
	objectsFile = lake.BucketFiles + "objects"
)

// PlaceOf reads where the stores of the lake in dir lie; the zero Place if all lie in
// the folder.
func PlaceOf(dir string) (p Place, err error) {
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(placeFile)))
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	said := struct {
		URI string `json:"bucket"`
		*Place
	}{Place: &p}
	if err == nil {
		err = json.Unmarshal(text, &said)
	}
	if err == nil {
		p.URI, err = s3.ParseURI(said.URI)
	}
	if err != nil {
		return p, fmt.Errorf("%s: %w", placeFile, err)
	}
	return p, nil
}

// Has reports whether a store lies there.
func (p Place) Has(storeID string) bool { return slices.Contains(p.Stores, storeID) }

// With is the place with a store in it, Without that without it.
func (p Place) With(storeID string) Place {
	if !p.Has(storeID) {
		p.Stores = append(slices.Clone(p.Stores), storeID)
	}
	return p
}

// Without is the place without a store.
func (p Place) Without(storeID string) Place {
	p.Stores = slices.DeleteFunc(slices.Clone(p.Stores), func(id string) bool { return id == storeID })
	return p
}

// Write keeps the place in the folder of a lake that is open for writing.
func (p Place) Write(dir string) error {
	text, err := json.Marshal(struct {
		URI    string   `json:"bucket"`
		Stores []string `json:"stores"`
	}{p.URI.String(), p.Stores})
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, filepath.FromSlash(placeFile)), append(text, '\n'))
}

// Forget says that all of the lake in dir lies in its folder.
func Forget(dir string) error {
	return os.Remove(filepath.Join(dir, filepath.FromSlash(placeFile)))
}

// writeFile makes a file durable under its name, whole or not at all.
func writeFile(name string, content []byte) error {
	t, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.tmp")
	if err != nil {
		return err
	}
	_, err = t.Write(content)
	if err == nil {
		err = t.Sync()
	}
	if err = errors.Join(err, t.Close()); err == nil {
		err = os.Rename(t.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(t.Name()))
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
