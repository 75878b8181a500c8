package lake

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// What is no evidence, and is replaced and removed while the lake is written, lies in
// the folder local: a process that may do that to it may do it to nothing beside it
// (Confine). It once lay in the lake's folder itself.

// StateOf is the file of package statedb of the lake in dir.
func StateOf(dir string) string {
	name := filepath.Join(dir, StateFile)
	old := filepath.Join(dir, path.Base(StateFile))
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(old); err == nil {
			return old
		}
	}
	return name
}

// gather brings what lies in the lake's folder itself to its place. The caller holds
// the lock. The index is made anew, the socket is nobody's any more.
func gather(dir string) error {
	for _, name := range []string{path.Base(indexFile), path.Base(SocketFile)} {
		if err := gone(os.Remove(filepath.Join(dir, name))); err != nil {
			return err
		}
	}
	old := filepath.Join(dir, path.Base(StateFile))
	if StateOf(dir) != old {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(dir, localDir), 0o755); err != nil {
		return err
	}
	// The journal of a change that was interrupted first: without its file it means
	// nothing, and the file without it is half changed.
	for _, tail := range []string{"-journal", ""} {
		if err := gone(os.Rename(old+tail, filepath.Join(dir, StateFile)+tail)); err != nil {
			return err
		}
	}
	return errors.Join(syncDir(filepath.Join(dir, localDir)), syncDir(dir))
}

// isLocal reports whether a file is one of those, also where they once lay:
// state.db's are it, its journal, and one that was set aside.
func isLocal(name string) bool {
	if dir := path.Dir(name); dir != localDir && dir != "." {
		return strings.HasPrefix(name, QueriesDir+"/") || strings.HasPrefix(name, ReportsDir+"/")
	}
	name = path.Join(localDir, path.Base(name))
	rest, ofState := strings.CutPrefix(name, StateFile)
	return ofState && (rest == "" || rest[0] == '-' || rest[0] == '.') || name == indexFile || name == indexFile+".new" || name == SocketFile ||
		strings.HasPrefix(name, BucketFiles)
}
