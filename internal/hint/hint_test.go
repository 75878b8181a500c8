package hint_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/internal/hint"
)

func TestOf(t *testing.T) {
	plain := errors.New("no store")
	advised := hint.Add(plain, "create one")
	tests := []struct {
		name string
		err  error
		want []string
	}{
		{"no error has no advice", nil, nil},
		{"a plain error has no advice", plain, nil},
		{"nothing added to nothing stays nothing", hint.Add(nil, "create one"), nil},
		{"no advice adds nothing", hint.Add(plain), nil},
		{"advice is found", advised, []string{"create one"}},
		{"several pieces keep their order", hint.Add(plain, "a", "b"), []string{"a", "b"}},
		{"advice is found through a wrap", fmt.Errorf("query: %w", advised), []string{"create one"}},
		{"advice is found through a wrap of two", fmt.Errorf("%w: %w", fs.ErrExist, advised), []string{"create one"}},
		{"the advice nearest to the cause comes first", hint.Add(fmt.Errorf("query: %w", advised), "list them"), []string{"create one", "list them"}},
		{"joined errors tell all", errors.Join(advised, hint.Add(fs.ErrExist, "remove it")), []string{"create one", "remove it"}},
		{"the same advice is given once", errors.Join(advised, hint.Add(advised, "create one")), []string{"create one"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, hint.Of(tt.err)); diff != "" {
				t.Errorf("Of(%v): -want +got\n%s", tt.err, diff)
			}
		})
	}
}

func TestAddLeavesTheErrorAsItWas(t *testing.T) {
	cause := &fs.PathError{Op: "open", Path: "lake", Err: fs.ErrNotExist}
	err := fmt.Errorf("verify: %w", hint.Add(cause, "create a lake"))

	if got, want := err.Error(), "verify: open lake: file does not exist"; got != want {
		t.Errorf("Error() = %q; want %q", got, want)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("errors.Is(%v, fs.ErrNotExist) = false; want true", err)
	}
	if got, ok := errors.AsType[*fs.PathError](err); !ok || got != cause {
		t.Errorf("errors.AsType(%v) = %v; want the path error", err, got)
	}
}

func TestAddKeepsItsOwnCopy(t *testing.T) {
	advice := []string{"create one"}
	err := hint.Add(errors.New("no store"), advice...)
	advice[0] = "changed"
	if got := hint.Of(err); got[0] != "create one" {
		t.Errorf("Of = %q after the caller's slice changed; want the advice as it was given", got)
	}
}
