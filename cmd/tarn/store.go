package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tarn/lake"
	"tarn/schemas"
)

func (a *app) storeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "store",
		Short: "Create, list, change, delete and restore event data stores",
		Long: `Create, list, change, delete and restore event data stores. A store is named by
its name, its id or its ARN. An import makes the store that it names, so most
lakes need none of this.

A store has a retention period of 7 days to 10 years (3,653 days) by event time,
7 years (2,557 days) unless told otherwise; with FIXED_RETENTION_PRICING at most
these. When it is over, tarn retention apply removes the events. Termination
protection is on unless it is turned off: a store that has it is not deleted.

A store may be locked, in the words of S3 Object Lock: then a shorter retention
period, termination protection off, deletion and a weaker lock want a permission of
their own that the log keeps (governance), or are refused for ever (compliance).

EXIT STATUS
  0 done, 1 refused, 2 wrong usage, 10 no lake or store, or pending deletion,
  11 lake in use by another process`,
		Example: `  tarn store create prod --retention 7y
  tarn store list`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.storeCreateCommand(), a.storeListCommand(), a.storeShowCommand(), a.storeUpdateCommand(),
		a.storeDeleteCommand(), a.storeRestoreCommand(),
		a.storeStopIngestionCommand(), a.storeStartIngestionCommand(), a.storeMoveCommand())
	return c
}

// storeFlags are what can be said of a store.
type storeFlags struct {
	name, retention, protection string
	selectors, billing, lock    string
	bypass                      bool
	reason                      string
	inDir                       func(string) string // where the file of selectors is
	format                      string
}

func (f *storeFlags) settings(c *cobra.Command) {
	c.Flags().StringVar(&f.retention, "retention", "", "retention period by event time: days (90 or 90d) or years (7y); 7 days to 10 years")
	c.Flags().StringVar(&f.protection, "termination-protection", "", "refuse to delete the store: on or off")
	c.Flags().StringVar(&f.billing, "billing-mode", "", "how long the retention period may be: EXTENDABLE_RETENTION_PRICING (3,653 days) or FIXED_RETENTION_PRICING (2,557)")
	c.Flags().StringVar(&f.lock, "lock", "", "who may take protection away: none, governance or compliance")
	c.Flags().StringVar(&f.selectors, "selectors", "", "advanced event selectors: a file of JSON, or a JSON array; [] for none")
	f.output(c)
}

func (f *storeFlags) output(c *cobra.Command) {
	c.Flags().StringVar(&f.format, "format", "", "table, or json, ndjson or csv, which have CloudTrail's field names")
}

// bypassing adds the flags of a permission to take protection away.
func (f *storeFlags) bypassing(c *cobra.Command) {
	c.Flags().BoolVar(&f.bypass, "bypass-governance", false, "do what a lock in governance mode keeps from being done; with --reason")
	c.Flags().StringVar(&f.reason, "reason", "", "why; the log keeps it for ever")
}

// allowed is the permission, if it was given.
func (f *storeFlags) allowed(c *cobra.Command) ([]lake.Bypass, error) {
	if f.bypass != (f.reason != "") {
		return nil, usage(fmt.Errorf("%s: --bypass-governance and --reason go together", named(c)), c.CommandPath()+` STORE --bypass-governance --reason "…"`)
	}
	if !f.bypass {
		return nil, nil
	}
	return []lake.Bypass{{Reason: f.reason}}, nil
}

// checked is the RunE of a command with these flags: fn with their meaning.
func (f *storeFlags) checked(fn func(c *cobra.Command, args []string, o lake.StoreSettings) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		o, err := f.parse(c)
		if err != nil {
			return usage(fmt.Errorf("%s: %w", named(c), err), c.CommandPath()+" --help")
		}
		return fn(c, args, o)
	}
}

