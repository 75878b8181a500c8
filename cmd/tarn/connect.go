package main

import (
	"github.com/spf13/cobra"

	"tarn/lake"
)

func (a *app) connectCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "connect",
		Short: "Print a script that opens the lake in DuckDB's own shell",
		Long: `Print a script for DuckDB: a view for each event data store, named like it, and
the functions of CloudTrail Lake's SQL. Any client of DuckDB can run it.

The views are those files that are in the lake now; what is imported later is
not in them, so connect again. Segments are not left out by needle filters there,
and nothing checks the files: tarn verify does.

EXIT STATUS
  0 done, 10 no lake there`,
		Example: `  duckdb -init <(tarn connect)
  tarn connect > lake.sql && duckdb -init lake.sql audit.duckdb`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			engine, err := a.engine()
			if err != nil {
				return err
			}
			defer engine.Close()
			return a.read(func(snap *lake.Snapshot) error { return engine.Connect(c.Context(), a.out, snap) })
		},
	}
}
