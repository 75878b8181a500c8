package immutable

import "os"

// Of knows nothing.
func Of(path string) (State, error) {
	_, err := os.Lstat(path)
	return Unknown, err
}

// Open opens the file of that name below the folder, for reading.
func Open(folder *os.File, name string) (*os.File, error) {
	root, err := os.OpenRoot(folder.Name())
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(name)
}

// Marked knows nothing.
func Marked(*os.File) bool { return false }

// Mark fails: who owns a file lifts its flag here.
func Mark(*os.File, bool) error { return ErrCannot }
