package duck

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// memory returns the memory limit in DuckDB's words.
func (o Options) memory() string {
	if o.MemoryLimit != "" {
		return o.MemoryLimit
	}
	kib := machineKiB()
	if kib == 0 {
		return defaultMemory
	}
	return strconv.FormatInt(kib*6/10, 10) + "KiB"
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

// machineKiB returns the machine's memory, 0 if it does not say.
func machineKiB() int64 {
	info, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(info)) {
		if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n
		}
	}
	return 0
}
