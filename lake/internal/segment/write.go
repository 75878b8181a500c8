package segment

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

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
	groupBytes = 128 << 20
)

// settings are a writer's choices that no reader depends on.
type settings struct {
	pageBytes           int64
	rawLevel, restLevel int // Zstandard levels of eventjson and of the other columns
}

// chosen was measured: docs/adr/0003-storage-settings.md, BenchmarkSettings.
func chosen() settings { return settings{pageBytes: 8 << 20, rawLevel: 6, restLevel: 1} }

// Write seals events, which are in order of time and not empty, as a segment of
// the family.
func Write(f *schemas.Family, events []Event, to Files) (Summary, error) {
	return write(f, events, to, chosen())
}

func write(f *schemas.Family, events []Event, to Files, how settings) (Summary, error) {
	s := Summary{
		Rows: int64(len(events)), MinTime: events[0].Time, MaxTime: events[len(events)-1].Time,
		MinSeq: events[0].Seq, MaxSeq: events[0].Seq,
	}
	leaves := make([]proof.Hash, len(events))
	for i, e := range events {
		leaves[i] = e.Leaf
		s.RawBytes += int64(len(e.Raw))
		s.MinSeq, s.MaxSeq = min(s.MinSeq, e.Seq), max(s.MaxSeq, e.Seq)
	}
	s.Root = proof.Root(leaves)
	facts := newFacts(f)
	if err := writeParquet(f, events, to.Parquet, how, &s, facts); err != nil {
		return s, fmt.Errorf("write Parquet: %w", err)
	}
	s.Accounts, s.Regions = facts.accounts.list(), facts.regions.list()
	return s, writeSidecars(to, &s, facts.needles, proof.File(leaves))
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

// writeParquet writes the events' columns, a row group at a time.
func writeParquet(f *schemas.Family, events []Event, to io.Writer, how settings, s *Summary, facts *facts) error {
	props := properties(f, how)
	schema, err := pqarrow.ToParquet(columns.Schema(f), props, pqarrow.NewArrowWriterProperties())
	if err != nil {
		return err
	}
	if err := keepEncoders(); err != nil {
		return err
	}
	out := newHashed(to)
	w := file.NewParquetWriter(out, schema.Root(), file.WithWriterProps(props))
	b := columns.NewBuilder(f)
	for len(events) > 0 {
		n := 0
		for size := 0; n < min(groupRows, len(events)) && size < groupBytes; n++ {
			e := events[n]
			b.Append(columns.Event{Raw: e.Raw, Time: e.Time, Seq: e.Seq})
			size += len(e.Raw)
		}
		facts.add(b.Leaves(), events[:n])
		g := w.AppendRowGroup()
		if err := errors.Join(b.Write(g), g.Close()); err != nil {
			return errors.Join(err, w.Close())
		}
		b.Reset()
		events = events[n:]
	}
	err = w.Close()
	s.Parquet = out.file()
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
	}
	// Without their lengths in between, ids are easier to compress.
	for _, name := range []string{schemas.EventID, "requestid"} {
		options = append(options, parquet.WithEncodingFor(name, parquet.Encodings.DeltaLengthByteArray))
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
