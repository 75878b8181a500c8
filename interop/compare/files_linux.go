package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// rssUnit is the unit of a process's peak memory.
const rssUnit = 1024

// evict has the kernel drop what it keeps in memory of the files below dir, and returns
// which part of them is there all the same: all, where it cannot be asked.
func evict(dir string) (stillThere float64, err error) {
	var pages, bytes int64
	unknown := false
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil || info.Size() == 0 {
			return err
		}
		if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
			return err
		}
		var seen unix.Cachestat_t
		if err := unix.Cachestat(uint(f.Fd()), &unix.CachestatRange{}, &seen, 0); errors.Is(err, unix.ENOSYS) {
			unknown = true // a kernel before 6.5
		} else if err != nil {
			return err
		}
		pages += int64(seen.Cache)
		bytes += info.Size()
		return nil
	})
	if err != nil || bytes == 0 {
		return 0, err
	}
	if unknown {
		return 1, nil
	}
	return min(1, float64(pages*int64(os.Getpagesize()))/float64(bytes)), nil
}
