package main

import (
	"bytes"
	"debug/macho"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// symbols are the names in objects: true for those that one of them defines.
type symbols map[string]bool

// Bits of a symbol's type in Mach-O (n_type).
const (
	debugging = 0xe0 // N_STAB: for debuggers
	kind      = 0x0e // N_TYPE; 0 for what the object leaves open
	external  = 0x01 // N_EXT
)

// open returns, in order, the names that objects use and none defines.
func (s symbols) open() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if !s[name] {
			names = append(names, name)
		}
	}
	return names
}

// read adds the names in an object, or in all those of an archive.
func (s *symbols) read(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if *s == nil {
		*s = symbols{}
	}
	rest, ok := bytes.CutPrefix(data, []byte("!<arch>\n"))
	if !ok {
		return s.add(data)
	}
	for len(rest) > 0 {
		var name string
		var member []byte
		if name, member, rest, err = next(rest); err != nil {
			return err
		}
		if strings.HasPrefix(name, "__.SYMDEF") {
			continue // the archive's own index
		}
		if err := s.add(member); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// next returns the first member of an archive and what follows it. The format is BSD's:
// a name of more than 16 bytes stands before the member and is counted in its size.
func next(data []byte) (name string, member, rest []byte, err error) {
	const header = 60
	if len(data) < header {
		return "", nil, nil, io.ErrUnexpectedEOF
	}
	name = strings.TrimSpace(string(data[:16]))
	size, err := strconv.Atoi(strings.TrimSpace(string(data[48:58])))
	data = data[header:]
	if err != nil || size < 0 || size > len(data) {
		return "", nil, nil, fmt.Errorf("the archive's member %q has no size, or a wrong one", name)
	}
	member, rest = data[:size], data[min(size+size%2, len(data)):]
	if long, ok := strings.CutPrefix(name, "#1/"); ok {
		n, err := strconv.Atoi(long)
		if err != nil || n < 0 || n > len(member) {
			return "", nil, nil, errors.New("the archive has a member whose name has a wrong size")
		}
		name, member = string(bytes.TrimRight(member[:n], "\x00")), member[n:]
	}
	return name, member, rest, nil
}

// add adds the names in an object.
func (s symbols) add(object []byte) error {
	f, err := macho.NewFile(bytes.NewReader(object))
	if err != nil {
		return err
	}
	if f.Symtab == nil {
		return nil
	}
	for _, sym := range f.Symtab.Syms {
		if sym.Type&debugging == 0 && sym.Type&external != 0 {
			s[sym.Name] = s[sym.Name] || sym.Type&kind != 0 || sym.Value != 0
		}
	}
	return nil
}
