package deliver

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"tarn/internal/vfs"
	"tarn/internal/vfs/crashfs"
)

// The power fails at every operation of the disk, and what was not durable is there or
// not; then the parcel is brought again. What stands under a name is whole at any time,
// and all of it is there once somebody was told so.
func TestPowerCutsWhileFilesAreBrought(t *testing.T) {
	dir := t.TempDir()
	var files []file
	want := map[string]string{"p/a.html": "the page", "p/evidence/b.csv": "id\n1\n"}
	for name, content := range map[string]string{"a.html": want["p/a.html"], "evidence/b.csv": want["p/evidence/b.csv"]} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
		files = append(files, file{path, name, int64(len(content))})
	}
	chance, cut := rand.New(rand.NewPCG(1, 2)), errors.New("power cut")
	points := 0
	for at := 0; ; at++ {
		disk, n := crashfs.New(t.TempDir()), 0
		disk.Watch(func(crashfs.Op) error {
			if n++; n > at {
				return cut
			}
			return nil
		}, nil)
		err := put(disk, "p", files)
		for _, percent := range []int{0, 50, 100} {
			after := disk.Crash(percent, chance, t.TempDir())
			there := 0
			for name, content := range want {
				switch got, failed := vfs.ReadFile(after, name); {
				case failed != nil:
				case string(got) != content:
					t.Fatalf("cut at operation %d: %s has %q", at, name, got)
				default:
					there++
				}
			}
			if err == nil && there != len(want) {
				t.Fatalf("cut at operation %d: done, and %d files are there", at, there)
			}
			if err := put(after, "p", files); err != nil {
				t.Fatalf("again after operation %d: %v", at, err)
			}
		}
		if points = at; err == nil {
			break
		}
		if !errors.Is(err, cut) {
			t.Fatal(err)
		}
	}
	t.Logf("cut at %d points", points)
}
