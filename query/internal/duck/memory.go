package duck

import (
	"os"
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
