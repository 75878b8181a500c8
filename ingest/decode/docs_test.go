package decode

import (
	"os"
	"strings"
	"testing"
)

// Every envelope of the table is in the documentation.
func TestDocumentationHasEveryEnvelope(t *testing.T) {
	page, err := os.ReadFile("../../docs/envelopes.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range envelopes {
		if !strings.Contains(string(page), "`"+e.member+"`") {
			t.Errorf("docs/envelopes.md does not tell of %s", e.member)
		}
	}
}
