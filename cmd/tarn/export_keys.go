package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"tarn/export"
	"tarn/internal/hint"
	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/server/access"
	"tarn/server/delivery"
)

func (a *app) keysResultsCommand() *cobra.Command {
	var make bool
	c := &cobra.Command{
		Use:   "results",
		Short: "Print the public keys that check exports, and results of queries",
		Long: `Print the public keys that check what tarn export writes and the results of queries
that a server delivers, in the form of CloudTrail's ListPublicKeys: tarn import
--public-keys reads it. There is a key a year, in state.db, sealed with a key that is
not in the lake; --make makes one now if there is none, which the first export does too.`,
		Example: `  tarn keys results --make > public_keys.json
  tarn keys results`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if make {
				if done, err := a.elsewhere(c.Context(), a.args); done {
					return err
				}
				if _, err := a.makeExportKeys(); err != nil {
					return err
				}
			}
			return a.tellResultKeys()
		},
	}
	c.Flags().BoolVar(&make, "make", false, "make a key if none signs now")
	return c
}

func (a *app) tellResultKeys() error {
	return a.viewState(func(_ *lake.Snapshot, db *statedb.DB) error {
		all, err := db.ResultKeys()
		if err != nil {
			return err
		}
		text, err := export.KeysText(delivery.Told(all))
		if err == nil {
			_, err = a.out.Write(text)
		}
		return err
	})
}

// exportKeys are the keys that sign an export. The first one is made, by the server if
// one has the lake.
func (a *app) exportKeys(ctx context.Context) (*export.Keys, error) {
	keys, err := a.readExportKeys()
	if !errors.Is(err, delivery.ErrNoKey) {
		return keys, err
	}
	silent, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer silent.Close()
	asker := *a
	asker.in, asker.out = silent, silent
	done, err := asker.elsewhere(ctx, []string{"keys", "results", "--make", "--lake", a.lakeDir})
	switch a.noServer = asker.noServer; {
	case done && err != nil:
		return nil, err
	case done:
		return a.readExportKeys()
	}
	keys, err = a.makeExportKeys()
	if err != nil {
		err = hint.Add(fmt.Errorf("make the key that signs: %w", err), "--unsigned exports without signatures")
	}
	return keys, err
}

// readExportKeys takes the keys that there are.
func (a *app) readExportKeys() (*export.Keys, error) {
	l, err := lake.View(a.lakeDir, a.options())
	if err != nil {
		return nil, err
	}
	path, err := access.SealFile(l.ID())
	if err := errors.Join(err, l.Close()); err != nil {
		return nil, hint.Add(err, "set HOME or XDG_CONFIG_HOME")
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, delivery.ErrNoKey // nothing can be opened without it
	}
	db, err := statedb.View(lake.StateOf(a.lakeDir))
	if err != nil {
		return nil, err
	}
	keeper, err := access.Open(db, path, nil)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	keys, err := delivery.NewKeys(db, keeper).Export(time.Now(), false)
	return keys, errors.Join(err, db.Close())
}

// makeExportKeys makes a key if none signs now.
func (a *app) makeExportKeys() (keys *export.Keys, err error) {
	err = a.keeping(func(_ *lake.Lake, db *statedb.DB, k *access.Keeper) error {
		keys, err = delivery.NewKeys(db, k).Export(time.Now(), true)
		return err
	})
	return keys, err
}