func (f *storeFlags) parse(c *cobra.Command) (o lake.StoreSettings, err error) {
	o.Name, o.Billing, o.Lock = f.name, lake.BillingMode(f.billing), lake.LockMode(f.lock)
	if f.format == "" {
		f.format = "table"
	}
	if !slices.Contains(inspectFormats(), f.format) {
		return o, fmt.Errorf("--format %q: %s", f.format, strings.Join(inspectFormats(), ", "))
	}
	if f.retention != "" {
		if o.RetentionDays, err = retentionDays(f.retention); err != nil {
			return o, err
		}
	}
	switch f.protection {
	case "":
	case "on", "off":
		on := f.protection == "on"
		o.TerminationProtection = &on
	default:
		return o, fmt.Errorf("--termination-protection %q: on or off", f.protection)
	}
	if c.Flags().Changed("selectors") {
		o.Selectors, err = readSelectors(f.selectors, f.inDir)
	}
	return o, err
}

var retentionText = regexp.MustCompile(`^([0-9]{1,5}) ?(|d|days?|y|years?)$`)

// retentionDays reads a retention period. Years are of 365.25 days, rounded up,
// which gives CloudTrail Lake's own numbers: 366, 1096, 2557, 3653.
func retentionDays(text string) (int, error) {
	m := retentionText.FindStringSubmatch(text)
	if m == nil || strings.Trim(m[1], "0") == "" {
		return 0, fmt.Errorf("--retention %q: days, such as 90 or 90d, or years, such as 7y", text)
	}
	n, _ := strconv.Atoi(m[1]) // five digits
	if strings.HasPrefix(m[2], "y") {
		n = daysOf(n)
	}
	return n, nil
}

// daysOf is how many days so many years are.
func daysOf(years int) int { return (years*1461 + 3) / 4 }

// period is a retention period as a person says it: in years too, where it has
// as many days as whole years have.
func period(days int) string {
	text := counted(int64(days), "day")
	if years := days * 4 / 1461; years > 0 && daysOf(years) == days {
		text = fmt.Sprintf("%s (%s)", counted(int64(years), "year"), text)
	}
	return text
}

func (a *app) storeCreateCommand() *cobra.Command {
	f := storeFlags{inDir: a.inDir}
	var family string
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Create an event data store",
		Long: `Create an event data store, and the lake if there is none. Its name has 3 to 128
letters, digits, '.', '_' and '-', is like no id and does not end in .conflicts;
it must be free, in any case. A store holds events of one family for ever:
CloudTrail's, or activity for those that do not come from AWS (tarn put --map).
The store is shown.

With --selectors it takes the events that CloudTrail's advanced event selectors
say, and imports count the others as filtered (docs/selectors.md). Without, it
takes every event.`,
		Example: `  tarn store create prod --format json
  tarn store create identity --family activity
  tarn store create scratch --retention 90d --termination-protection off
  tarn store create evidence --billing-mode FIXED_RETENTION_PRICING --lock governance
  tarn store create writes --selectors selectors.json`,
		Args: oneArg("name"),
		RunE: f.checked(func(c *cobra.Command, args []string, o lake.StoreSettings) error {
			o.Name = args[0]
			of := schemas.FamilyNamed(family)
			if of == nil {
				return usage(fmt.Errorf("store create: --family %q", family), "families: "+strings.Join(familyNames(), ", "))
			}
			if _, err := lake.PlanStore(of, o); err != nil {
				return err // before a lake is made for it
			}
			if done, err := a.elsewhere(c.Context(), a.args); done {
				return err
			}
			l, err := a.openOrCreate()
			if err != nil {
				return err
			}
			a.tellRemarks(o)
			st, err := l.CreateStoreWith(of, o)
			return a.changed(c.Context(), l, st, err, "made the event data store %s\n", f.format)
		}),
	}
	c.Flags().StringVar(&family, "family", schemas.CloudTrail().Name, "what its events are: "+strings.Join(familyNames(), ", "))
	f.settings(c)
	return c
}

// familyNames are the names of the schema families.
func familyNames() (names []string) {
	for _, f := range schemas.Families() {
		names = append(names, f.Name)
	}
	return names
}

