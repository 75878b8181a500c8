package lock_test

import (
	"errors"
	"path/filepath"
	"testing"

	"tarn/lake/internal/lock"
)

func TestOneHolderAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	l, err := lock.Acquire(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Acquire(path); !errors.Is(err, lock.ErrHeld) {
		t.Errorf("second Acquire = %v; want ErrHeld", err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	l, err = lock.Acquire(path)
	if err != nil {
		t.Fatalf("Acquire after Release: %v", err)
	}
	l.Release()
}
