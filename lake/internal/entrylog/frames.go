// Package entrylog is the log of record on disk: an append-only file of
// entries, the Merkle tree over them as tiles, and signed checkpoints.
//
//	log/entries      every entry, framed (see frames.go); appended to, never rewritten
//	log/checkpoints  every checkpoint ever signed, framed
//	log/checkpoint   the newest one, replaced by rename      derived
//	log/tile/…       the tree as C2SP tlog-tiles             derived
//
// An entry counts once a checkpoint covers it. [Log.Publish] makes entries
// durable, then the tiles, then the checkpoint. Opening for writing cuts off what
// stands behind the newest checkpoint and never anything that one covers.
package entrylog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"tarn/internal/vfs"
)

// MaxEntry is the length of the longest entry: C2SP entry bundles give it 16 bits.
const MaxEntry = 65535

// Errors of this package.
var (
	// ErrCorrupt means that bytes a checkpoint covers are not what was written.
	ErrCorrupt = errors.New("log of record is corrupt")
	// ErrBroken means that an earlier write or sync failed; the log must be
	// opened anew, because what the disk then holds is unknown.
	ErrBroken = errors.New("log of record is closed after a disk error")
	// errTorn means that a frame ends early or does not match its checksum.
	errTorn = errors.New("torn frame")
)

// A framed file starts with eight bytes that name its kind and version. Each
// frame is the payload's length and its CRC-32C, little-endian uint32 each,
// then the payload.
const (
	entriesMagic     = "TARNLOG1"
	checkpointsMagic = "TARNCKP1"
	magicLen         = 8
	headerLen        = 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func appendFrame(dst, payload []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(payload)))
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(payload, castagnoli))
	return append(dst, payload...)
}

// readFrame returns the payload of the frame at offset at, and where the next
// one starts. It is io.EOF at the end of the file, errTorn for less than a frame.
func readFrame(r io.ReaderAt, at int64) (payload []byte, next int64, err error) {
	var h [headerLen]byte
	n, err := r.ReadAt(h[:], at)
	if n == 0 && errors.Is(err, io.EOF) {
		return nil, at, io.EOF
	}
	if n < headerLen {
		return nil, at, torn(err)
	}
	length := binary.LittleEndian.Uint32(h[:4])
	if length == 0 || length > MaxEntry {
		return nil, at, errTorn
	}
	payload = make([]byte, length)
	if n, err := r.ReadAt(payload, at+headerLen); n < len(payload) {
		return nil, at, torn(err)
	}
	if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(h[4:]) {
		return nil, at, errTorn
	}
	return payload, at + headerLen + int64(length), nil
}

// torn tells a short file from a disk that does not answer.
func torn(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTorn
	}
	return err
}

// checkMagic reports whether the file starts as it must. A file that is shorter
// than its magic was never completed and has no frames: errTorn.
func checkMagic(f vfs.File, name, magic string) error {
	var m [magicLen]byte
	n, err := f.ReadAt(m[:], 0)
	if n < magicLen {
		return torn(err)
	}
	if string(m[:]) != magic {
		if string(m[:7]) == magic[:7] {
			return fmt.Errorf("%s has version %q; this program reads %q", name, m[7:], magic[7:])
		}
		return fmt.Errorf("%w: %s does not start with %q", ErrCorrupt, name, magic)
	}
	return nil
}
