package crashtest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tarn/lake"
	"tarn/lake/laketest"
)

// noneTwice checks that what a reader sees was offered, and is there once.
func (c *checker) noneTwice(snap *lake.Snapshot) error {
	st, err := snap.Store(laketest.StoreName)
	if errors.Is(err, lake.ErrStoreNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, conflicts := range []bool{false, true} {
		got, err := texts(snap, st, conflicts)
		if err != nil {
			return err
		}
		slices.Sort(got)
		for i, raw := range got {
			if i > 0 && got[i-1] == raw {
				return fmt.Errorf("is there twice: %s", raw)
			}
			if !slices.Contains(c.story.Events, raw) && !slices.Contains(c.story.Conflicts, raw) {
				return fmt.Errorf("was never offered: %s", raw)
			}
		}
	}
	return nil
}

func texts(snap *lake.Snapshot, st lake.Store, conflicts bool) (all []string, err error) {
	err = snap.Raw(context.Background(), st.ID, conflicts, func(raw []byte) error {
		all = append(all, string(raw))
		return nil
	})
	return all, err
}

// allThere checks that events which were acknowledged can be read.
func (c *checker) allThere(p laketest.Place, acked []string) error {
	if len(acked) == 0 {
		return nil
	}
	return read(p, func(snap *lake.Snapshot, st lake.Store) error {
		var got []string
		for _, conflicts := range []bool{false, true} {
			some, err := texts(snap, st, conflicts)
			if err != nil {
				return err
			}
			got = append(got, some...)
		}
		for _, raw := range acked {
			if !slices.Contains(got, raw) {
				return fmt.Errorf("was acknowledged, and is not there: %s", raw)
			}
		}
		return nil
	})
}
