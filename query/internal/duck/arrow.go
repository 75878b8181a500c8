package duck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// arrowRows is how many rows a record batch has.
const arrowRows = 8192

// toArrow writes the rows of a Parquet file as an Arrow IPC stream.
func toArrow(ctx context.Context, w io.Writer, f *os.File) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("make Arrow of the rows: %w", err)
		}
	}()
	parquet, err := file.NewParquetReader(f)
	if err != nil {
		return err
	}
	reader, err := pqarrow.NewFileReader(parquet, pqarrow.ArrowReadProperties{BatchSize: arrowRows}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	records, err := reader.GetRecordReader(ctx, nil, nil)
	if err != nil {
		return err
	}
	defer records.Release()
	out := ipc.NewWriter(w, ipc.WithSchema(records.Schema()))
	for records.Next() {
		if err := out.Write(records.RecordBatch()); err != nil {
			return errors.Join(err, out.Close())
		}
	}
	if err := records.Err(); err != nil && !errors.Is(err, io.EOF) {
		return errors.Join(err, out.Close())
	}
	return out.Close()
}