func (a *app) storeUpdateCommand() *cobra.Command {
	f := storeFlags{inDir: a.inDir}
	c := &cobra.Command{
		Use:   "update STORE",
		Short: "Change an event data store's name, retention period, protection, lock or selectors",
		Long: `Change the name, the retention period, the termination protection, the lock, the
billing mode or the event selectors of an event data store. A longer retention
period counts at once. A shorter one removes nothing by itself, but what it makes
due goes when the retention is applied the next time; a store that is locked keeps
its protection (--bypass-governance, where the lock is governance; what is locked in
compliance mode stays so for ever). Billing goes from fixed to extendable only, and other selectors touch nothing that is stored: import the same files
again, and those of which the selectors before left something out are read
again. The store is shown as it is then.`,
		Example: `  tarn store update prod --retention 10y
  tarn store update prod --billing-mode EXTENDABLE_RETENTION_PRICING --lock governance
  tarn store update prod --retention 7y --bypass-governance --reason "agreed with legal on 2026-10-01"
  tarn store update prod --lock none --bypass-governance --reason "moved to another lake"
  tarn store update prod --selectors selectors.json
  tarn store update prod --selectors "[]"
  tarn store update prod --name prod-2025 --termination-protection off --format json`,
		Args: oneArg("event data store"),
		RunE: f.checked(func(c *cobra.Command, args []string, o lake.StoreSettings) error {
			if o == (lake.StoreSettings{}) {
				return usage(errors.New("store update: nothing to change"),
					"tarn store update "+args[0]+" --retention 7y, or --name NAME, --termination-protection off, --lock governance, --selectors FILE")
			}
			allow, err := f.allowed(c)
			if err != nil {
				return err
			}
			if done, err := a.elsewhere(c.Context(), a.args); done {
				return err
			}
			l, err := a.open()
			if err != nil {
				return err
			}
			a.tellRemarks(o)
			st, err := l.UpdateStore(args[0], o, allow...)
			return a.changed(c.Context(), l, st, err, "changed the event data store %s\n", f.format)
		}),
	}
	f.bypassing(c)
	c.Flags().StringVar(&f.name, "name", "", "a new name; the old one is free then")
	f.settings(c)
	return c
}

