package activity

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tarn/internal/hint"
	"tarn/internal/nearest"
)

//go:embed maps/*.json
var builtIn embed.FS

// Maps returns the maps that are built in, by name.
func Maps() ([]*Map, error) {
	files, err := fs.Glob(builtIn, "maps/*.json")
	if err != nil {
		return nil, err
	}
	var all []*Map
	for _, name := range files {
		text, err := fs.ReadFile(builtIn, name)
		if err != nil {
			return nil, err
		}
		m, err := ParseMap(name, text)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// FindMap returns the map of a name: one that is built in or, if the name has a
// slash or ends in .json, that of a file, relative to the folder dir.
func FindMap(dir, name string) (*Map, error) {
	if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".json") {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, hint.Add(fmt.Errorf("read the map: %w", err), "tarn put --maps lists the maps that are built in")
		}
		return ParseMap(name, text)
	}
	all, err := Maps()
	if err != nil {
		return nil, err
	}
	var known []string
	for _, m := range all {
		if m.Name == name {
			return m, nil
		}
		known = append(known, m.Name)
	}
	advice := "there are " + strings.Join(known, ", ") + "; a map of your own is a file: --map ./" + name + ".json"
	if near := nearest.Of(name, known); near != "" {
		advice = "did you mean " + near + "? " + advice
	}
	return nil, hint.Add(fmt.Errorf("%w: none is called %q", ErrMap, name), advice)
}
