package packed_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/internal/packed"
)

type inner struct {
	Name  string
	Bytes int64
}

type sample struct {
	Flag  bool
	N     int
	Big   int64
	Text  string
	When  time.Time
	List  []string
	Rows  []inner
	Maybe *inner
	Sums  map[string]int64
	inner
	hidden int
}

func samples() []sample {
	return []sample{
		{},
		{Flag: true, N: -1, Big: 1 << 62, Text: "a\x00ü", When: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), List: []string{"", "x"},
			Rows: []inner{{"a", 1}, {}}, Maybe: &inner{"p", -5}, Sums: map[string]int64{"b": 2, "a": 1}},
		{List: []string{}, Rows: []inner{}, Sums: map[string]int64{}},
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, want := range samples() {
		b := packed.Append(nil, &want)
		var got sample
		if err := packed.Read(b, &got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, cmp.AllowUnexported(sample{})); d != "" {
			t.Errorf("-written +read\n%s", d)
		}
		if string(packed.Append(nil, &got)) != string(b) {
			t.Error("the same value is written in two ways")
		}
	}
}

func TestOnlyExportedMembersAreWritten(t *testing.T) {
	a, b := sample{hidden: 7}, sample{}
	if string(packed.Append(nil, &a)) != string(packed.Append(nil, &b)) {
		t.Error("a hidden member is written")
	}
}

func TestAnotherTypeHasAnotherLayout(t *testing.T) {
	all := map[string]bool{}
	for _, v := range []any{&inner{}, &sample{}, &struct{ Name string }{}, &struct {
		Bytes int64
		Name  string
	}{}, &struct {
		Title string
		Bytes int64
	}{}} {
		all[packed.Layout(v)] = true
	}
	if len(all) != 5 {
		t.Errorf("five types have %d layouts", len(all))
	}
}

func TestBrokenBytesAreToldAndHarmless(t *testing.T) {
	b := packed.Append(nil, &samples()[1])
	for i := range b {
		if err := packed.Read(b[:i], &sample{}); !errors.Is(err, packed.ErrBroken) {
			t.Errorf("the first %d bytes of %d: %v", i, len(b), err)
		}
	}
	if err := packed.Read(append(b, 0), &sample{}); !errors.Is(err, packed.ErrBroken) {
		t.Errorf("a byte too many: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range samples() {
		f.Add(packed.Append(nil, &s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var s, again sample
		if packed.Read(b, &s) != nil {
			return
		}
		if err := packed.Read(packed.Append(nil, &s), &again); err != nil || !cmp.Equal(s, again, cmp.AllowUnexported(sample{})) {
			t.Errorf("%x: %+v, and again %+v, %v", b, s, again, err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	one := samples()[1]
	p := packed.Append(nil, &one)
	j, err := json.Marshal(one)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("packed", func(b *testing.B) {
		for b.Loop() {
			var s sample
			_ = packed.Read(p, &s)
		}
	})
	b.Run("json", func(b *testing.B) {
		for b.Loop() {
			var s sample
			_ = json.Unmarshal(j, &s)
		}
	})
}
