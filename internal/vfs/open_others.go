//go:build !linux

package vfs

import "os"

func openBeneath(root *os.Root, _ *os.File, name string) (*os.File, error) { return root.Open(name) }
