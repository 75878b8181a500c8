package duck_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"tarn/query/internal/duck"
)

// A statement that would take minutes tells how far it has come, and is ended as
// soon as it has: so nothing here depends on how fast the machine is.
func TestStatementTellsHowFarItHasCome(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "n.parquet"), "SELECT range AS n FROM range(1000000)")
	s := open(t, duck.Job{Folders: []string{dir}})
	enough := errors.New("heard enough")
	ctx, end := context.WithCancelCause(t.Context())
	var heard []float64
	ctx = duck.Watched(ctx, func(share float64) {
		if heard = append(heard, share); len(heard) == 2 {
			end(enough)
		}
	})
	file := "read_parquet('" + dir + "/n.parquet')"
	_, err := all(ctx, s, "SELECT count(*)::VARCHAR FROM "+file+" AS a JOIN "+file+" AS b ON a.n % 10 = b.n % 10")
	if err == nil || !errors.Is(context.Cause(ctx), enough) {
		t.Fatalf("the statement ended with %v before it told anything", err)
	}
	if heard[0] <= 0 || heard[1] <= heard[0] || heard[1] > 1 {
		t.Errorf("the shares are %v", heard)
	}
	// The connection's next statement has no listener.
	if rows, err := all(t.Context(), s, "SELECT 'well'"); err != nil || len(rows) != 1 || len(heard) != 2 {
		t.Errorf("the next statement gives %v, %v", rows, err)
	}
}
