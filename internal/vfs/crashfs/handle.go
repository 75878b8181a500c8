package crashfs

import (
	"errors"
	"io"
	"io/fs"
	"syscall"
)

// handle is an open file.
type handle struct {
	fs       *FS
	file     *file
	name     string // as it was opened
	writable bool
	closed   bool
}

func (h *handle) do(op Op, act func() error, ruin func(error)) error {
	op.Name = h.name
	return h.fs.do(op, func() error {
		if h.closed {
			return fs.ErrClosed
		}
		return act()
	}, ruin)
}

// ReadAt implements vfs.File.
func (h *handle) ReadAt(p []byte, at int64) (n int, err error) {
	end := false
	err = h.do(Op{Kind: Read}, func() error {
		if at < int64(len(h.file.data)) {
			n = copy(p, h.file.data[at:])
		}
		end = n < len(p)
		return nil
	}, nil)
	if err == nil && end {
		err = io.EOF
	}
	return n, err
}

// Write implements vfs.File.
func (h *handle) Write(p []byte) (n int, err error) {
	err = h.do(Op{Kind: Write, Bytes: len(p)}, func() error {
		if !h.writable {
			return syscall.EBADF
		}
		h.file.data = append(h.file.data, p...)
		n = len(p)
		return nil
	}, func(err error) {
		if errors.Is(err, syscall.ENOSPC) {
			n = len(p) / 2
			h.file.data = append(h.file.data, p[:n]...)
		}
	})
	return n, err
}

// Sync implements vfs.File.
func (h *handle) Sync() error {
	return h.do(Op{Kind: Sync}, h.file.sync, h.file.lose)
}

// Size implements vfs.File.
func (h *handle) Size() (n int64, err error) {
	err = h.do(Op{Kind: Size}, func() error {
		n = int64(len(h.file.data))
		return nil
	}, nil)
	return n, err
}

// Close implements vfs.File.
func (h *handle) Close() error {
	return h.do(Op{Kind: Close}, func() error {
		h.closed = true
		return nil
	}, func(error) { h.closed = true })
}
