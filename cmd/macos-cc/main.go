// Macos-cc is the C compiler of releases for macOS that are made elsewhere: zig's, whose
// linker is given text stubs of the libraries of macOS that zig has none of. Zig brings
// the C headers and libSystem's names. Apple's SDK is not needed, and nothing of it is
// here: a stub names what the objects to be linked leave open.
//
// The Makefile builds and uses it; docs/running.md says how. It asks the environment:
// GOARCH is the processor, ZIG zig's command (zig, where there is none).
package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// oldest is the macOS that Go itself asks for; DuckDB's library was compiled for 11.
const oldest = "12.0"

func main() {
	err := run(os.Args[1:])
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed): // zig has said why
		os.Exit(failed.ExitCode())
	case err != nil:
		fmt.Fprintln(os.Stderr, "macos-cc:", err)
		os.Exit(1)
	}
}

// run compiles, or links with stubs, as args ask.
func run(args []string) error {
	target := map[string]string{"darwin/arm64": "aarch64", "darwin/amd64": "x86_64"}[os.Getenv("GOOS")+"/"+os.Getenv("GOARCH")]
	if target == "" {
		return errors.New("it compiles for macOS: set GOOS=darwin, and GOARCH=arm64 or GOARCH=amd64")
	}
	dir, err := os.MkdirTemp("", "macos-cc-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	zig := append(strings.Fields(cmp.Or(os.Getenv("ZIG"), "zig")), "cc", "-target", target+"-macos."+oldest)
	cmd := exec.Command(zig[0], zig[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	switch {
	case slices.Contains(args, "-###"):
		// Asked for its version like this, it leaves an object where it stands.
		cmd.Dir = dir
	case links(args):
		if args, err = withStubs(args, dir); err != nil {
			return err
		}
	}
	cmd.Args = append(cmd.Args, args...)
	if err := cmd.Run(); errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%w; install it (pip install ziglang) and name it (ZIG='python3 -m ziglang')", err)
	} else if err != nil {
		return err
	}
	return nil
}

// links tells whether args ask for a program of objects, which is when libraries count.
func links(args []string) bool {
	for _, a := range args {
		switch a {
		case "-c", "-E", "-S":
			return false
		}
	}
	return slices.ContainsFunc(args, isObject)
}

func isObject(arg string) bool {
	return strings.HasSuffix(arg, ".o") && !strings.HasPrefix(arg, "-")
}

// withStubs writes stubs for what the objects and archives in args leave open into dir,
// and returns args that link with them.
func withStubs(args []string, dir string) ([]string, error) {
	var names symbols
	for _, path := range inputs(args) {
		if err := names.read(path); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := writeStubs(dir, names.open()); err != nil {
		return nil, err
	}
	linked := []string{"-L" + dir, "-F" + dir}
	for _, a := range args {
		if a == "-lc++" {
			// By that name zig would link its own, in place of the one that DuckDB was
			// compiled for.
			a = filepath.Join(dir, "libc++.tbd")
		}
		linked = append(linked, a)
	}
	return linked, nil
}

// inputs returns the objects in args, and the archives among the libraries.
func inputs(args []string) []string {
	var folders, paths []string
	for _, a := range args {
		if folder, ok := strings.CutPrefix(a, "-L"); ok {
			folders = append(folders, folder)
		}
	}
	for _, a := range args {
		if isObject(a) {
			paths = append(paths, a)
		}
		name, ok := strings.CutPrefix(a, "-l")
		if !ok {
			continue
		}
		for _, folder := range folders {
			path := filepath.Join(folder, "lib"+name+".a")
			if _, err := os.Stat(path); err == nil {
				paths = append(paths, path)
				break
			}
		}
	}
	return paths
}
