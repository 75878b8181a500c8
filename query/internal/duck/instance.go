package duck

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// Options are what an instance may use of the machine.
type Options struct {
	// Threads is the number of threads; 0 means all cores.
	Threads int
	// MemoryLimit is a size such as "4GB"; empty means 60 % of the machine's
	// memory, which leaves room for the lake.
	MemoryLimit string
	// TempDir is the folder in which an instance makes its private folder for
	// what does not fit into memory; empty means the system's.
	TempDir string
	// TempLimit is how much of that there may be; empty means 90 % of the disk.
	TempLimit string
}

// defaultMemory is used where the machine does not tell how much it has.
const defaultMemory = "4GB"

// Instance is a DuckDB database in memory that can read the files below some
// folders and nothing else. It is safe for concurrent use.
type Instance struct {
	db      bindings.Database
	dir     string // private: spilled data and the output of Copy
	outputs atomic.Int64

	mu      sync.Mutex // guards what follows
	control *conn      // parses, prints, evaluates
	macros  map[string]bool
}

// Start starts an instance. Close it.
func Start(ctx context.Context, o Options, folders []string) (_ *Instance, err error) {
	dir, err := os.MkdirTemp(o.TempDir, "tarn-query-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for queries: %w", err)
	}
	i := &Instance{dir: dir, macros: map[string]bool{}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start the query engine: %w", err), i.Close())
		}
	}()
	if i.db, err = openMemory(o, filepath.Join(dir, "spill")); err != nil {
		return nil, err
	}
	if i.control, err = i.connect(); err != nil {
		return nil, err
	}
	return i, i.control.exec(ctx, lock(append([]string{dir}, folders...))...)
}

// openMemory opens a database in memory that has no access to extensions and
// spills to one folder.
func openMemory(o Options, spill string) (db bindings.Database, err error) {
	settings := map[string]string{
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
		"allow_community_extensions":   "false",
		"memory_limit":                 o.memory(),
		"temp_directory":               spill,
	}
	if o.Threads > 0 {
		settings["threads"] = strconv.Itoa(o.Threads)
	}
	if o.TempLimit != "" {
		settings["max_temp_directory_size"] = o.TempLimit
	}
	var config bindings.Config
	defer bindings.DestroyConfig(&config)
	if bindings.CreateConfig(&config) != bindings.StateSuccess {
		return db, errors.New("it takes no settings")
	}
	for name, value := range settings {
		if bindings.SetConfig(config, name, value) != bindings.StateSuccess {
			return db, fmt.Errorf("it does not take %s = %s", name, value)
		}
	}
	var msg string
	if bindings.OpenExt("", &db, config, &msg) != bindings.StateSuccess {
		return db, failure(msg)
	}
	return db, nil
}

// lock are the last settings of an instance, in the order that works: what may
// be read, then nothing else, then no more changes. They hold for all
// connections.
func lock(folders []string) []string {
	var statements []string
	for _, s := range Dialect() {
		statements = append(statements, "SET GLOBAL"+strings.TrimPrefix(s, "SET"))
	}
	return append(statements,
		// Footers are read when a statement is bound and again when it runs, and
		// by the next query.
		"SET GLOBAL parquet_metadata_cache = true",
		// What is under a segment's name never changes, so no file is opened to see whether
		// its footer is still the one that was read.
		"SET GLOBAL validate_external_file_cache = 'NO_VALIDATION'",
		"SET GLOBAL allowed_directories = "+list(folders),
		"SET GLOBAL enable_external_access = false",
		// Of the rest, a connection says for itself whether it counts; see report.
		"SET GLOBAL allowed_configs = ['enable_progress_bar', 'enable_progress_bar_print', 'progress_bar_time']",
		"SET GLOBAL lock_configuration = true",
	)
}

// Dialect are the settings that make the engine's SQL more like Trino's.
func Dialect() []string {
	return []string{
		"SET TimeZone = 'UTC'",
		// Whole numbers divide to whole numbers, as in Trino.
		"SET integer_division = true",
		// Trino's lambdas are arrows, which DuckDB is about to give up.
		"SET lambda_syntax = 'ENABLE_SINGLE_ARROW'",
	}
}

// Close ends the instance, when its sessions have ended, and removes what it
// wrote.
func (i *Instance) Close() error {
	if i.control != nil {
		i.control.close()
	}
	bindings.Close(&i.db)
	return os.RemoveAll(i.dir)
}

// define defines macros that are not defined yet.
func (i *Instance) define(ctx context.Context, macros []string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, m := range macros {
		if i.macros[m] {
			continue
		}
		if err := i.control.exec(ctx, m); err != nil {
			return fmt.Errorf("prepare the query engine: %w", err)
		}
		i.macros[m] = true
	}
	return nil
}

// Parse is Engine's.
func (i *Instance) Parse(ctx context.Context, sql string) (string, error) {
	return i.ask(ctx, "SELECT CAST(json_serialize_sql(?::VARCHAR, skip_null := true) AS VARCHAR)", sql)
}

// Print is Engine's.
func (i *Instance) Print(ctx context.Context, tree string) (string, error) {
	return i.ask(ctx, "SELECT json_deserialize_sql(?::JSON)", tree)
}

// Eval is Engine's.
func (i *Instance) Eval(ctx context.Context, sql string, macros ...string) (kind, value string, err error) {
	if err := i.define(ctx, macros); err != nil {
		return "", "", err
	}
	both, err := i.ask(ctx, "SELECT system.main.typeof(v) || system.main.chr(10) || coalesce(CAST(v AS VARCHAR), '') FROM ("+sql+") AS t(v)")
	kind, value, _ = strings.Cut(both, "\n")
	return kind, value, err
}

func (i *Instance) ask(ctx context.Context, sql string, args ...string) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.control.scalar(ctx, sql, args...)
}
