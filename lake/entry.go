package lake

import (
	"encoding/json"
	"fmt"
	"path"
	"time"

	"tarn/internal/hint"
	"tarn/internal/uuid"
	"tarn/lake/internal/segment"
)

// entryVersion is the version of the log's entries (FORMAT.md).
const entryVersion = 1

// The types of entries.
const (
	typeLake   = "lake"   // the lake was created; always entry 0
	typeStore  = "store"  // an event data store was created
	typeCommit = "commit" // segments were sealed
	// Programs that are older than these refuse a lake that has them.
	typeUpdate  = "store_update"  // settings of a store were changed
	typeDelete  = "store_delete"  // a store was deleted: it is pending for PendingDays
	typeRestore = "store_restore" // a store that was pending is back
	// Likewise: what a store's selectors leave out must not be let in.
	typeSelectors = "store_selectors" // a store takes other events from now on
	typeJournal   = "journal"         // events were accepted into the hot tier
	// Likewise: a store that takes no events must not be given any.
	typeIngestion = "store_ingestion" // a store takes live events from now on, or none
	// Likewise: who does not know them would take a signature for wrong, or not ask
	// for one.
	typeRotate        = "key_rotate"     // another key signs from now on; the old one signs it in
	typeLost          = "key_lost"       // another key signs from now on, because the old one is lost
	typeWitnessAdd    = "witness_add"    // a witness is asked to remember checkpoints
	typeWitnessRemove = "witness_remove" // a witness is asked no more
	// Likewise: what is held, locked or expired must not be passed over.
	typeLock    = "store_lock"    // a store has another lock mode from now on
	typeHold    = "hold_place"    // a legal hold was placed
	typeRelease = "hold_release"  // and released
	typeExpire  = "expire"        // segments expired: nothing reads them any more
	typeClock   = "clock_confirm" // somebody said that the system's clock is right
	// Who does not know it may miss nothing but a report; it has its place in the log.
	typeReport = "report" // a report was made
)

// entry is one act in the log of record: JSON, one object, the members below.
type entry struct {
	V    int       `json:"v"`
	Type string    `json:"type"`
	Time time.Time `json:"time"`
	// By is who did it, as far as that is known; who does not know it may pass over it.
	By *By `json:"by,omitempty"`
	// Of the entry "lake".
	Lake string `json:"lake,omitempty"`
	Key  string `json:"key,omitempty"`
	// Of the entry "store".
	Store *Store `json:"store,omitempty"`
	// Of the other entries about stores.
	Change *StoreChange `json:"change,omitempty"`
	// Of the entry "commit".
	Commit *Commit `json:"commit,omitempty"`
	// Of the entry "journal".
	Journal *Journal `json:"journal,omitempty"`
	// Of the entries "key_rotate" and "key_lost".
	NewKey *KeyChange `json:"new_key,omitempty"`
	// Of the entries "witness_add" and "witness_remove".
	Witness *Witness `json:"witness,omitempty"`
	// Of the entries about holds.
	Hold *Hold `json:"hold,omitempty"`
	// Of the entry "expire".
	Expiry *Expiry `json:"expiry,omitempty"`
	// Of the entry "clock_confirm".
	Clock *Confirmation `json:"clock,omitempty"`
	// Of the entry "report".
	Report *ReportRecord `json:"report,omitempty"`
}

// Commit is the act of sealing: the segments that an import added to a store,
// and the source objects that are complete with them.
type Commit struct {
	// Store and Import are ids.
	Store  string `json:"store"`
	Import string `json:"import"`
	// Segments were sealed.
	Segments []Segment `json:"segments,omitempty"`
	// Hot says that they hold what was in the hot tier; then there is no import.
	Hot bool `json:"hot,omitempty"`
	// Sources lists the source objects all of whose events are now in the lake.
	Sources *Sidecar `json:"sources,omitempty"`
	// Rejects holds the records of those sources that were not taken.
	Rejects *Sidecar `json:"rejects,omitempty"`
	// Counts sums up the sources.
	Counts Counts `json:"counts"`
	// Digests counts the sources by what CloudTrail's digests say of them, as far as
	// they were asked.
	Digests map[string]int64 `json:"digests,omitempty"`
	// NextSeq is the number that the store's next event gets.
	NextSeq int64 `json:"next_seq"`
	// Time is the entry's.
	Time time.Time `json:"-"`
}

// Sidecar is a list that is too long for the log: a file of JSON lines,
// compressed with Zstandard, named and hashed in the log.
type Sidecar struct {
	Name  string `json:"name"` // path in the lake
	Lines int64  `json:"lines"`
	File
}

