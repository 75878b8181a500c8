package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/internal/hint"
	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/query/result"
	"tarn/server/access"
)

func (a *app) accessCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "access",
		Short: "Say who may come in over the network: create, list and revoke access keys and tokens",
		Long: `Say who may come in over the network, where tarn serve --listen listens. Nobody
may without an access key or a token. An access key is an id and a secret: AWS
SDKs sign with it, curl sends it with -u ID:SECRET. A token is sent as it is, in
the header Authorization: Bearer.

A role says what somebody may do: admin everything; auditor ask questions, see
the log and proofs; reader ask questions; ingester put events in and see none;
monitor see the metrics alone.
--store limits it to some event data stores.

Secrets are kept sealed in state.db, with a key in your configuration folder; of
tokens only a hash is kept.

EXIT STATUS
  0 done, 1 failed, 2 wrong usage, 10 no lake or store, 11 lake in use by another
  process`,
		Example: `  tarn access create alice --role reader --store cloudtrail
  tarn access list`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.accessCreateCommand(), a.accessListCommand(), a.accessRevokeCommand())
	return c
}

// accessFlags are what can be said of a credential.
type accessFlags struct {
	role, expires, format string
	stores                []string
	token                 bool
}

func (a *app) accessCreateCommand() *cobra.Command {
	var f accessFlags
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Create an access key, or a token, for somebody",
		Long: `Create an access key, or with --token a token, for whom NAME says. The secret is
shown this once, on standard output: pass it on by a way that you trust.`,
		Example: `  tarn access create alice --role reader --store cloudtrail --expires 90d
  tarn access create collector --role ingester --token --format json`,
		Args: oneArg("name"),
		RunE: func(c *cobra.Command, args []string) error {
			// "$STORE" of a variable that is not set would be a credential for all stores.
			if c.Flags().Changed("store") && len(f.stores) == 0 || c.Flags().Changed("expires") && f.expires == "" {
				return usage(errors.New("access create: --store or --expires is empty"), "leave it out for all stores, or for no end")
			}
			return a.createAccess(c.Context(), args[0], f)
		},
	}
	c.Flags().StringVar(&f.role, "role", "", "what they may do: admin, ingester, reader, auditor or monitor")
	c.Flags().StringSliceVar(&f.stores, "store", nil, "event data store with which they may do it; again for more (without: all)")
	c.Flags().StringVar(&f.expires, "expires", "", "when it ends: after so many days, such as 90d (without: never)")
	c.Flags().BoolVar(&f.token, "token", false, "make a token in place of an access key")
	c.Flags().StringVar(&f.format, "format", "", "table, json, ndjson or csv")
	return c
}

func (a *app) createAccess(ctx context.Context, name string, f accessFlags) error {
	role, err := access.ParseRole(f.role)
	if err != nil {
		return usage(fmt.Errorf("access create: %w", err), "tarn access create "+name+" --role reader")
	}
	n := access.New{Kind: access.Key, Name: name, Role: role}
	if f.token {
		n.Kind = access.Token
	}
	if f.expires != "" {
		days, err := retentionDays(f.expires)
		if err != nil {
			return usage(fmt.Errorf("access create: --expires %q: days, such as 90d, or years, such as 1y", f.expires))
		}
		n.Expires = time.Now().UTC().AddDate(0, 0, days)
	}
	format, err := rowFormat("access create", f.format)
	if err != nil {
		return err
	}
	if done, err := a.elsewhere(ctx, a.args); done {
		return err
	}
	return a.keeping(func(l *lake.Lake, db *statedb.DB, k *access.Keeper) error {
		for _, ref := range f.stores {
			st, err := l.Store(ref)
			if err != nil {
				return err
			}
			n.Stores = append(n.Stores, st.ID)
		}
		c, secret, err := k.Create(n)
		if err != nil {
			return err
		}
		return a.showCreated(ctx, c, secret, format)
	})
}

// keeping calls fn with the keeper of the lake's credentials, for writing.
func (a *app) keeping(fn func(*lake.Lake, *statedb.DB, *access.Keeper) error) (err error) {
	if err := a.keepsSeals(); err != nil {
		return err
	}
	l, err := a.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close(l, err)) }()
	db, done, err := a.state()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	k, err := keeperOf(l, db)
	if err != nil {
		return err
	}
	return fn(l, db, k)
}

