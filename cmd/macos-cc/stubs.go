package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// library is one of macOS's that Go or DuckDB needs and zig has no stub of.
type library struct {
	stub    string         // where the linker looks for its stub, in a folder for stubs
	install string         // its place on a Mac
	names   *regexp.Regexp // what it defines
}

// libraries are all those. Go says in its packages net and crypto/x509 what it imports
// from where; the others are the C++ ABI (without ___cxa_atexit, which is libSystem's) and
// what is in namespace std. What none of them has must be in libSystem: the linker says
// if it is not.
var libraries = []library{
	{"libresolv.tbd", "/usr/lib/libresolv.9.dylib", regexp.MustCompile(`^_res_9_`)},
	{"libc++.tbd", "/usr/lib/libc++.1.dylib", regexp.MustCompile(
		`^___(cxa_[^a]|cxa_allocate_|gxx_personality_v0$|dynamic_cast$)` +
			`|^__Z(n[aw]|d[al]|(T[ISV]|T[hv]\w+?_)?(N?K?St|N10__cxxabiv1))`)},
	{"CoreFoundation.framework/CoreFoundation.tbd",
		"/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation", regexp.MustCompile(`^_k?CF[A-Z]`)},
	{"Security.framework/Security.tbd",
		"/System/Library/Frameworks/Security.framework/Versions/A/Security", regexp.MustCompile(`^_k?Sec[A-Z]`)},
}

// writeStubs writes a stub of each library into dir that has those of names which are
// its own.
func writeStubs(dir string, names []string) error {
	for _, l := range libraries {
		var quoted []string
		for _, n := range names {
			if l.names.MatchString(n) {
				quoted = append(quoted, "'"+n+"'")
			}
		}
		path := filepath.Join(dir, l.stub)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		text := fmt.Sprintf(`--- !tapi-tbd
tbd-version: 4
targets: [ x86_64-macos, arm64-macos ]
install-name: '%s'
exports:
  - targets: [ x86_64-macos, arm64-macos ]
    symbols: [ %s ]
...
`, l.install, strings.Join(quoted, ", "))
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}
