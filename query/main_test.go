package query_test

import (
	"os"
	"testing"

	"tarn/query"
)

// The workers of the tests are this program, too.
func TestMain(m *testing.M) {
	query.ServeWorker()
	os.Exit(m.Run())
}
