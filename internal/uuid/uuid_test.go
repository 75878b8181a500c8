package uuid_test

import (
	"regexp"
	"testing"
	"time"

	"tarn/internal/uuid"
)

func TestNew(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := uuid.New()
		if !form.MatchString(id) {
			t.Fatalf("New() = %q; want %s", id, form)
		}
		if seen[id] {
			t.Fatalf("New() = %q twice", id)
		}
		seen[id] = true
		if !uuid.Valid(id) {
			t.Fatalf("Valid(%q) = false; want true", id)
		}
	}
}

// The fixed part is RFC 9562's own example for version 7 (appendix A.6).
func TestNewV7BeginsWithTheTime(t *testing.T) {
	at := time.UnixMilli(0x017F22E279B0)
	form := regexp.MustCompile(`^017f22e2-79b0-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	a, b := uuid.NewV7(at), uuid.NewV7(at)
	for _, id := range []string{a, b} {
		if !form.MatchString(id) || !uuid.Valid(id) {
			t.Errorf("NewV7(%v) = %q; want %s", at, id, form)
		}
	}
	if a == b {
		t.Errorf("NewV7(%v) = %q twice", at, a)
	}
}

func TestNewV7SortsByTime(t *testing.T) {
	start := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	steps := []time.Duration{time.Microsecond, 999 * time.Microsecond, time.Millisecond, time.Second, 24 * time.Hour, 10 * 365 * 24 * time.Hour}
	last := uuid.NewV7(start)
	at := start
	for _, step := range steps {
		at = at.Add(step)
		id := uuid.NewV7(at)
		if id <= last {
			t.Errorf("NewV7 %v later = %q; want more than %q", step, id, last)
		}
		last = id
	}
}

func TestNewV7BeforeTheEpoch(t *testing.T) {
	id := uuid.NewV7(time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC))
	if want := "00000000-0000-7000-"; id[:len(want)] != want {
		t.Errorf("NewV7(1969) = %q; want %q at its start", id, want)
	}
	if id := uuid.NewV7(time.Time{}); id[:8] != "00000000" {
		t.Errorf("NewV7(zero) = %q; want zeros at its start", id)
	}
}

func TestValid(t *testing.T) {
	tests := []struct {
		name, s string
		want    bool
	}{
		{"version 4", "3f0d1f7a-7b1e-4a43-9d52-0d1f6a2c8b11", true},
		{"upper case", "3F0D1F7A-7B1E-4A43-9D52-0D1F6A2C8B11", true},
		{"all zero", "00000000-0000-0000-0000-000000000000", true},
		{"empty", "", false},
		{"one digit short", "3f0d1f7a-7b1e-4a43-9d52-0d1f6a2c8b1", false},
		{"one digit more", "3f0d1f7a-7b1e-4a43-9d52-0d1f6a2c8b111", false},
		{"a letter that is no digit", "3f0d1f7a-7b1e-4a43-9d52-0d1f6a2c8b1g", false},
		{"a hyphen out of place", "3f0d1f7-a7b1e-4a43-9d52-0d1f6a2c8b11", false},
		{"no hyphens", "3f0d1f7a07b1e04a4309d5200d1f6a2c8b11", false},
		{"a digit of another script", "3f0d1f7a-7b1e-4a43-9d52-0d1f6a2c8b٣", false},
		{"braces", "{3f0d1f7a-7b1e-4a43-9d52-0d1f6a2c8b}", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := uuid.Valid(tt.s); got != tt.want {
				t.Errorf("Valid(%q) = %v; want %v", tt.s, got, tt.want)
			}
		})
	}
}

func TestOfName(t *testing.T) {
	id := uuid.OfName("shop", "1")
	if !uuid.Valid(id) || id[14] != '8' || id != uuid.OfName("shop", "1") {
		t.Errorf("OfName gives %s; want the same of version 8 each time", id)
	}
	for _, other := range [][]string{{"shop1"}, {"shop", "2"}, {"sho", "p1"}, {"shop", "1", ""}, {}} {
		if uuid.OfName(other...) == id {
			t.Errorf("the name %q has the same identifier as another", other)
		}
	}
	// Identifiers are in lakes: they never change.
	if want := "bc19e6d0-297d-82cb-80a6-fc0d940593a0"; id != want {
		t.Errorf("OfName gives %s; want %s", id, want)
	}
}

func TestTime(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 891234567, time.UTC)
	if got, ok := uuid.Time(uuid.NewV7(at)); !ok || !got.Equal(at.Truncate(time.Millisecond)) {
		t.Errorf("Time of an identifier of %v = %v, %v", at, got, ok)
	}
	for _, s := range []string{"", uuid.New(), uuid.OfName("a"), "x" + uuid.NewV7(at)[1:]} {
		if got, ok := uuid.Time(s); ok {
			t.Errorf("Time(%q) = %v; want none", s, got)
		}
	}
}
