package segment

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"tarn/lake/internal/needle"
	"tarn/lake/internal/proof"
	"tarn/schemas"
	"tarn/schemas/columns"
)

// A row group ends with so many events, for DuckDB gives each to one thread, or
// so many bytes of them, which bounds the memory for their columns.
const (
	groupRows  = 64 * 1024
	groupBytes = 32 << 20
)

// settings are a writer's choices that no reader depends on.
type settings struct {
	pageBytes           int64
	rawLevel, restLevel int // Zstandard levels of eventjson and of the other columns
}

// chosen was measured: docs/adr/0016-order-within-a-row-group.md, BenchmarkSettings.
func chosen() settings { return settings{pageBytes: 1 << 20, rawLevel: 1, restLevel: 1} }

// InOrder hands out events that are in memory.
func InOrder(events []Event) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// ErrEmpty means that there was no event to write.
var ErrEmpty = errors.New("a segment without events")

// Write seals events, which come in order of time, as a segment of the family.
// If there is none, the error is ErrEmpty.
func Write(f *schemas.Family, events iter.Seq2[Event, error], to Files) (Summary, error) {
	return write(f, events, to, chosen())
}

func write(f *schemas.Family, events iter.Seq2[Event, error], to Files, how settings) (Summary, error) {
	w, err := newWriter(f, to.Parquet, how)
	if err != nil {
		return Summary{}, fmt.Errorf("write Parquet: %w", err)
	}
	for e, failed := range events {
		if err = failed; err == nil {
			err = w.add(e)
		}
		if err != nil {
			break
		}
	}
	if err == nil && w.sum.Rows == 0 {
		return w.sum, ErrEmpty
	}
	if err == nil {
		err = w.close()
	}
	if err != nil {
		// The writer is left as it is: closing one that has failed panics.
		return w.sum, fmt.Errorf("write Parquet: %w", err)
	}
	s := &w.sum
	var tree []byte
	s.Root, tree = proof.Tree(w.leaves)
	s.Accounts, s.Regions = w.facts.accounts.list(), w.facts.regions.list()
	return *s, writeSidecars(to, s, w.facts.needles, tree)
}

func writeSidecars(to Files, s *Summary, c *needle.Collector, tree []byte) error {
	filters, header, err := c.File()
	if err != nil {
		return err
	}
	if _, err := to.Needles.Write(filters); err != nil {
		return fmt.Errorf("write needle filters: %w", err)
	}
	s.Needles = File{int64(len(filters)), header}
	if _, err := to.Tree.Write(tree); err != nil {
		return fmt.Errorf("write tree: %w", err)
	}
	s.Tree = File{int64(len(tree)), sha256.Sum256(tree)}
	return nil
}

// writer writes the Parquet file, a row group at a time, and gathers what is
// said of the events beside it.
type writer struct {
	sum     Summary
	leaves  []proof.Hash
	facts   *facts
	out     *hashed
	file    *file.Writer
	columns *columns.Builder
	waiting []Event // the row group to be
	order   order   // of those
	size    int     // their weight
}

func newWriter(f *schemas.Family, to io.Writer, how settings) (*writer, error) {
	props := properties(f, how)
	schema, err := pqarrow.ToParquet(columns.Schema(f), props, pqarrow.NewArrowWriterProperties())
	if err != nil {
		return nil, err
	}
	if err := keepEncoders(); err != nil {
		return nil, err
	}
	w := &writer{facts: newFacts(f), out: newHashed(to), columns: columns.NewBuilder(f)}
	w.file, err = file.NewParquetWriterWithError(w.out, schema.Root(), file.WithWriterProps(props))
	return w, err
}

// weight is what an event counts of groupBytes: its length. A long one may be
// nothing but keys, of which each takes tens of bytes in the columns.
func weight(raw []byte) int {
	if len(raw) > 64<<10 {
		return 4 * len(raw)
	}
	return len(raw)
}

func (w *writer) add(e Event) error {
	if w.size > 0 && w.size+weight(e.Raw) > groupBytes {
		if err := w.group(); err != nil {
			return err
		}
	}
	s := &w.sum
	if s.Rows == 0 {
		s.MinTime, s.MinSeq = e.Time, e.Seq
	}
	s.Rows++
	s.RawBytes += int64(len(e.Raw))
	s.MaxTime = e.Time
	s.MinSeq, s.MaxSeq = min(s.MinSeq, e.Seq), max(s.MaxSeq, e.Seq)
	w.waiting = append(w.waiting, e)
	w.order.add(e.Raw)
	if w.size += weight(e.Raw); len(w.waiting) < groupRows {
		return nil
	}
	return w.group()
}

// group writes the events that wait as a row group.
func (w *writer) group() error {
	n := len(w.waiting)
	if n == 0 {
		return nil
	}
	for _, p := range w.order.take() {
		e := w.waiting[p.at]
		w.leaves = append(w.leaves, e.Leaf)
		w.columns.Append(columns.Event{Raw: e.Raw, Time: e.Time, Seq: e.Seq})
	}
	w.facts.add(w.columns.Leaves(), w.leaves[len(w.leaves)-n:])
	g, err := w.file.AppendRowGroupChecked()
	if err != nil {
		return err
	}
	if err := w.columns.Write(g); err != nil {
		return err
	}
	w.columns.Reset()
	clear(w.waiting) // lets go of the events
	w.waiting, w.size = w.waiting[:0], 0
	return g.Close()
}

// close ends the file.
func (w *writer) close() error {
	if err := w.group(); err != nil {
		return err
	}
	err := w.file.Close()
	w.sum.Parquet = w.out.file()
	return err
}

func properties(f *schemas.Family, how settings) *parquet.WriterProperties {
	options := []parquet.WriterProperty{
		parquet.WithCreatedBy(By),
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithMaxRowGroupLength(groupRows),
		parquet.WithDataPageSize(how.pageBytes),
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithCompressionLevel(how.restLevel),
		// Statistics of long text cost bytes and prune nothing.
		parquet.WithMaxStatsSize(128),
		parquet.WithCompressionLevelFor(schemas.Raw, how.rawLevel),
		parquet.WithStatsFor(schemas.Raw, false),
	}
	for _, name := range columns.Plain() {
		options = append(options, parquet.WithDictionaryFor(name, false))
		if name != schemas.Raw {
			// Without their lengths in between, ids are easier to compress.
			options = append(options, parquet.WithEncodingFor(name, parquet.Encodings.DeltaLengthByteArray))
		}
	}
	// Times are sorted, numbers nearly so: differences are small.
	for _, name := range []string{schemas.EventTime, schemas.Seq} {
		options = append(options, parquet.WithDictionaryFor(name, false),
			parquet.WithEncodingFor(name, parquet.Encodings.DeltaBinaryPacked))
	}
	for _, c := range f.Columns {
		if c.Kind == schemas.Map {
			options = append(options,
				parquet.WithStatsFor(c.Name+".key_value.key", false),
				parquet.WithStatsFor(c.Name+".key_value.value", false))
		}
	}
	return parquet.NewWriterProperties(options...)
}
