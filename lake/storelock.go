package lake

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tarn/internal/hint"
)

// BillingMode is a store's pricing option, in CloudTrail Lake's words. Here nothing
// is billed: it says how long a retention period may be.
type BillingMode string

// The billing modes. A store may go from fixed to extendable, and not back.
const (
	// BillingFixed allows up to 2,557 days, seven years.
	BillingFixed BillingMode = "FIXED_RETENTION_PRICING"
	// BillingExtendable allows up to 3,653 days, ten years. It is the default, and
	// what a store has that was made before there were modes.
	BillingExtendable BillingMode = "EXTENDABLE_RETENTION_PRICING"
)

// BillingModes are all of them.
func BillingModes() []BillingMode { return []BillingMode{BillingExtendable, BillingFixed} }

// MaxDays is the longest retention period that the mode allows.
func (m BillingMode) MaxDays() int {
	if m == BillingFixed {
		return DefaultRetentionDays
	}
	return MaxRetentionDays
}

// LockMode says who may take protection away from a store, in the words of S3
// Object Lock: shorten its retention period, turn termination protection off,
// delete it, or weaken the lock itself. What protects more is always allowed.
type LockMode string

// The lock modes, from the weakest on.
const (
	// LockNone allows everything. It is the default.
	LockNone LockMode = "none"
	// LockGovernance wants a Bypass, which the log keeps with its reason.
	LockGovernance LockMode = "governance"
	// LockCompliance allows nothing of it, to nobody, for ever.
	LockCompliance LockMode = "compliance"
)

// LockModes are all of them, from the weakest on.
func LockModes() []LockMode { return []LockMode{LockNone, LockGovernance, LockCompliance} }

func (m LockMode) strength() int { return slices.Index(LockModes(), m) }

// Bypass is the permission to take protection away from a store that is locked in
// governance mode.
type Bypass struct {
	// Reason says why. It stands in the log.
	Reason string `json:"reason"`
}

// longestReason keeps an entry well below the log's bound.
const longestReason = 1024

// checkReason refuses a reason that the log cannot keep, or that is none.
func checkReason(reason string) error {
	switch {
	case strings.TrimSpace(reason) == "":
		return hint.Add(fmt.Errorf("%w: it is empty", ErrReason), "say why with --reason; the log keeps it for ever")
	case len(reason) > longestReason || !utf8.ValidString(reason):
		return hint.Add(fmt.Errorf("%w: it has %d bytes, or is not UTF-8", ErrReason, len(reason)),
			fmt.Sprintf("say why in at most %d bytes of UTF-8", longestReason))
	}
	return nil
}

// loosens says what of the settings takes protection away from the store.
func (s Store) loosens(o StoreSettings) (what []string) {
	if o.RetentionDays != 0 && o.RetentionDays < s.RetentionDays {
		what = append(what, fmt.Sprintf("shorten its retention period from %d to %d days", s.RetentionDays, o.RetentionDays))
	}
	if o.TerminationProtection != nil && !*o.TerminationProtection && s.TerminationProtection {
		what = append(what, "turn its termination protection off")
	}
	if o.Lock != "" && o.Lock.strength() < s.Lock.strength() {
		what = append(what, "weaken its lock to "+string(o.Lock))
	}
	return what
}

// permit says whether protection may be taken away from the store, and returns the
// bypass that the log is to keep, if it takes one. what is empty if nothing is taken
// away.
func (s Store) permit(what []string, allow []Bypass) (*Bypass, error) {
	if len(what) == 0 || s.Lock == LockNone {
		return nil, nil
	}
	refused := fmt.Errorf("%w in %s mode: %s: cannot %s", ErrStoreLocked, s.Lock, s.Name, strings.Join(what, ", or "))
	if s.Lock == LockCompliance {
		return nil, hint.Add(refused, "nobody can, for as long as the store is there; a longer retention period is always possible")
	}
	if len(allow) == 0 {
		return nil, hint.Add(refused, `if you are allowed to: --bypass-governance --reason "…", which the log keeps`)
	}
	return &allow[0], checkReason(allow[0].Reason)
}

// checkPeriod refuses a retention period that the store's billing mode does not
// allow, and the way back from extendable to fixed.
func (s Store) checkPeriod(o StoreSettings) error {
	then := s
	then.set(o)
	if o.Billing == BillingFixed && s.ID != "" && s.Billing == BillingExtendable {
		return hint.Add(fmt.Errorf("%w: %s has %s", ErrBilling, s.Name, s.Billing), "as in CloudTrail Lake, a store goes from fixed to extendable pricing and not back")
	}
	if then.RetentionDays > then.Billing.MaxDays() {
		return hint.Add(fmt.Errorf("%w: %d days, with %s", ErrRetention, then.RetentionDays, then.Billing),
			fmt.Sprintf("it allows %d to %d days; %s up to %d: --billing-mode %s", MinRetentionDays, then.Billing.MaxDays(),
				BillingExtendable, BillingExtendable.MaxDays(), BillingExtendable))
	}
	return nil
}
