package deliver_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tarn/report/deliver"
)

func TestIntoAFolder(t *testing.T) {
	p, to := aParcel(t), filepath.Join(t.TempDir(), "not", "there", "yet")
	var c deliver.Courier
	must(t, c.Deliver(t.Context(), to, p))
	must(t, c.Deliver(t.Context(), to, p)) // again, since nobody heard that it had succeeded
	page := filepath.Join(to, p.Name, "report.html")
	for name, want := range map[string]string{page: "<p>fine</p>", filepath.Join(to, p.Name, "evidence", "a.csv"): "id\n1\n"} {
		if got, err := os.ReadFile(name); string(got) != want || err != nil {
			t.Errorf("%s has %q, %v", name, got, err)
		}
	}
	must(t, os.WriteFile(page, []byte("somebody else's"), 0o600))
	if err := c.Deliver(t.Context(), to, p); !errors.Is(err, deliver.ErrFinal) {
		t.Error(err)
	}
	if got, _ := os.ReadFile(page); string(got) != "somebody else's" {
		t.Errorf("it was overwritten: %q", got)
	}
	p.Name = "../elsewhere"
	if err := c.Deliver(t.Context(), to, p); !errors.Is(err, deliver.ErrFinal) {
		t.Error(err)
	}
}

// A folder that is missing for a while, such as one that is mounted, is tried again.
func TestAFolderThatIsNotThereIsTriedAgain(t *testing.T) {
	p, to := aParcel(t), filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(to, nil, 0o600))
	var c deliver.Courier
	if err := c.Deliver(t.Context(), to, p); err == nil || errors.Is(err, deliver.ErrFinal) {
		t.Error(err)
	}
	if err := deliver.Writable(to); err == nil {
		t.Error("a file is a folder that can be written")
	}
	must(t, os.Remove(to))
	must(t, deliver.Writable(to))
	must(t, c.Deliver(t.Context(), to, p))
}
