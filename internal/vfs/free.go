package vfs

import "syscall"

// Free returns how many bytes can still be written to the disk that the folder
// lies on, and how large that is.
func (o *OS) Free() (free, total int64, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(o.dir, &st); err != nil {
		return 0, 0, err
	}
	size := int64(st.Bsize)
	return int64(st.Bavail) * size, int64(st.Blocks) * size, nil
}
