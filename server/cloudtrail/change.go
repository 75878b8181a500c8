package cloudtrail

import (
	"slices"

	"tarn/server/access"
)

// Changes reports whether an operation may leave something as it was not before, and
// whether there is one of that name, here or in CloudTrail.
func Changes(name string) (changes, known bool) {
	i := slices.IndexFunc(operations, func(o operation) bool { return o.name == name })
	if i < 0 {
		return false, slices.Contains(Names(), name)
	}
	return operations[i].act == access.Manage || operations[i].act == access.Ingest, true
}
