package control

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"tarn/internal/hint"
	"tarn/internal/nearest"
)

//go:embed controls/*.sql packs/*.pack
var files embed.FS

// Library is controls and packs by their names.
type Library struct {
	controls map[string]Control
	packs    map[string]Pack
	// Known are the findings that somebody acknowledged.
	Known Acknowledged
}

// Open reads the controls and packs that come with Tarn and, if a folder is named, those
// of a user, which lie in it side by side, with acknowledged.csv. A name that comes with
// Tarn is not given again.
func Open(folder string) (*Library, error) {
	l := &Library{controls: map[string]Control{}, packs: map[string]Pack{}}
	if err := l.read(files, "controls", "built in: "); err != nil {
		return nil, err
	}
	if err := l.read(files, "packs", "built in: "); err != nil {
		return nil, err
	}
	if folder != "" {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			return nil, hint.Add(fmt.Errorf("%w: %s is no folder", ErrControl, folder), "it has files of controls (ID.sql) and packs (ID.pack)")
		}
		var err error
		if err = l.read(os.DirFS(folder), ".", folder+"/"); err == nil {
			l.Known, err = readAcknowledged(folder)
		}
		if err != nil {
			return nil, err
		}
	}
	return l, l.whole()
}

// read takes in the files of a folder. Where says to a person where they are.
func (l *Library) read(from fs.FS, dir, where string) error {
	entries, err := fs.ReadDir(from, dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		ext := path.Ext(e.Name())
		if ext != ".sql" && ext != ".pack" || e.IsDir() {
			continue
		}
		text, err := fs.ReadFile(from, path.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		if err := l.take(where+e.Name(), strings.TrimSuffix(e.Name(), ext), ext, strings.ReplaceAll(string(text), "\r\n", "\n")); err != nil {
			return err
		}
	}
	return nil
}

func (l *Library) take(file, id, ext, text string) error {
	if ext == ".pack" {
		p, err := parsePack(file, id, text)
		if old, ok := l.packs[id]; ok && err == nil {
			err = taken(file, "pack", id, old.File)
		}
		l.packs[id] = p
		return err
	}
	c, err := parse(file, id, text)
	if old, ok := l.controls[id]; ok && err == nil {
		err = taken(file, "control", id, old.File)
	}
	l.controls[id] = c
	return err
}

func taken(file, what, id, by string) error {
	return hint.Add(fault(file, 1, "there is a %s %s already: %s", what, id, by), "give the file another name")
}

// whole says which controls of packs are missing.
func (l *Library) whole() error {
	for _, p := range l.Packs() {
		for _, e := range p.Entries {
			if _, ok := l.controls[e.Control]; !ok {
				return hint.Add(fault(p.File, e.line, "there is no control %q", e.Control), l.near(e.Control, l.controls)...)
			}
		}
	}
	return nil
}

func (l *Library) near(name string, among map[string]Control) []string {
	if near := nearest.Of(name, slices.Sorted(maps.Keys(among))); near != "" {
		return []string{"did you mean " + near + "?"}
	}
	return []string{"tarn report list --controls shows all"}
}

// Packs are all packs by name.
func (l *Library) Packs() []Pack {
	return slices.SortedFunc(maps.Values(l.packs), func(a, b Pack) int { return cmp.Compare(a.ID, b.ID) })
}

// Controls are all controls by name.
func (l *Library) Controls() []Control {
	return slices.SortedFunc(maps.Values(l.controls), func(a, b Control) int { return cmp.Compare(a.ID, b.ID) })
}

// Control is the control of a name.
func (l *Library) Control(id string) (Control, error) {
	c, ok := l.controls[id]
	if !ok {
		return c, hint.Add(fmt.Errorf("%w: there is no control %q", ErrControl, id), l.near(id, l.controls)...)
	}
	return c, nil
}

// Pack is the pack of a name.
func (l *Library) Pack(id string) (Pack, error) {
	p, ok := l.packs[id]
	if !ok {
		err := fmt.Errorf("%w: there is no pack %q", ErrControl, id)
		if near := nearest.Of(id, slices.Sorted(maps.Keys(l.packs))); near != "" {
			return p, hint.Add(err, "did you mean "+near+"?")
		}
		return p, hint.Add(err, "tarn report list shows all")
	}
	return p, nil
}

// Takes says which parameters are of no control of a pack, and which have to be given
// and are not.
func (l *Library) Takes(p Pack, params map[string]string) error {
	var known []string
	for _, e := range p.Entries {
		for _, param := range l.controls[e.Control].Params {
			if known = append(known, param.Name); param.Required() && params[param.Name] == "" {
				return hint.Add(fmt.Errorf("%w: the control %s of pack %s needs a value: %s: %s", ErrControl, e.Control, p.ID, param.Name, param.What),
					"--set "+param.Name+"=VALUE")
			}
		}
	}
	for name := range params {
		if !slices.Contains(known, name) {
			slices.Sort(known)
			return hint.Add(fmt.Errorf("%w: no control of pack %s has a parameter %q", ErrControl, p.ID, name), "they have: "+strings.Join(slices.Compact(known), ", "))
		}
	}
	return nil
}
