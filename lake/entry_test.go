package lake_test

import (
	"errors"
	"strings"
	"testing"

	"tarn/internal/hint"
	"tarn/lake"
)

// An act that this program does not know, or that makes no sense, is not passed
// over: neither by who opens the lake nor by who verifies it.
func TestAnActThatIsNotUnderstoodStopsTheReader(t *testing.T) {
	whole := filledPlace(t)
	for _, tt := range []struct {
		name, payload string
		want          error
	}{
		{"a type of tomorrow", `{"v":1,"type":"store_freeze","time":"2026-01-02T03:04:05Z","change":{"store":"x"}}`, lake.ErrNewer},
		{"a version of tomorrow", `{"v":2,"type":"store_delete","time":"2026-01-02T03:04:05Z","change":{"store":"x"}}`, lake.ErrNewer},
		{"a known type in another form", `{"v":1,"type":"store_delete","time":"2026-01-02T03:04:05Z","of":"x"}`, lake.ErrNewer},
		{"selectors of tomorrow", `{"v":1,"type":"store_selectors","time":"2026-01-02T03:04:05Z","change":{"store":"x","selectors":[{"FieldSelectors":[{"Field":"awsRegion","Equals":["a"]}]}]}}`, lake.ErrNewer},
		{"selectors that are not there", `{"v":1,"type":"store_selectors","time":"2026-01-02T03:04:05Z","change":{"store":"x"}}`, lake.ErrNewer},
		{"selectors of no store", `{"v":1,"type":"store_selectors","time":"2026-01-02T03:04:05Z","change":{"store":"x","selectors":[]}}`, lake.ErrCorrupt},
		{"a change of no store", `{"v":1,"type":"store_delete","time":"2026-01-02T03:04:05Z","change":{"store":"x"}}`, lake.ErrCorrupt},
		{"no JSON", `{"v":1,`, lake.ErrCorrupt},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := whole.Copy(t)
			p.Write(t, func(l *lake.Lake, _ lake.Store) {
				if err := lake.AppendRaw(l, tt.payload); err != nil {
					t.Fatal(err)
				}
			})
			for _, open := range []func(string, lake.Options) (*lake.Lake, error){lake.Open, lake.View} {
				_, err := open(p.Dir, p.Options())
				if !errors.Is(err, tt.want) {
					t.Errorf("opening = %v; want %v", err, tt.want)
				}
				if tt.want == lake.ErrNewer && !strings.Contains(strings.Join(hint.Of(err), " "), "update tarn") {
					t.Errorf("opening hints %q; want to update", hint.Of(err))
				}
			}
			r, err := lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{Key: p.Key})
			if tt.want == lake.ErrNewer {
				// A lake of a newer version is not accused of having been changed.
				if !errors.Is(err, lake.ErrNewer) {
					t.Errorf("Verify = %+v, %v; want ErrNewer", r, err)
				}
			} else if err != nil || len(r.Problems) == 0 {
				t.Errorf("Verify = %+v, %v; want a problem", r, err)
			}
		})
	}
}

// A newer version is no excuse where the log is not what was signed.
func TestANewerEntryHidesNoDamage(t *testing.T) {
	p := filledPlace(t)
	p.Write(t, func(l *lake.Lake, _ lake.Store) {
		if err := lake.AppendRaw(l, `{"v":1,"type":"store_freeze","time":"2026-01-02T03:04:05Z"}`); err != nil {
			t.Fatal(err)
		}
	})
	log := contentOf(t, p, "log/entries")
	log[len(log)-3] ^= 1
	replace(t, p, "log/entries", log)
	if r := p.Verify(t); len(r.Problems) == 0 {
		t.Error("Verify finds nothing")
	}
}