func (a *app) storeDeleteCommand() *cobra.Command {
	var f storeFlags
	var yes bool
	c := &cobra.Command{
		Use:   "delete STORE",
		Short: "Delete an event data store; it can be restored for seven days",
		Long: `Delete an event data store. For seven days it is pending deletion: it takes no
events, answers no queries, keeps its name, and tarn store restore brings it
back with all its events. Then it is not there any more and its name is free;
its events expire when the retention is applied the next time (tarn retention).

Termination protection must be off, and no legal hold may stand on it. One that is
locked in governance mode wants --bypass-governance; in compliance mode it cannot
be deleted. At a terminal you are asked; elsewhere
--yes says that you mean it.`,
		Example: `  tarn store update prod --termination-protection off
  tarn store delete prod
  tarn store delete prod --yes --bypass-governance --reason "moved to another lake"`,
		Args: oneArg("event data store"),
		RunE: f.checked(func(c *cobra.Command, args []string, _ lake.StoreSettings) error {
			allow, err := f.allowed(c)
			if err != nil {
				return err
			}
			return a.deleteStore(c.Context(), args[0], yes, allow)
		}),
	}
	f.bypassing(c)
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

func (a *app) deleteStore(ctx context.Context, ref string, yes bool, allow []lake.Bypass) error {
	// Asked before the lake is locked: an answer may take long.
	var id string
	err := a.read(func(snap *lake.Snapshot) error {
		st, err := snap.Store(ref)
		if err == nil {
			err = st.Deletable()
		}
		if err == nil && !yes {
			err = a.confirmDelete(snap, st)
		}
		id = st.ID
		return err
	})
	if err != nil {
		return fmt.Errorf("store delete: %w", err)
	}
	args := []string{"store", "delete", id, "--yes"}
	for _, b := range allow {
		args = append(args, "--bypass-governance", "--reason", b.Reason)
	}
	if done, err := a.elsewhere(ctx, args); done {
		return err
	}
	l, err := a.open()
	if err != nil {
		return err
	}
	st, err := l.DeleteStore(id, allow...)
	if err = errors.Join(err, a.close(l, err)); err != nil {
		return err
	}
	fmt.Fprintf(a.err, "the event data store %s is pending deletion until %s; until then it comes back with: tarn store restore %s\n",
		st.Name, st.RestorableUntil().Format(time.RFC3339), st.Name)
	return nil
}

// errDeclined means that somebody was asked and did not agree.
var errDeclined = errors.New("not confirmed; nothing was deleted")

func (a *app) confirmDelete(snap *lake.Snapshot, st lake.Store) error {
	if in, ok := a.in.(*os.File); !ok || !term.IsTerminal(int(in.Fd())) {
		return usage(errors.New("nobody is there to be asked"), "if you mean it: tarn store delete "+st.Name+" --yes")
	}
	h := holdingOf(snap, st)
	fmt.Fprintf(a.err, "Delete the event data store %s with %s? It can be restored for %d days. [y/N] ",
		st.Name, counted(h.events, "event"), lake.PendingDays)
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errDeclined
}

func (a *app) storeRestoreCommand() *cobra.Command {
	return a.storeActCommand(&cobra.Command{
		Use:     "restore STORE",
		Short:   "Bring back an event data store that is pending deletion",
		Long:    "Bring back an event data store that is pending deletion, with all its events and\nsettings. The store is shown.",
		Example: "  tarn store restore prod\n  tarn store restore prod --format json",
	}, "restored the event data store %s\n", (*lake.Lake).RestoreStore)
}

const ingestionHelp = `Say whether an event data store takes live events: those of tarn put, and those that
come over the network. Imports and queries work either way. The store is shown.`

func (a *app) storeStopIngestionCommand() *cobra.Command {
	return a.storeActCommand(&cobra.Command{
		Use:     "stop-ingestion STORE",
		Short:   "Let an event data store take no live events any more",
		Long:    ingestionHelp,
		Example: "  tarn store stop-ingestion prod\n  tarn store stop-ingestion prod --format json",
	}, "the event data store %s takes no live events\n", ingestion(false))
}

func (a *app) storeStartIngestionCommand() *cobra.Command {
	return a.storeActCommand(&cobra.Command{
		Use:     "start-ingestion STORE",
		Short:   "Let an event data store take live events again",
		Long:    ingestionHelp,
		Example: "  tarn store start-ingestion prod\n  tarn store start-ingestion prod --format json",
	}, "the event data store %s takes live events\n", ingestion(true))
}

func ingestion(on bool) func(*lake.Lake, string) (lake.Store, error) {
	return func(l *lake.Lake, ref string) (lake.Store, error) {
		return l.UpdateStore(ref, lake.StoreSettings{Ingestion: &on})
	}
}

// storeActCommand makes a command of c that does something to a store, of which there
// is nothing more to say, and shows the store.
func (a *app) storeActCommand(c *cobra.Command, said string, act func(*lake.Lake, string) (lake.Store, error)) *cobra.Command {
	var f storeFlags
	c.Args = oneArg("event data store")
	c.RunE = f.checked(func(c *cobra.Command, args []string, _ lake.StoreSettings) error {
		if done, err := a.elsewhere(c.Context(), a.args); done {
			return err
		}
		l, err := a.open()
		if err != nil {
			return err
		}
		st, err := act(l, args[0])
		return a.changed(c.Context(), l, st, err, said, f.format)
	})
	f.output(c)
	return c
}

// changed ends a command that changed a store: it says so, shows the store and
// closes the lake.
func (a *app) changed(ctx context.Context, l *lake.Lake, st lake.Store, err error, said, format string) error {
	if err == nil {
		fmt.Fprintf(a.err, said, st.Name)
		snap := l.Snapshot()
		err = a.showStore(ctx, snap, st, format)
		snap.Release()
	}
	return errors.Join(err, a.close(l, err))
}
