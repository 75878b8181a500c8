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

const (
	// batchRows is how many events are taken apart into columns at a time: few
	// enough that their columns stay in the processor's cache. Long events fill a
	// batch sooner.
	batchRows  = 512
	batchBytes = 8 << 20
	// groupRows is the size of a row group: DuckDB gives each to one thread.
	groupRows = 64 * 1024
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

// writeParquet writes the events' columns, a batch at a time.
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
		n := min(groupRows, len(events))
		if err := writeGroup(w.AppendBufferedRowGroup(), b, events[:n], facts); err != nil {
			return errors.Join(err, w.Close())
		}
		events = events[n:]
	}
	err = w.Close()
	s.Parquet = out.file()
	return err
}

func writeGroup(to file.BufferedRowGroupWriter, b *columns.Builder, events []Event, facts *facts) error {
	for len(events) > 0 {
		n, size := 0, 0
		for n < len(events) && n < batchRows && size < batchBytes {
			e := events[n]
			b.Append(columns.Event{Raw: e.Raw, Time: e.Time, Seq: e.Seq})
			size += len(e.Raw)
			n++
		}
		facts.add(b.Leaves(), events[:n])
		if err := b.Write(to); err != nil {
			return err
		}
		b.Reset()
		events = events[n:]
	}
	return to.Close()
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
		parquet.WithDictionaryFor(schemas.Raw, false),
		parquet.WithStatsFor(schemas.Raw, false),
	}
	// Values that hardly ever repeat gain nothing from a dictionary; without their
	// lengths in between they are easier to compress.
	for _, name := range []string{schemas.EventID, "requestid"} {
		options = append(options, parquet.WithDictionaryFor(name, false),
			parquet.WithEncodingFor(name, parquet.Encodings.DeltaLengthByteArray))
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
