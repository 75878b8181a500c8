package lake

import (
	"errors"
	"fmt"

	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/lock"
)

// Errors that callers decide on.
var (
	// ErrNoLake means that the folder holds no lake.
	ErrNoLake = errors.New("no lake there")
	// ErrNotEmpty means that a lake cannot be made in a folder that holds other things.
	ErrNotEmpty = errors.New("folder is not empty and holds no lake")
	// ErrLakeExists means that a lake cannot be made where there is one.
	ErrLakeExists = errors.New("there is a lake already")
	// ErrNewer means that a newer version of this program wrote the lake.
	ErrNewer = errors.New("lake was written by a newer version")
	// ErrNoKey means that the lake's signing key is not there, or is not its key.
	ErrNoKey = errors.New("no signing key for this lake")
	// ErrKeyOpen means that others could read or replace the signing key.
	ErrKeyOpen = errors.New("the signing key is not safe")
	// ErrWitness means that a witness cannot be asked, or did not answer as it should.
	ErrWitness = errors.New("witness")
	// ErrForgets means that a witness remembers what the log does not have.
	ErrForgets = errors.New("a witness remembers another history of this log")
	// errOtherLake means that the key at hand is another lake's.
	errOtherLake = fmt.Errorf("%w", ErrNoKey)
	// ErrReadOnly means that the lake was opened for reading.
	ErrReadOnly = errors.New("lake is open for reading only")
	// ErrStoreNotFound means that there is no such event data store.
	ErrStoreNotFound = errors.New("no such event data store")
	// ErrStoreExists means that the name of an event data store is taken.
	ErrStoreExists = errors.New("event data store exists")
	// ErrStoreName means that a name cannot be given to an event data store.
	ErrStoreName = errors.New("not a name for an event data store")
	// ErrStopped means that the ingestion of an event data store is stopped.
	ErrStopped = errors.New("the ingestion of this event data store is stopped")
	// ErrStoreInactive means that an event data store is pending deletion.
	ErrStoreInactive = errors.New("event data store is pending deletion")
	// ErrNotPending means that an event data store that is to be restored was not deleted.
	ErrNotPending = errors.New("event data store is not pending deletion")
	// ErrProtected means that termination protection keeps an event data store.
	ErrProtected = errors.New("termination protection is on")
	// ErrImporting means that an import into an event data store is under way.
	ErrImporting = errors.New("an import is under way")
	// ErrRetention means that a number of days cannot be a retention period.
	ErrRetention = errors.New("not a retention period")
	// ErrBilling means that a store's billing mode cannot become another one.
	ErrBilling = errors.New("not a change of the billing mode")
	// ErrLockMode means that there is no such lock mode.
	ErrLockMode = errors.New("not a lock mode")
	// ErrStoreLocked means that a store's lock mode keeps its protection as it is.
	ErrStoreLocked = errors.New("event data store is locked")
	// ErrNoLock means that what should be refused was possible.
	ErrNoLock = errors.New("the lock on sealed files does not hold")
	// ErrReason means that an act that needs a reason has none that the log can keep.
	ErrReason = errors.New("not a reason")
	// ErrHeld means that a legal hold keeps what was to go.
	ErrHeld = errors.New("a legal hold stands")
	// ErrHoldNotFound means that no such hold stands.
	ErrHoldNotFound = errors.New("no such hold")
	// ErrHoldDays means that a hold's days are none.
	ErrHoldDays = errors.New("not days to hold")
	// ErrNotExpired means that it is not time yet.
	ErrNotExpired = errors.New("the retention period is not over")
	// ErrClock means that the system's clock is not believed, so nothing expires.
	ErrClock = errors.New("the clocks do not agree")
	// ErrSelectors means that event selectors cannot be a store's.
	ErrSelectors = errors.New("not event selectors for this store")
	// ErrLocked means that another process writes to the lake.
	ErrLocked = lock.ErrHeld
	// ErrBackupPlace means that a backup cannot be made in a folder, or a lake not be
	// made of one there.
	ErrBackupPlace = errors.New("not a place for a backup")
	// ErrRolledBack means that a backup has what the lake's log does not have any more.
	ErrRolledBack = errors.New("the lake's log is not the one that was backed up")
	// ErrCorrupt means that bytes on disk are not what was sealed.
	ErrCorrupt = entrylog.ErrCorrupt
)
