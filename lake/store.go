package lake

import (
	"fmt"
	"regexp"
	"strings"

	"tarn/internal/hint"
	"tarn/internal/uuid"
	"tarn/schemas"
)

// DefaultRetentionDays is seven years, the retention period of a new store.
const DefaultRetentionDays = 2557

// ConflictsSuffix behind a store's name means its conflicting records.
const ConflictsSuffix = ".conflicts"

// storeName is what CloudTrail Lake accepts as a name.
var storeName = regexp.MustCompile(`^[a-zA-Z0-9._-]{3,128}$`)

// CreateStore creates an event data store of the family with the default
// retention period and termination protection on. The name must be free; names
// that differ only in case are the same.
func (l *Lake) CreateStore(name string, family *schemas.Family) (Store, error) {
	if !storeName.MatchString(name) || uuid.Valid(name) || strings.HasSuffix(strings.ToLower(name), ConflictsSuffix) {
		return Store{}, hint.Add(fmt.Errorf("%w: %q", ErrStoreName, name),
			"3 to 128 letters, digits, '.', '_' and '-', not ending in "+ConflictsSuffix+", and not like an id")
	}
	if l.log == nil {
		return Store{}, ErrReadOnly
	}
	// Nobody takes the name between the question and the answer.
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, taken := l.state.storeNamed(name); taken {
		return Store{}, fmt.Errorf("%w: %s", ErrStoreExists, name)
	}
	st := Store{
		ID: uuid.New(), Name: name, Family: family.Name,
		RetentionDays: DefaultRetentionDays, TerminationProtection: true,
		Created: l.opts.Now().UTC(),
	}
	if err := l.recordLocked([]entry{{Type: typeStore, Store: &st}}); err != nil {
		return Store{}, fmt.Errorf("create event data store %s: %w", name, err)
	}
	return st, nil
}

// Store returns the event data store of that name, id or ARN, or
// ErrStoreNotFound.
func (l *Lake) Store(ref string) (Store, error) { return l.now().find(ref) }

func (s *state) find(ref string) (Store, error) {
	if st, ok := s.storeNamed(ref); ok {
		return st, nil
	}
	err := fmt.Errorf("%w: %s", ErrStoreNotFound, ref)
	if len(s.stores) == 0 {
		return Store{}, hint.Add(err, "this lake has none yet; a first import makes one: tarn import ./AWSLogs")
	}
	var names []string
	for _, st := range s.stores {
		names = append(names, st.Name)
	}
	return Store{}, hint.Add(err, "event data stores of this lake: "+strings.Join(names, ", "))
}
