package duck

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/duckdb/duckdb-go/v2"
)

// Options are what an instance may use of the machine.
type Options struct {
	// Threads is the number of threads of one query; 0 means all cores.
	Threads int
	// MemoryLimit is a size such as "4GB"; empty means 60 % of the machine's
	// memory, which leaves room for a second query and for the lake.
	MemoryLimit string
	// TempDir is the folder in which each session makes its private folder for
	// what does not fit into memory; empty means the system's.
	TempDir string
	// Macros are the statements that define the dialect's functions.
	Macros []string
}

// defaultMemory is used where the machine does not tell how much it has.
const defaultMemory = "4GB"

// instance is a DuckDB database in memory with its only connection.
type instance struct {
	connector *duckdb.Connector
	conn      *duckdb.Conn
}

// open starts an instance. It has no access to extensions, and dir, which may
// be empty, is all it may spill to.
func open(ctx context.Context, o Options, dir string) (*instance, error) {
	settings := url.Values{
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
		"allow_community_extensions":   {"false"},
		"memory_limit":                 {o.memory()},
		"temp_directory":               {dir},
	}
	if o.Threads > 0 {
		settings.Set("threads", strconv.Itoa(o.Threads))
	}
	connector, err := duckdb.NewConnector("?"+settings.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("start the query engine: %w", Translate(err))
	}
	raw, err := connector.Connect(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connect to the query engine: %w", err), connector.Close())
	}
	return &instance{connector, raw.(*duckdb.Conn)}, nil
}

// exec runs statements that return nothing, one by one.
func (i *instance) exec(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := i.conn.ExecContext(ctx, s, nil); err != nil {
			return fmt.Errorf("prepare the query engine: %w", Translate(err))
		}
	}
	return nil
}

// close ends the instance.
func (i *instance) close() error {
	return errors.Join(i.conn.Close(), i.connector.Close())
}

// lock are the last settings of an instance, in the order that works: what may
// still be read, then nothing else, then no more changes.
func lock(files []string) []string {
	return append(Dialect(),
		"SET allowed_paths = "+list(files),
		"SET enable_external_access = false",
		"SET lock_configuration = true",
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

// scalar returns the only value of a statement with one text argument.
func (i *instance) scalar(ctx context.Context, statement, arg string) (string, error) {
	rows, err := i.conn.QueryContext(ctx, statement, []driver.NamedValue{{Ordinal: 1, Value: arg}})
	if err != nil {
		return "", Translate(err)
	}
	value := make([]driver.Value, 1)
	if err := rows.Next(value); err != nil {
		return "", errors.Join(Translate(err), rows.Close())
	}
	text, ok := value[0].(string)
	if !ok {
		return "", errors.Join(fmt.Errorf("the query engine returned %T; want text", value[0]), rows.Close())
	}
	return text, rows.Close()
}