// Counts accounts for records: Offered is the sum of the others but Older and
// Future, which are stored events worth a remark, and Deselected.
type Counts struct {
	Offered    int64 `json:"offered"`
	Stored     int64 `json:"stored"`
	Duplicates int64 `json:"duplicates,omitempty"`
	Conflicts  int64 `json:"conflicts,omitempty"`
	Filtered   int64 `json:"filtered,omitempty"`
	Rejected   int64 `json:"rejected,omitempty"`
	Older      int64 `json:"older,omitempty"`  // older than the store's retention period
	Future     int64 `json:"future,omitempty"` // more than a day ahead of the clock
	// Deselected are those of Filtered that the store's selectors left out.
	Deselected int64 `json:"deselected,omitempty"`
}

// Add adds another count.
func (c *Counts) Add(o Counts) {
	c.Offered += o.Offered
	c.Stored += o.Stored
	c.Duplicates += o.Duplicates
	c.Conflicts += o.Conflicts
	c.Filtered += o.Filtered
	c.Rejected += o.Rejected
	c.Older += o.Older
	c.Future += o.Future
	c.Deselected += o.Deselected
}

// remark counts a stored event that is older or newer than one would expect.
func (c *Counts) remark(st Store, now time.Time, micros int64) {
	t := time.UnixMicro(micros)
	if t.Before(now.AddDate(0, 0, -st.RetentionDays)) {
		c.Older++
	}
	if t.After(now.AddDate(0, 0, 1)) {
		c.Future++
	}
}

func encodeEntry(e entry) ([]byte, error) {
	e.V = entryVersion
	return json.Marshal(e)
}

// decodeEntry reads an entry. Members that it does not know are ignored; a
// version or type that it does not know is ErrNewer: to skip an act would be
// to tell an untrue story.
func decodeEntry(payload []byte) (entry, error) {
	var e entry
	if err := json.Unmarshal(payload, &e); err != nil {
		return e, fmt.Errorf("%w: log entry: %w", ErrCorrupt, err)
	}
	if e.V != entryVersion {
		return e, newer("log entry of version %d", e.V)
	}
	if !e.known() {
		return e, newer("log entry of type %q", e.Type)
	}
	if e.Type == typeSelectors {
		if _, err := e.Change.Selectors.Compile(); err != nil {
			return e, newer("event selectors of store %s (%v)", e.Change.Store, err)
		}
	}
	if e.Commit == nil {
		return e, nil
	}
	e.Commit.Time = e.Time
	for _, s := range e.Commit.Segments {
		if s.Format > segment.Format {
			return e, newer("segment %s has format %d", s.ID, s.Format)
		}
	}
	return e, nil
}

func newer(format string, args ...any) error {
	return hint.Add(fmt.Errorf("%w: "+format, append([]any{ErrNewer}, args...)...), "update tarn; nothing was done to the lake")
}

// known reports whether the entry is of a type that this program knows, and has
// what belongs to it.
func (e entry) known() bool {
	switch e.Type {
	case typeLake:
		return e.Lake != ""
	case typeStore:
		return e.Store != nil
	case typeCommit:
		return e.Commit != nil
	case typeUpdate, typeDelete, typeRestore:
		return e.Change != nil
	case typeIngestion:
		return e.Change != nil && e.Change.Ingestion != nil
	case typeSelectors:
		return e.Change != nil && e.Change.Selectors != nil
	case typeJournal:
		return e.Journal != nil
	case typeRotate, typeLost:
		return e.NewKey != nil
	case typeWitnessAdd, typeWitnessRemove:
		return e.Witness != nil
	case typeLock:
		return e.Change != nil && e.Change.Lock.strength() >= 0
	case typeHold, typeRelease:
		return e.Hold != nil
	case typeExpire:
		return e.Expiry != nil
	case typeClock:
		return e.Clock != nil
	case typeReport:
		return e.Report != nil && uuid.Valid(e.Report.ID)
	}
	return false
}

// wellNamed refuses names of which paths are made that could lead anywhere else.
func (e entry) wellNamed() error {
	if e.Store != nil && !uuid.Valid(e.Store.ID) {
		return fmt.Errorf("%q is no id of a store", e.Store.ID)
	}
	if e.Commit == nil {
		return nil
	}
	for _, s := range e.Commit.Segments {
		if _, err := time.Parse(time.DateOnly, s.Day); err != nil || !uuid.Valid(s.ID) {
			return fmt.Errorf("segment %q of day %q is none", s.ID, s.Day)
		}
	}
	for _, list := range []*Sidecar{e.Commit.Sources, e.Commit.Rejects} {
		if list != nil && (path.Clean(list.Name) != list.Name || path.Dir(list.Name) != sourcesDir && path.Dir(list.Name) != rejectsDir) {
			return fmt.Errorf("%q is no list", list.Name)
		}
	}
	return nil
}