// keepsSeals lets a process that gives up its rights write where the key is that seals
// secrets.
func (a *app) keepsSeals() error {
	path, err := access.SealFile("")
	if err != nil {
		return hint.Add(err, "set HOME or XDG_CONFIG_HOME")
	}
	a.writable = append(a.writable, filepath.Dir(path))
	return nil
}

func keeperOf(l *lake.Lake, db *statedb.DB) (*access.Keeper, error) {
	path, err := access.SealFile(l.ID())
	if err != nil {
		return nil, hint.Add(err, "set HOME or XDG_CONFIG_HOME")
	}
	return access.Open(db, path, nil)
}

// rowFormat checks the format of a list.
func rowFormat(command, format string) (string, error) {
	if format == "" {
		return "table", nil
	}
	if !slices.Contains(inspectFormats(), format) {
		return "", usage(fmt.Errorf("%s: --format %q", command, format), "formats: "+strings.Join(inspectFormats(), ", "))
	}
	return format, nil
}

func (a *app) showCreated(ctx context.Context, c statedb.Credential, secret, format string) error {
	if format == "table" {
		form := "access key id      %s\nsecret access key  %s\n"
		if access.Kind(c.Kind) == access.Token {
			form = "id     %s\ntoken  %s\n"
		}
		fmt.Fprintf(a.out, form, c.ID, secret)
		fmt.Fprintf(a.err, "the secret is not shown again; %s has the role %s\n", c.Name, c.Role)
		return nil
	}
	r := newRows("AccessKeyId", "SecretAccessKey", "Kind", "Name", "Role", "Stores[]")
	r.add(c.ID, secret, c.Kind, c.Name, c.Role, c.Stores)
	return r.write(ctx, a.out, format, result.Options{})
}

func (a *app) accessListCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the access keys and tokens, without their secrets",
		Long: `List the access keys and tokens, without their secrets: whose they are, what they
may do, and whether they have ended.`,
		Example: "  tarn access list\n  tarn access list --format json",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.listAccess(c.Context(), format) },
	}
	c.Flags().StringVar(&format, "format", "", "table, json, ndjson or csv")
	return c
}

func (a *app) listAccess(ctx context.Context, format string) error {
	format, err := rowFormat("access list", format)
	if err != nil {
		return err
	}
	return a.read(func(snap *lake.Snapshot) error {
		db, err := statedb.View(lake.StateOf(a.lakeDir))
		if err != nil {
			return err
		}
		defer db.Close()
		all, err := db.Credentials()
		if err != nil {
			return err
		}
		r := newRows("id", "name", "kind", "role", "stores[]", "created", "status", "ends", "by")
		for _, c := range all {
			status, ends := stateOf(c, time.Now())
			r.add(c.ID, c.Name, c.Kind, c.Role, namesOf(snap, c.Stores), c.Created, status, ends, c.By)
		}
		width, _ := terminal(a.out)
		return r.write(ctx, a.out, format, result.Options{Width: width, Message: a.err, Expand: result.ExpandWide})
	})
}

// stateOf says whether a credential is of use, and when that ended or ends.
func stateOf(c statedb.Credential, now time.Time) (status string, ends any) {
	switch {
	case !c.Revoked.IsZero():
		return "revoked", c.Revoked
	case c.Expires.IsZero():
		return "active", nil
	case !now.Before(c.Expires):
		return "expired", c.Expires
	}
	return "active", c.Expires
}

// namesOf are the names of stores; of one that is gone, its id.
func namesOf(snap *lake.Snapshot, ids []string) []string {
	var names []string
	for _, id := range ids {
		if st, err := snap.Store(id); err == nil {
			id = st.Name
		}
		names = append(names, id)
	}
	return names
}

func (a *app) accessRevokeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID",
		Short: "Revoke an access key or a token, at once and for good",
		Long: `Revoke an access key or a token, at once and for good: what could prove it is
forgotten. It stays in the list. Statements that run go on.`,
		Example: "  tarn access revoke TARNEXAMPLEKEY000001",
		Args:    oneArg("id of an access key or token"),
		RunE: func(c *cobra.Command, args []string) error {
			if done, err := a.elsewhere(c.Context(), a.args); done {
				return err
			}
			return a.keeping(func(_ *lake.Lake, db *statedb.DB, _ *access.Keeper) error {
				if err := db.RevokeCredential(args[0], time.Now()); err != nil {
					return hint.Add(err, "tarn access list")
				}
				fmt.Fprintln(a.err, "revoked "+args[0])
				return nil
			})
		},
	}
}
