package pin_test

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"tarn/lake/internal/pin"
)

func held(t *testing.T, dir string) []int64 {
	t.Helper()
	sizes, err := pin.Held(dir)
	if err != nil {
		t.Fatal(err)
	}
	return sizes
}

func TestPinsAreHeldUntilReleased(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pins")
	if _, err := pin.Take(dir, 5); err == nil {
		t.Error("a pin without a folder")
	}
	if err := pin.Prepare(dir); err != nil {
		t.Fatal(err)
	}
	var pins []*pin.Pin
	for _, size := range []int64{12, 7, 7} {
		p, err := pin.Take(dir, size)
		if err != nil {
			t.Fatal(err)
		}
		pins = append(pins, p)
	}
	for _, want := range [][]int64{{7, 12}, {7}, {7}, nil} {
		if got := held(t, dir); !slices.Equal(got, want) {
			t.Errorf("held are %v; want %v", got, want)
		}
		if len(pins) > 0 {
			if err := pins[0].Release(); err != nil {
				t.Error(err)
			}
			pins = pins[1:]
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "0" {
		t.Errorf("what is left is %v; want the file that is always there", left)
	}
}

// What a process that was killed leaves is a file that nobody holds.
func TestWhatNobodyHoldsIsSwept(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "9"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := held(t, dir); len(got) > 0 {
		t.Errorf("held are %v", got)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("what is left is %v", left)
	}
}

// Whoever looks while somebody takes a pin does not take it away from them.
func TestPinsAndSweepsDoNotMeet(t *testing.T) {
	dir := t.TempDir()
	if err := pin.Prepare(dir); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				_, _ = pin.Held(dir)
			}
		}
	})
	for range 2000 {
		p, err := pin.Take(dir, 3)
		if err != nil {
			t.Fatal(err)
		}
		if got := held(t, dir); !slices.Contains(got, 3) {
			t.Fatalf("held are %v; want 3", got)
		}
		if err := p.Release(); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	wg.Wait()
}

// A reader that may not write to the folder pins everything.
func TestWhoMayNotWritePinsEverything(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	if err := pin.Prepare(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	p, err := pin.Take(dir, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	if got := held(t, dir); !slices.Equal(got, []int64{pin.Everything}) {
		t.Errorf("held are %v; want everything", got)
	}
}

// Nor does one that cannot make its file, on a full disk for instance, go without.
func TestWhoCannotMakeAFilePinsEverything(t *testing.T) {
	dir := t.TempDir()
	if err := pin.Prepare(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "4"), 0o755); err != nil {
		t.Fatal(err)
	}
	p, err := pin.Take(dir, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	if got := held(t, dir); !slices.Equal(got, []int64{pin.Everything}) {
		t.Errorf("held are %v; want everything", got)
	}
}
