package main

import (
	"bytes"
	"debug/macho"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStubsNameWhatObjectsLeaveOpen(t *testing.T) {
	in, dir := t.TempDir(), t.TempDir()
	program := filepath.Join(in, "go.o")
	write(t, program, object(t, map[string]bool{
		"_main": true, "_duckdb_open": false, "_write": false, "_CFRelease": false, "_SecTrustSetVerifyDate": false, "_res_9_ninit": false,
	}))
	write(t, filepath.Join(in, "libduckdb_static.a"), archive(
		"__.SYMDEF", []byte("what ranlib writes"),
		"of_a_name_that_is_long.cpp.o", object(t, map[string]bool{"_duckdb_open": true, "__ZNSt3__16vectorI3RowE4growEv": false, "___cxa_throw": false}),
		"odd.o", append(object(t, map[string]bool{"__ZNSt3__16vectorI3RowE4growEv": true, "___cxa_atexit": false, "__ZN6duckdb4lostEv": false}), 0),
		"last.o", object(t, map[string]bool{"__ZNKSt9exception4whatEv": false, "__ZTVN10__cxxabiv117__class_type_infoE": false, "__ZdlPv": false}),
	))

	args := []string{"-o", "tarn", program, "-lresolv", "-framework", "CoreFoundation", "-lduckdb_static", "-lc++", "-L" + in}
	if !links(args) {
		t.Fatal("that links")
	}
	got, err := withStubs(args, dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"-L" + dir, "-F" + dir, "-o", "tarn", program, "-lresolv", "-framework", "CoreFoundation", "-lduckdb_static", filepath.Join(dir, "libc++.tbd"), "-L" + in}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for stub, symbols := range map[string]string{
		"libresolv.tbd": "'_res_9_ninit'",
		"libc++.tbd":    "'__ZNKSt9exception4whatEv', '__ZTVN10__cxxabiv117__class_type_infoE', '__ZdlPv', '___cxa_throw'",
		"CoreFoundation.framework/CoreFoundation.tbd": "'_CFRelease'",
		"Security.framework/Security.tbd":             "'_SecTrustSetVerifyDate'",
	} {
		text, err := os.ReadFile(filepath.Join(dir, stub))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte("\n    symbols: [ "+symbols+" ]\n")) {
			t.Errorf("%s has other symbols than %s:\n%s", stub, symbols, text)
		}
	}
}

func TestOnlyObjectsAreLinked(t *testing.T) {
	for _, args := range [][]string{
		{"-###", "-x", "c", "-c", "-"},
		{"-c", "-o", "_x001.o", "x.c"},
		{"-E", "-dM", "-xc", "-"},
	} {
		if links(args) {
			t.Errorf("%q links nothing", args)
		}
	}
}

func TestBrokenArchivesAreRefused(t *testing.T) {
	whole := archive("of_a_name_that_is_long.cpp.o", object(t, map[string]bool{"_a": true}))
	path := filepath.Join(t.TempDir(), "libx.a")
	for n := range len(whole) {
		write(t, path, whole[:n])
		var s symbols
		if err := s.read(path); err == nil && n != len("!<arch>\n") {
			t.Errorf("the first %d of %d bytes are no archive, but were read", n, len(whole))
		}
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// object returns a Mach-O object that has names and nothing else; true for those that it
// defines.
func object(t *testing.T, names map[string]bool) []byte {
	t.Helper()
	const headers = 32 + 24 // of the file, of its table of symbols
	var table, strings bytes.Buffer
	strings.WriteByte(0)
	for name, defined := range names {
		sym := macho.Nlist64{Name: uint32(strings.Len()), Type: external}
		if defined {
			sym.Type |= kind // N_SECT
			sym.Sect = 1
		}
		put(t, &table, sym)
		strings.WriteString(name + "\x00")
	}
	var file bytes.Buffer
	put(t, &file, macho.FileHeader{Magic: macho.Magic64, Cpu: macho.CpuArm64, Type: macho.TypeObj, Ncmd: 1, Cmdsz: 24})
	put(t, &file, uint32(0)) // reserved
	put(t, &file, macho.SymtabCmd{
		Cmd: macho.LoadCmdSymtab, Len: 24, Symoff: headers, Nsyms: uint32(len(names)),
		Stroff: uint32(headers + table.Len()), Strsize: uint32(strings.Len()),
	})
	return slices.Concat(file.Bytes(), table.Bytes(), strings.Bytes())
}

func put(t *testing.T, to *bytes.Buffer, what any) {
	t.Helper()
	if err := binary.Write(to, binary.LittleEndian, what); err != nil {
		t.Fatal(err)
	}
}

// archive returns an archive as BSD's ar writes it, of names and members in turns.
func archive(members ...any) []byte {
	file := bytes.NewBufferString("!<arch>\n")
	for at := 0; at < len(members); at += 2 {
		name, data := members[at].(string), members[at+1].([]byte)
		if len(name) > 16 {
			data = append([]byte(name+"\x00\x00"), data...)
			name = fmt.Sprintf("#1/%d", len(name)+2)
		}
		fmt.Fprintf(file, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", name, 0, 0, 0, 0o644, len(data))
		file.Write(data)
		if len(data)%2 == 1 {
			file.WriteByte('\n')
		}
	}
	return file.Bytes()
}
