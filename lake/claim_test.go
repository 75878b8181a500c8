package lake_test

import (
	"errors"
	"testing"

	"tarn/lake"
	"tarn/lake/laketest"
)

func TestABriefImportIsWaitedFor(t *testing.T) {
	laketest.NewPlace(t).Write(t, func(l *lake.Lake, st lake.Store) {
		begin := func(o lake.AppendOptions) *lake.Appender {
			a, err := l.Append(st, o)
			if err != nil {
				t.Error(err)
			}
			return a
		}
		end := func(a *lake.Appender) {
			if _, err := a.Finish(); err != nil {
				t.Error(err)
			}
		}
		brief := begin(lake.AppendOptions{Brief: true})
		if l.Importing() {
			t.Error("others are told to stay away")
		}
		if _, err := l.Append(st, lake.AppendOptions{Brief: true}); !errors.Is(err, lake.ErrImporting) {
			t.Errorf("a second brief one: %v", err)
		}
		began := make(chan *lake.Appender)
		go func() { began <- begin(lake.AppendOptions{}) }()
		end(brief)
		long := <-began
		for _, o := range []lake.AppendOptions{{}, {Brief: true}} {
			if _, err := l.Append(st, o); !errors.Is(err, lake.ErrImporting) {
				t.Errorf("beside another: %v", err)
			}
		}
		if !l.Importing() {
			t.Error("nobody is told to stay away")
		}
		end(long)
		end(begin(lake.AppendOptions{Brief: true}))
	})
}
