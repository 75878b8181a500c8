package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"tarn/lake"
	"tarn/query"
)

func (a *app) versionCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "version",
		Short: "Say which version this is, and of what it is made",
		Long: `Say which version this is, of which commit, with which Go, which DuckDB and
which format of lakes it works, and what keeps a statement in its sandbox on
this machine (tarn query --sandbox).

EXIT STATUS
  0 done`,
		Example: `  tarn version
  tarn version --format json
  tarn --version`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.version(c.Context(), format) },
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

// build is what the program is made of.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"` // the commit's files were changed
	Built    string `json:"commit_time,omitempty"`
	Go       string `json:"go"`
	DuckDB   string `json:"duckdb,omitempty"`
	Format   int    `json:"lake_format"`
	Platform string `json:"platform"`
	// Sandbox is what holds a statement that runs with --sandbox, on this machine.
	Sandbox []query.Wall `json:"sandbox"`
}

func thisBuild() build {
	b := build{Version: "devel", Go: runtime.Version(), Format: lake.Format, Platform: runtime.GOOS + "/" + runtime.GOARCH, Sandbox: query.Walls()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Built = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func (a *app) version(ctx context.Context, format string) error {
	b := thisBuild()
	engine, err := a.engine()
	if err != nil {
		return err
	}
	defer engine.Close()
	if b.DuckDB, err = engine.Version(ctx); err != nil {
		return err
	}
	switch format {
	case "json":
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		return e.Encode(b)
	case "text":
	default:
		return usage(fmt.Errorf("version: --format %q", format), "formats: text, json")
	}
	commit := b.Commit
	switch {
	case commit == "":
		commit = "not known"
	case b.Modified:
		commit += ", with changes"
	}
	_, err = fmt.Fprintf(a.out, "tarn %s\n  commit       %s\n  Go           %s\n  DuckDB       %s\n  lake format  %d\n  platform     %s\n  sandbox      %s\n",
		b.Version, commit, b.Go, b.DuckDB, b.Format, b.Platform, query.DescribeWalls(b.Sandbox))
	return err
}

// versionLine is what --version says.
func versionLine() string {
	b := thisBuild()
	return fmt.Sprintf("tarn %s (lake format %d, %s %s)", b.Version, b.Format, b.Go, b.Platform)
}
