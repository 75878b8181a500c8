package journal

import (
	"fmt"

	"tarn/internal/vfs"
)

// Check reads the files from a number on, and says where the last of them ends in
// something that is no whole frame; nothing if it does not. A sudden end leaves
// such a thing, of which nobody was told that it counts. Who changes the file can
// leave the same: that nobody can tell from the file.
func Check(fsys vfs.FS, from int64) (torn string, err error) {
	for range 2 { // a writer may have been at it: what it wrote is whole the next time
		last, at, err := replay(fsys, from, func(Batch) error { return nil })
		if err != nil || at < 0 {
			return "", err
		}
		said := fmt.Sprintf("%s ends in no whole frame from byte %d on", name(last), at)
		if said == torn {
			return torn, nil
		}
		torn = said
	}
	return "", nil
}
