package duck

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"tarn/internal/memory"
)

// memory returns the memory limit in DuckDB's words.
func (o Options) memory() string {
	if o.MemoryLimit != "" {
		return o.MemoryLimit
	}
	total := memory.Total()
	if total == 0 {
		return defaultMemory
	}
	return strconv.FormatInt(total/1024*6/10, 10) + "KiB"
}

// size is a size as DuckDB reads it.
var size = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?(?i:([KMGT])(I?))?B$`)

// Memory is the memory limit in bytes.
func (o Options) Memory() (int64, error) {
	text := o.memory()
	parts := size.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("memory %q is no size such as 500MB or 4GiB", text)
	}
	n, err := strconv.ParseFloat(parts[1], 64)
	if err != nil {
		return 0, fmt.Errorf("memory %q: %w", text, err)
	}
	unit := 1000.0
	if parts[3] != "" {
		unit = 1024
	}
	if parts[2] != "" {
		n *= math.Pow(unit, float64(1+strings.Index("KMGT", strings.ToUpper(parts[2]))))
	}
	return int64(n), nil
}
