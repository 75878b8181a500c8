package confine

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

// Immutable takes from this process the capability to set and lift the immutable
// flag of files, which root has: it is for who holds it alone.
func Immutable() error {
	head := &unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	held := &[2]unix.CapUserData{}
	// They are handed to all threads as numbers, so they must not move.
	var still runtime.Pinner
	defer still.Unpin()
	still.Pin(head)
	still.Pin(held)
	if err := unix.Capget(head, &held[0]); err != nil {
		return err
	}
	const bit = 1 << unix.CAP_LINUX_IMMUTABLE
	if held[0].Permitted&bit == 0 {
		return nil
	}
	held[0].Effective &^= bit
	held[0].Permitted &^= bit
	held[0].Inheritable &^= bit
	// No program that is run from here may bring it back.
	if err := every(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0); err != nil {
		return err
	}
	return every(unix.SYS_CAPSET, uintptr(unsafe.Pointer(head)), uintptr(unsafe.Pointer(held)), 0)
}

// every makes a system call in every thread.
func every(call, a, b, c uintptr) error {
	if _, _, errno := psx.Syscall6(call, a, b, c, 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}
