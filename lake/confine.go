package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"tarn/internal/confine"
	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

// sealedDirs hold files that are complete when they get their names, and are never
// changed, replaced or removed by who writes the lake.
func sealedDirs() []string { return []string{segmentsDir, sourcesDir, rejectsDir} }

// workingDirs hold files that come and go while the lake is written, and those that
// grow.
func workingDirs() []string { return []string{tmpDir, hotDir, entrylog.Dir, localDir, pinsDir} }

// probeFile is nothing but a file to try the lock on: it is in the folder of sealed
// files, and worth nothing.
const probeFile = segmentsDir + "/probe"

const probeText = "This file is no part of the lake. Whoever writes the lake tries to change and to remove it,\nand expects the system to refuse. It can be deleted while nobody writes.\n"

// Confine takes from this whole process, until its end, the right to change, replace,
// rename or remove the sealed files of the lake in dir, which somebody in it has open
// for writing; also from the processes that it starts from now on. New files can be
// renamed into their place. Elsewhere it may change only what lies below the folders
// writable, or is one of these files; those that the lake is in, or that are in it, do
// not count. It returns those that do.
//
// Where the kernel cannot, it does nothing: Locks says what there is. The error of a
// lock that does not hold is ErrNoLock.
func Confine(dir string, writable ...string) (granted []string, err error) {
	folder, err := vfs.OpenOS(dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	if err := prepare(folder); err != nil {
		return nil, err
	}
	if err := confine.Immutable(); err != nil {
		return nil, fmt.Errorf("give up the immutable flag: %w", err)
	}
	// Whoever may move files must be allowed to where they come from and where they go.
	rules := []confine.Rule{confine.Grant(confine.Add|confine.Move, paths(folder, sealedDirs())...),
		confine.Grant(confine.Change, paths(folder, workingDirs())...)}
	outside, granted := grants(dir, writable)
	if err := confine.Changes(append(rules, outside...)...); err != nil {
		return nil, fmt.Errorf("lock the sealed files: %w", err)
	}
	if confine.Version() < confine.FilesSince {
		return granted, nil
	}
	return granted, probe(folder)
}

// ConfinePurge takes from this whole process all rights to change files but the one
// to remove them from where sealed segments lie: it is for who calls Purge alone.
func ConfinePurge(dir string) error {
	folder, err := vfs.OpenOS(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := errors.Join(folder.MkdirAll(segmentsDir), folder.MkdirAll(pinsDir)); err != nil {
		return err
	}
	return errors.Join(confine.Immutable(), confine.Changes(
		confine.Grant(confine.Remove, folder.Path(segmentsDir)), confine.Grant(confine.Change, folder.Path(pinsDir))))
}

func paths(folder *vfs.OS, names []string) (all []string) {
	for _, name := range names {
		all = append(all, folder.Path(name))
	}
	return all
}

// grants are the rules for what is not the lake's, and what they grant.
func grants(dir string, writable []string) (rules []confine.Rule, granted []string) {
	for _, path := range writable {
		st, err := os.Stat(path)
		if err != nil || apart(dir, path) != nil {
			continue
		}
		rights := confine.Edit
		if st.IsDir() {
			rights = confine.Change
		}
		rules, granted = append(rules, confine.Grant(rights, real(path))), append(granted, path)
	}
	return rules, granted
}

// prepare makes what rules are about: they are for what is there.
func prepare(folder *vfs.OS) error {
	made := false
	for _, d := range slices.Concat(sealedDirs(), workingDirs()) {
		if _, err := os.Stat(folder.Path(d)); err == nil {
			continue
		}
		made = true
		if err := folder.MkdirAll(d); err != nil {
			return err
		}
	}
	err := prepareProbe(folder)
	if err == nil && made {
		err = errors.Join(folder.SyncDir(segmentsDir), folder.SyncDir("."))
	}
	return err
}

func prepareProbe(folder *vfs.OS) error {
	content, err := vfs.ReadFile(folder, probeFile)
	if err == nil && string(content) == probeText {
		return nil
	}
	err = os.Remove(folder.Path(probeFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return vfs.WriteFile(folder, probeFile, []byte(probeText))
}

// probe tries to break the lock, and expects that it cannot.
func probe(folder *vfs.OS) error {
	file, other := folder.Path(probeFile), folder.Path(tmpDir+"/probe")
	// What an earlier one left is in the way, and may be of use.
	if err := os.WriteFile(other, []byte(probeText), 0o644); err != nil {
		return fmt.Errorf("try the lock: %w", err)
	}
	defer os.Remove(other)
	var broken []string
	for _, try := range []struct {
		what  string
		since int
		do    func() error
	}{
		{"open for writing", 0, func() error { return openToWrite(file) }},
		{"truncate", confine.TruncateSince, func() error { return os.Truncate(file, int64(len(probeText))) }},
		{"rename over", 0, func() error { return os.Rename(other, file) }},
		{"rename", 0, func() error { return os.Rename(file, other) }},
		{"link to where it could be changed", 0, func() error { return os.Link(file, other+".link") }},
		{"remove", 0, func() error { return os.Remove(file) }},
		{"make a link beside", 0, func() error { return os.Symlink(file, file+".link") }},
	} {
		if err := try.do(); err == nil && confine.Version() >= try.since {
			broken = append(broken, try.what)
		}
	}
	if len(broken) > 0 {
		return fmt.Errorf("%w: on %s this process could still %s", ErrNoLock, file, strings.Join(broken, ", "))
	}
	return nil
}

func openToWrite(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}
