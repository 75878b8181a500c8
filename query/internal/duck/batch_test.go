package duck_test

import (
	"fmt"
	"strings"
	"testing"

	"tarn/query/internal/duck"
)

// read takes every value out of a batch.
func read(b duck.Batch) (all []string) {
	for row := range b.Rows() {
		for column := range b.Columns() {
			text, ok := b.Value(column, row)
			all = append(all, fmt.Sprintf("%s %t", text, ok))
		}
	}
	return all
}

// batches are those of a statement with short, long and no texts.
func batches(t *testing.T) (all []duck.Batch) {
	t.Helper()
	s := open(t, duck.Job{})
	for b, err := range s.Rows(t.Context(), "SELECT repeat('ü', i % 20), NULLIF(i || '', '7'), CASE WHEN i > 90 THEN repeat('x', 300000) END FROM range(100) AS t(i)") {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

func TestBatchesGoThroughAPipe(t *testing.T) {
	rows, all := 0, batches(t)
	for _, b := range all {
		got, err := duck.ReadBatch(string(b.Append(nil)))
		if err != nil || strings.Join(read(got), "\n") != strings.Join(read(b), "\n") {
			t.Errorf("another batch comes out: %v", err)
		}
		rows += b.Rows()
	}
	if rows != 100 || len(all) < 3 {
		t.Errorf("%d rows in %d batches; want 100 in at least 3", rows, len(all))
	}
	if text, ok := all[0].Value(1, 7); ok || text != "" {
		t.Errorf("NULL is %q, %t", text, ok)
	}
	if text, ok := all[0].Value(0, 0); !ok || text != "" {
		t.Errorf("an empty text is %q, %t", text, ok)
	}
}

// A batch that was made by somebody else is refused or read, and that is all.
func FuzzReadBatch(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00ab"))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Add([]byte("\x02\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00ab"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := duck.ReadBatch(string(data)); err == nil && b.Columns() > 0 {
			read(b)
		}
	})
}

func TestMemoryIsReadAsDuckDBDoes(t *testing.T) {
	for text, want := range map[string]int64{"500MB": 500e6, "4GiB": 4 << 30, "1.5 kB": 1500, "100B": 100, "1KiB": 1024, "2TB": 2e12} {
		if got, err := (duck.Options{MemoryLimit: text}).Memory(); got != want || err != nil {
			t.Errorf("%s is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"much", "-1GB", "80%", "GB"} {
		if got, err := (duck.Options{MemoryLimit: text}).Memory(); err == nil {
			t.Errorf("%s is %d", text, got)
		}
	}
	if got, err := (duck.Options{}).Memory(); got <= 0 || err != nil {
		t.Errorf("the usual is %d, %v", got, err)
	}
}
