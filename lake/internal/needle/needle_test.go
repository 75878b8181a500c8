package needle_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"tarn/lake/internal/needle"
)

func build(t *testing.T, n int) ([]byte, [32]byte) {
	t.Helper()
	c := needle.NewCollector([]string{"eventid", "sourceipaddress", "nothing"})
	for i := range n {
		c.Add(0, fmt.Append(nil, "id-", i))
		c.Add(1, fmt.Append(nil, "10.0.0.", i%5))
	}
	content, header, err := c.File()
	if err != nil {
		t.Fatal(err)
	}
	return content, header
}

func TestWhatIsThereIsFound(t *testing.T) {
	for _, n := range []int{0, 1, 2, 10, 1000, 50_000} {
		content, header := build(t, n)
		f, err := needle.Load(bytes.NewReader(content), header, "eventid")
		if err != nil {
			t.Fatalf("%d values: %v", n, err)
		}
		for i := range n {
			if !f.MayHold(fmt.Sprint("id-", i)) {
				t.Fatalf("%d values: id-%d is not found", n, i)
			}
		}
		wrong := 0
		for i := range 10_000 {
			if f.MayHold(fmt.Sprint("absent-", i)) {
				wrong++
			}
		}
		if wrong > 100 {
			t.Errorf("%d values: %d of 10000 absent ones may be there; want about 40", n, wrong)
		}
		if err := needle.Check(bytes.NewReader(content), int64(len(content)), header); err != nil {
			t.Errorf("%d values: Check: %v", n, err)
		}
	}
}

func TestKinds(t *testing.T) {
	content, header := build(t, 10)
	if f, err := needle.Load(bytes.NewReader(content), header, "nothing"); err != nil || f.MayHold("x") {
		t.Errorf("a kind without values may hold x (%v)", err)
	}
	if f, err := needle.Load(bytes.NewReader(content), header, "later"); err != nil || !f.MayHold("x") {
		t.Errorf("a kind the file does not know may not hold x (%v)", err)
	}
}

func TestEveryFlippedByteIsFound(t *testing.T) {
	content, header := build(t, 50)
	for i := range content {
		content[i] ^= 0x10
		err := needle.Check(bytes.NewReader(content), int64(len(content)), header)
		if !errors.Is(err, needle.ErrCorrupt) {
			t.Errorf("byte %d flipped: Check = %v; want ErrCorrupt", i, err)
		}
		content[i] ^= 0x10
	}
	if err := needle.Check(bytes.NewReader(append(content, 0)), int64(len(content))+1, header); !errors.Is(err, needle.ErrCorrupt) {
		t.Errorf("a byte more: Check = %v; want ErrCorrupt", err)
	}
}

// Filters outlive the program that wrote them. If this fails, a library changed
// its hashing: files on disk would no longer be found.
func TestFilterBytesNeverChange(t *testing.T) {
	content, _ := build(t, 100)
	sum := sha256.Sum256(content)
	if got, want := hex.EncodeToString(sum[:8]), "b4ced9544be900ac"; got != want {
		t.Errorf("SHA-256 of the file starts with %s; want %s", got, want)
	}
}
