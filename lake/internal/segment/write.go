package segment

import (
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"golang.org/x/sync/errgroup"

	"tarn/lake/internal/needle"
	"tarn/lake/internal/proof"
	"tarn/schemas"
	"tarn/schemas/columns"
)

const (
	// batchRows is how many events are built as Arrow at a time. Building and
	// encoding overlap, so two batches live at once. Long events fill one sooner.
	batchRows  = 2048
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
func chosen() settings { return settings{pageBytes: 8 << 20, rawLevel: 6, restLevel: 3} }

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

// writeParquet builds batches in one goroutine and encodes them in another.
func writeParquet(f *schemas.Family, events []Event, to io.Writer, how settings, s *Summary, facts *facts) error {
	out := newHashed(to)
	w, err := pqarrow.NewFileWriter(columns.Schema(f), out, properties(f, how), pqarrow.NewArrowWriterProperties())
	if err != nil {
		return err
	}
	batches := make(chan arrow.RecordBatch, 1)
	done := make(chan struct{})
	var g errgroup.Group
	g.Go(func() error {
		defer close(batches)
		build(f, events, batches, done)
		return nil
	})
	g.Go(func() error {
		defer close(done)
		row := 0
		for b := range batches {
			n := int(b.NumRows())
			facts.add(b, events[row:row+n])
			row += n
			err := w.WriteBuffered(b)
			b.Release()
			if err != nil {
				return err
			}
		}
		return w.Close()
	})
	err = g.Wait()
	s.Parquet = out.file()
	return err
}

// build makes batches of the events until all are built or done is closed.
func build(f *schemas.Family, events []Event, to chan<- arrow.RecordBatch, done <-chan struct{}) {
	b := columns.NewBuilder(f, min(batchRows, len(events)))
	defer b.Release()
	size := 0
	for i, e := range events {
		b.Append(columns.Event{Raw: e.Raw, Time: e.Time, Seq: e.Seq})
		size += len(e.Raw)
		if b.Len() < batchRows && size < batchBytes && i < len(events)-1 {
			continue
		}
		size = 0
		select {
		case to <- b.Take():
		case <-done:
			return
		}
	}
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
	// Values that hardly ever repeat gain nothing from a dictionary.
	for _, name := range []string{schemas.EventID, "requestid"} {
		options = append(options, parquet.WithDictionaryFor(name, false))
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
