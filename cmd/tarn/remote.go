package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tarn/lake"
	"tarn/query"
	"tarn/server"
	"tarn/server/access"
	"tarn/server/fault"
	"tarn/server/remote"
)

// caller is who has a command run in the server over the network, and what that lends.
type caller struct {
	access.Principal
	engine *query.Engine // in a sandbox
	// written are the files that the command was told to write.
	written []string
	refused error // why it is not run, if somebody may not
}

// commandDir is where those commands have their folders, within the lake's.
const commandDir = "local/commands"

// remotely runs command lines of those who come over the network.
type remotely struct {
	*app
	host   *host
	engine *query.Engine
}

// Run is server.Commands's.
func (r remotely) Run(ctx context.Context, c server.Command) (code int, written []string) {
	by := lake.By{UID: self().UID, User: c.Who.ID}
	who := &caller{Principal: c.Who, engine: r.engine}
	g := &app{
		process: process{c.In, screenOf{c.Out, c.Order.Out}, screenOf{c.Err, c.Order.Err}, r.getenv}, args: c.Order.Args,
		guest: &guest{host: r.host, lake: r.host.lake.As(by), dir: c.Dir, settings: r.lends(c.Order.Settings), who: who},
	}
	r.host.log.Info().Str("access_key", c.Who.ID).Str("client", c.Order.Version).Msg("command")
	code = g.run(ctx)
	act := g.act(by, g.failure)
	c.Act.Name, c.Act.Request, c.Act.Changes = act.Name, withoutFolder(act.Request, c.Dir), remoteCommands()[g.command].changes
	c.Act.Code, c.Act.Message = act.Code, strings.ReplaceAll(act.Message, c.Dir+"/", "")
	r.host.log.Info().Str("access_key", c.Who.ID).Str("command", g.command).Int("exit_code", code).Msg("command done")
	if who.refused != nil {
		return code, nil
	}
	return code, who.written
}

// withoutFolder is what was asked without the folder that was made for it.
func withoutFolder(asked any, dir string) any {
	if one, ok := asked.(commandAsked); ok && one.Dir == dir {
		one.Dir = ""
		return one
	}
	return asked
}

// screenOf is an output that a terminal elsewhere shows.
type screenOf struct {
	w io.Writer
	// columns are 0 where it is no terminal.
	columns int
}

// Write is io.Writer's.
func (s screenOf) Write(b []byte) (int, error) { return s.w.Write(b) }

// lends are the settings of a command from elsewhere: the server's own, but for those
// that are about the one who asks.
func (r remotely) lends(theirs map[string]string) map[string]decided {
	all := maps.Clone(r.config.values)
	maps.DeleteFunc(all, func(name string, _ decided) bool {
		return slices.Contains([]string{"lake", "key", "store", "format", "pager", "history", "log-level", "audit"}, name)
	})
	for _, name := range sentSettings() {
		if value, ok := theirs[name]; ok {
			all[name] = decided{value, "the client's settings"}
		}
	}
	return all
}

// sentSettings are the settings of a client that go to a server: no others are taken.
func sentSettings() []string { return []string{"store", "format"} }

// admitCaller refuses to run in the server what is not for who asks, and what would read
// or write there by a name of theirs.
func (a *app) admitCaller(c *cobra.Command) (err error) {
	who := a.guest.who
	defer func() { who.refused = err }()
	one, ok := remoteCommands()[named(c)]
	if !ok {
		return usage(fmt.Errorf("%s runs on the machine that has the lake", named(c)), "docs/remote.md tells which commands an endpoint runs")
	}
	if err := one.flagsOf(c, who); err != nil {
		return err
	}
	if one.args == argFiles {
		for _, name := range c.Flags().Args() {
			if name != screen && !remote.IsLocal(name) {
				return elsewhereFile(c, name)
			}
		}
	}
	if one.args == argTree && !slices.Equal(c.Flags().Args(), []string{screen}) && !slices.Contains(a.given, "--failures=true") {
		return usage(fmt.Errorf("%s takes standard input alone from elsewhere", named(c)))
	}
	who.Principal = who.Doing(operationNames[named(c)])
	return a.mayRun(c, one)
}

func elsewhereFile(c *cobra.Command, name string) error {
	return usage(fmt.Errorf("%s: %q is no file that came along", named(c), name))
}

// flagsOf checks the flags of a command from elsewhere, and notes the files that it is to
// write.
func (one remoteCommand) flagsOf(c *cobra.Command, who *caller) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		values := valuesOf(f)
		switch {
		case err != nil || slices.Contains(one.flags, f.Name):
		case slices.Contains(one.in, f.Name), slices.Contains(one.out, f.Name):
			for _, name := range values {
				if name == screen || name == "" || inline(f.Name, name) {
					continue
				}
				if !remote.IsLocal(name) {
					err = elsewhereFile(c, name)
				} else if slices.Contains(one.out, f.Name) {
					who.written = append(who.written, name)
				}
			}
		default:
			err = usage(fmt.Errorf("%s: --%s is for the machine that has the lake", named(c), f.Name))
		}
	})
	return err
}

// valuesOf are a flag's values, one for each time that it was given.
func valuesOf(f *pflag.Flag) []string {
	if many, ok := f.Value.(pflag.SliceValue); ok {
		return many.GetSlice()
	}
	return []string{f.Value.String()}
}

// inline reports whether a flag that takes files has a value that is none.
func inline(flag, value string) bool {
	switch flag {
	case "selectors": // a JSON array
		return strings.HasPrefix(strings.TrimSpace(value), "[")
	case "map": // a name of one that is built in
		return !strings.ContainsAny(value, `/\`) && !strings.HasSuffix(value, ".json")
	}
	return false
}

// mayRun refuses what somebody may not do by their role, and by the event data stores
// that they have it for.
func (a *app) mayRun(c *cobra.Command, one remoteCommand) error {
	who := a.guest.who
	act := one.act
	if f := c.Flags().Lookup("failures"); f != nil && f.Changed {
		act = access.Audit // the rejected records themselves
	}
	if err := who.MayAtAll(act); err != nil {
		return err
	}
	switch {
	case act == access.Query: // the snapshot has no other stores
		return nil
	case act == access.Ingest && len(who.Stores) > 0:
		return a.mayPut(c)
	case len(who.Stores) > 0:
		return fault.New(fault.Denied, "%s is about the whole lake, and %s is for some event data stores alone", named(c), who.ID)
	}
	return nil
}

// mayPut refuses to put events into an event data store that somebody may not put into,
// or that is not there yet.
func (a *app) mayPut(c *cobra.Command) error {
	name := a.config.get("store")
	if f := c.Flags().Lookup("store"); f != nil {
		name = f.Value.String()
	}
	st, err := a.guest.lake.Store(name)
	if err == nil && a.guest.who.MayWith(access.Ingest, st) {
		return nil
	}
	if err != nil && !errors.Is(err, lake.ErrStoreNotFound) {
		return err
	}
	return fault.New(fault.Denied, "%s may not put events into %s", a.guest.who.ID, name)
}

// sees is the snapshot that a guest may see.
func (g *guest) sees(snap *lake.Snapshot, act access.Act) *lake.Snapshot {
	if g.who == nil {
		return snap
	}
	return snap.Only(func(st lake.Store) bool { return g.who.MayWith(act, st) })
}
