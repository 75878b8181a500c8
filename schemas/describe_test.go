package schemas_test

import (
	"testing"

	"tarn/schemas"
)

func TestEveryColumnIsDescribed(t *testing.T) {
	for _, f := range schemas.Families() {
		for _, c := range f.Columns {
			if schemas.Describe(c.Name) == "" {
				t.Errorf("column %s of %s has no description", c.Name, f.Name)
			}
		}
	}
	if got := schemas.Describe("nothing"); got != "" {
		t.Errorf("Describe of no column is %q", got)
	}
}
