package lake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
)

// A day that is much larger than the memory becomes one segment, in order, and
// leaves nothing behind.
func TestALargeDayIsOneSegment(t *testing.T) {
	var objects []laketest.Object
	day := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	for i := range 40 {
		o := laketest.Object{Key: fmt.Sprint("object-", i)}
		for k := range 25 {
			at := day.Add(time.Duration((i*7919+k*104729)%86400) * time.Second)
			id := fmt.Sprintf("id-%d-%d", i, k)
			o.Events = append(o.Events, laketest.Event(t, id, at.Format(time.RFC3339), "x"))
		}
		objects = append(objects, o)
	}
	for _, memory := range []int64{1, 2000, 100_000} {
		c := laketest.NewPlace(t)
		r := c.Fill(t, lake.AppendOptions{MemoryBytes: memory}, objects...)
		if len(r.Segments) != 1 || r.Segments[0].Rows != 1000 {
			t.Errorf("with %d bytes of memory: %d segments; want one of 1000 events", memory, len(r.Segments))
		}
		laketest.Same(t, "events", rawOf(objects, keysOf(objects), false), c.Events(t))
		c.Sound(t)
		for _, name := range c.Files(t) {
			if strings.HasPrefix(name, "tmp/") {
				t.Errorf("%s is left", name)
			}
		}
	}
}
