// Package macos_test makes releases for macOS with zig, and reads what was made. There
// is no Mac here: nothing of it is run.
package macos_test

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/macho"
	"encoding/binary"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

func TestRelease(t *testing.T) {
	if _, err := exec.LookPath("zig"); err != nil && os.Getenv("ZIG") == "" {
		t.Skip("SKIPPED, no release for macOS was made: no zig on the PATH, and none in ZIG")
	}
	for arch, cpu := range map[string]macho.Cpu{"arm64": macho.CpuArm64, "amd64": macho.CpuAmd64} {
		t.Run(arch, func(t *testing.T) {
			path := release(t, arch)
			f, err := macho.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if f.Cpu != cpu || f.Type != macho.TypeExec {
				t.Errorf("it is a %v for %v", f.Type, f.Cpu)
			}
			checkBuildInfo(t, path, arch)
			checkOldest(t, f)
			checkLibraries(t, f)
			if arch == "arm64" { // where macOS runs nothing without
				checkSignature(t, f, path)
			}
		})
	}
}

// release makes a release, as make does for everybody.
func release(t *testing.T, arch string) string {
	t.Helper()
	c := exec.Command("make", "-C", "../..", "release", "GOOS=darwin", "GOARCH="+arch, "CC=macos-cc")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", c, err, out)
	}
	return filepath.Join("..", "..", "bin", "tarn-darwin-"+arch)
}

func checkBuildInfo(t *testing.T, path, arch string) {
	t.Helper()
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{"path": info.Path}
	for _, s := range info.Settings {
		got[s.Key] = s.Value
	}
	for key, want := range map[string]string{"path": "tarn/cmd/tarn", "GOOS": "darwin", "GOARCH": arch, "CGO_ENABLED": "1", "-trimpath": "true"} {
		if got[key] != want {
			t.Errorf("%s is %q in it, not %q", key, got[key], want)
		}
	}
}

// load returns the load commands of a kind.
func load(f *macho.File, kind uint32) [][]byte {
	var found [][]byte
	for _, l := range f.Loads {
		if raw := l.Raw(); f.ByteOrder.Uint32(raw) == kind {
			found = append(found, raw)
		}
	}
	return found
}

// checkOldest looks at the macOS that it asks for: Go's.
func checkOldest(t *testing.T, f *macho.File) {
	t.Helper()
	const buildVersion, macOS, twelve = 0x32, 1, 12 << 16
	found := load(f, buildVersion)
	if len(found) != 1 || f.ByteOrder.Uint32(found[0][8:]) != macOS || f.ByteOrder.Uint32(found[0][12:]) != twelve {
		t.Errorf("it asks for another system than macOS 12: %x", found)
	}
}

const system = "/usr/lib/libSystem.B.dylib"

// others are the libraries but for libSystem, whose symbols can be told from their names.
var others = map[string]*regexp.Regexp{
	"/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation": regexp.MustCompile(`^_k?CF[A-Z]`),
	"/System/Library/Frameworks/Security.framework/Versions/A/Security":             regexp.MustCompile(`^_k?Sec[A-Z]`),
	"/usr/lib/libc++.1.dylib":    regexp.MustCompile(`^__Z|^___cxa_([^a]|allocate)|^___gxx_|^___dynamic_cast$`),
	"/usr/lib/libresolv.9.dylib": regexp.MustCompile(`^_res_`),
}

// home is the library that has a symbol.
func home(symbol string) string {
	for library, names := range others {
		if names.MatchString(symbol) {
			return library
		}
	}
	return system
}

// checkLibraries looks at the libraries that it loads, and that each symbol is looked up
// in the one of them that has it.
func checkLibraries(t *testing.T, f *macho.File) {
	t.Helper()
	loaded, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	want := append(slices.Collect(maps.Keys(others)), system)
	slices.Sort(want)
	if got := slices.Sorted(slices.Values(loaded)); !slices.Equal(got, want) {
		t.Fatalf("it loads %q", got)
	}
	imported := f.Symtab.Syms[f.Dysymtab.Iundefsym:][:f.Dysymtab.Nundefsym]
	if len(imported) < 400 {
		t.Errorf("it imports %d symbols", len(imported))
	}
	for _, s := range imported {
		at := int(s.Desc >> 8) // counted from 1; what is no library stands for any
		if at < 1 || at > len(loaded) || loaded[at-1] != home(s.Name) {
			t.Errorf("%s is looked up in library %d of %q, not in %s", s.Name, at, loaded, home(s.Name))
		}
	}
	t.Logf("%d symbols of %q", len(imported), loaded)
}

// checkSignature computes the hashes of the ad hoc signature anew.
func checkSignature(t *testing.T, f *macho.File, path string) {
	t.Helper()
	const codeSignature, superBlob, directory, adHoc, sha256Hash = 0x1d, 0xfade0cc0, 0xfade0c02, 2, 2
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := load(f, codeSignature)
	if len(found) != 1 {
		t.Fatalf("it has %d signatures", len(found))
	}
	start := f.ByteOrder.Uint32(found[0][8:])
	blob, be := file[start:][:f.ByteOrder.Uint32(found[0][12:])], binary.BigEndian
	d := blob[be.Uint32(blob[16:]):]
	if be.Uint32(blob) != superBlob || be.Uint32(d) != directory || be.Uint32(d[12:])&adHoc == 0 {
		t.Fatalf("its signature is no ad hoc one: % x", blob[:64])
	}
	hashes, pages, limit, size := be.Uint32(d[16:]), be.Uint32(d[28:]), be.Uint32(d[32:]), 1<<d[39]
	if limit != start || d[37] != sha256Hash {
		t.Fatalf("%d of %d bytes are signed, with hash %d", limit, start, d[37])
	}
	chunks := slices.Collect(slices.Chunk(file[:limit], size))
	if len(chunks) != int(pages) {
		t.Fatalf("%d pages have %d hashes", len(chunks), pages)
	}
	for i, page := range chunks {
		if sum := sha256.Sum256(page); !bytes.Equal(sum[:], d[int(hashes)+i*len(sum):][:len(sum)]) {
			t.Fatalf("page %d of %d has another hash", i, pages)
		}
	}
	t.Logf("%d pages have their hashes", pages)
}
