package segment

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"tarn/lake/internal/proof"
	"tarn/schemas"
)

// Groups returns the number of events in each row group.
func (r *Reader) Groups() []int64 {
	var rows []int64
	for _, g := range r.file.RowGroups() {
		rows = append(rows, g.NumRows())
	}
	return rows
}

// Hashed calls fn with each event of a row group and its leaf hash, in order of
// row. The bytes are valid until fn returns, or, if keep is true, for good.
func (r *Reader) Hashed(group int, keep bool, fn func(raw []byte, leaf proof.Hash) error) error {
	c := r.rawChunk(group)
	if c == nil {
		return r.hashedByValue(group, keep, fn)
	}
	b, _ := rawBuffers.Get().(*rawBuffer)
	defer rawBuffers.Put(b)
	pages, err := b.read(r.file, c)
	for first := true; err == nil && len(pages) > 0; first = false {
		pages, err = b.next(pages)
		if first && errors.Is(err, errOtherPages) {
			return r.hashedByValue(group, keep, fn)
		}
		if err == nil {
			err = eachPlain(b.page, fn)
		}
		if keep {
			b.page = nil
		}
	}
	if err != nil {
		return fmt.Errorf("read column %s: %w", schemas.Raw, err)
	}
	return nil
}

// hashedByValue is Hashed for files of other settings than ours: through
// parquet-go's values, which takes twice as long.
func (r *Reader) hashedByValue(group int, keep bool, fn func([]byte, proof.Hash) error) error {
	return r.chunk(r.file.RowGroups()[group], schemas.Raw, func(v parquet.Value) error {
		raw := v.ByteArray()
		if keep {
			raw = append([]byte(nil), raw...)
		}
		return fn(raw, proof.Leaf(raw))
	})
}

// rawChunk is where the column eventjson of a row group stands in the file; nil if
// it is not as Write makes it, without dictionary and NULLs.
func (r *Reader) rawChunk(group int) *format.ColumnMetaData {
	leaf, ok := r.file.Schema().Lookup(schemas.Raw)
	groups := r.file.Metadata().RowGroups
	if !ok || leaf.MaxDefinitionLevel+leaf.MaxRepetitionLevel > 0 || leaf.ColumnIndex >= len(groups[group].Columns) {
		return nil
	}
	c := &groups[group].Columns[leaf.ColumnIndex].MetaData
	if c.Codec != format.Zstd || c.DictionaryPageOffset != 0 {
		return nil
	}
	return c
}

// read returns the pages of a column as they stand in the file.
func (b *rawBuffer) read(f *parquet.File, c *format.ColumnMetaData) ([]byte, error) {
	n := c.TotalCompressedSize
	if c.DataPageOffset < 0 || n < 0 || n > f.Size() {
		return nil, io.ErrUnexpectedEOF
	}
	b.chunk = slices.Grow(b.chunk[:0], int(n))[:n]
	if got, err := f.ReadAt(b.chunk, c.DataPageOffset); int64(got) < n {
		return nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	return b.chunk, nil
}

// errOtherPages means that pages are not what Write makes: nothing but texts.
var errOtherPages = errors.New("pages of another layout")

// rawBuffers are kept, for each costs memory: what a row group is read and inflated
// with. Zstandard's own checksum is not looked at: who reads raw events so has
// hashed the file.
var rawBuffers = sync.Pool{New: func() any {
	// Options that are all valid give no error.
	d, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.IgnoreChecksum(true))
	return &rawBuffer{inflater: d}
}}

type rawBuffer struct {
	inflater *zstd.Decoder
	chunk    []byte // a column as it stands in the file
	page     []byte // a page of it, inflated
}

// slack is room behind a page. With that much the decoder need not look at each
// step whether there is room, which is slower.
const slack = 128<<10 + 64

// next inflates the first of the pages, and returns what follows it.
func (b *rawBuffer) next(pages []byte) (rest []byte, err error) {
	var h format.PageHeader
	in := new(thrift.CompactProtocol).NewReaderFromBytes(pages)
	if err := thrift.NewDecoder(in).Decode(&h); err != nil {
		return nil, err
	}
	if h.Type != format.DataPage || !h.DataPageHeader.Valid || h.DataPageHeader.V.Encoding != format.Plain {
		return nil, errOtherPages
	}
	body := pages[in.BytesRead():]
	n, size := int(h.CompressedPageSize), int(h.UncompressedPageSize)
	if n < 0 || n > len(body) || size < 0 {
		return nil, errors.New("a page is longer than its column")
	}
	b.page, err = b.inflater.DecodeAll(body[:n], slices.Grow(b.page[:0], size+slack))
	if err == nil && len(b.page) != size {
		err = fmt.Errorf("a page has %d bytes; its header says %d", len(b.page), size)
	}
	return body[n:], err
}

// eachPlain calls fn with the texts of a page, each of which stands behind its
// length. A leaf is hashed behind a zero byte, and of a length below 2²⁴ the last
// byte is one: so the event is hashed where it stands.
func eachPlain(page []byte, fn func([]byte, proof.Hash) error) error {
	for len(page) > 0 {
		if len(page) < 4 {
			return errShortPage
		}
		n := uint64(binary.LittleEndian.Uint32(page))
		if n > uint64(len(page)-4) {
			return errShortPage
		}
		raw := page[4 : 4+n]
		leaf := proof.Hash{}
		if page[3] == 0 {
			leaf = sha256.Sum256(page[3 : 4+n])
		} else {
			leaf = proof.Leaf(raw)
		}
		if err := fn(raw, leaf); err != nil {
			return err
		}
		page = page[4+n:]
	}
	return nil
}

var errShortPage = errors.New("a page ends within a text")
