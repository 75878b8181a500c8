package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"tarn/internal/hint"
	"tarn/internal/s3"
	"tarn/lake/statedb"
	"tarn/query"
	"tarn/query/jobs"
	"tarn/server"
	"tarn/server/access"
	"tarn/server/cloudtrail"
	"tarn/server/delivery"
	"tarn/server/imports"
	"tarn/server/policy"
)

// listenFlags say where to listen, and with what certificate.
type listenFlags struct {
	address, cert, key, clients string
	selfSigned                  bool
	limits                      server.Limits // of each credential
	buckets, results            []string

	folders, resultFolders map[string]string // of these, by name; check finds them
}

// usualAddress is where a server listens, and nowhere says that it listens at none.
const (
	usualAddress = "127.0.0.1:8276"
	nowhere      = "off"
)

func (f *listenFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.address, "listen", usualAddress, "answer over HTTP at this address; off for none")
	c.Flags().StringVar(&f.cert, "tls-cert", "", "file of the certificate, and of those that vouch for it, as PEM")
	c.Flags().StringVar(&f.key, "tls-key", "", "file of the certificate's key, as PEM")
	c.Flags().BoolVar(&f.selfSigned, "tls-self-signed", false, "speak TLS with a certificate that signs itself; it is made at the first start")
	c.Flags().IntVar(&f.limits.PerSecond, "limit-per-second", 2000, "requests a second of one access key or token; 0 for no limit")
	c.Flags().IntVar(&f.limits.AtOnce, "limit-at-once", 500, "requests of one access key or token that are answered at a time; 0 for no limit")
	c.Flags().StringArrayVar(&f.buckets, "bucket", nil, "NAME: StartImport reads the bucket s3://NAME, or with NAME=FOLDER that folder; several times for several")
	c.Flags().StringArrayVar(&f.results, "results-bucket", nil, "NAME: StartQuery brings results into the bucket s3://NAME, or with NAME=FOLDER into that folder; several times for several")
	c.Flags().StringVar(&f.clients, "tls-client-ca", "", "file of who vouches for clients, as PEM: they need a certificate too")
}

// check refuses flags that do not belong together.
func (f *listenFlags) check() error {
	switch {
	case (f.cert == "") != (f.key == ""):
		return usage(errors.New("serve: --tls-cert and --tls-key belong together"))
	case f.cert != "" && f.selfSigned:
		return usage(errors.New("serve: --tls-self-signed makes a certificate, and --tls-cert is one"), "leave out one of them")
	case f.clients != "" && f.cert == "" && !f.selfSigned:
		return usage(errors.New("serve: --tls-client-ca is for TLS"), "give the server a certificate: --tls-cert and --tls-key, or --tls-self-signed")
	case f.address == nowhere && (f.cert != "" || f.selfSigned):
		return usage(errors.New("serve: --listen off needs no certificate"))
	case f.limits.PerSecond < 0 || f.limits.AtOnce < 0:
		return usage(errors.New("serve: a limit is less than nothing"), "0 is for no limit")
	case f.address == "":
		return usage(errors.New("serve: --listen is empty"), "an address such as "+usualAddress+", or off")
	}
	var err error
	if f.folders, err = folders("--bucket", f.buckets); err == nil {
		f.resultFolders, err = folders("--results-bucket", f.results)
	}
	return err
}

// bucketName is what S3 lets a bucket be called.
var bucketName = regexp.MustCompile(`^[a-z0-9][-.a-z0-9]{1,61}[a-z0-9]$`)

// folders are those that stand for buckets, by the names of these; empty for a bucket
// without.
func folders(flag string, given []string) (map[string]string, error) {
	all := map[string]string{}
	for _, text := range given {
		name, folder, with := strings.Cut(text, "=")
		if _, twice := all[name]; twice || !bucketName.MatchString(name) || folder == "" && with {
			return nil, usage(fmt.Errorf("serve: %s %q", flag, text), "NAME or NAME=FOLDER, each name once, as S3 lets buckets be called: small letters, digits, dots and hyphens")
		}
		if !with {
			all[name] = ""
			continue
		}
		dir, err := filepath.Abs(folder)
		if err == nil {
			_, err = os.ReadDir(dir)
		}
		if err != nil {
			return nil, fmt.Errorf("serve: %s %s: %w", flag, name, err)
		}
		all[name] = dir
	}
	return all, nil
}

// resultPlaces are the folders into which results are brought.
func (f *listenFlags) resultPlaces() []string {
	return slices.DeleteFunc(slices.Collect(maps.Values(f.resultFolders)), func(dir string) bool { return dir == "" })
}

// face is what answers over HTTP; the zero value is none.
type face struct {
	*server.Server
	listener net.Listener
	jobs     *jobs.Jobs
	secured  *secured
}

// face begins to listen, if that is wanted.
func (a *app) face(h *host, flags listenFlags) (face, error) {
	if flags.address == nowhere {
		return face{}, nil
	}
	keeper, err := keeperOf(h.lake, h.state)
	if err != nil {
		return face{}, err
	}
	tls, err := flags.secured(h.lake.ID())
	if err != nil {
		return face{}, err
	}
	o, err := a.queryLimits()
	if err != nil {
		return face{}, err
	}
	for _, w := range query.Walls() {
		if !w.Holds {
			h.log.Warn().Str("wall", w.What).Str("missing", w.Missing).Msg("the sandbox is not complete")
		}
	}
	o.Sandbox = &query.Sandbox{}
	channels, err := cloudtrail.OpenChannels(h.state)
	if err != nil {
		return face{}, err
	}
	policies, err := policy.Open(h.state)
	if err != nil {
		return face{}, err
	}
	courier, err := a.resultCourier(h, flags.resultFolders, delivery.NewKeys(h.state, keeper))
	if err != nil {
		return face{}, err
	}
	importer, err := a.importer(h, flags.folders)
	if err != nil {
		return face{}, err
	}
	f := face{secured: tls, Server: &server.Server{Lake: h.lake, Access: keeper, API: &cloudtrail.API{Lake: h.lake, State: h.state, Policies: policies, Channels: channels, Imports: importer, Courier: courier}, Audit: h.audit, Log: h.log, Limits: flags.limits, Follows: h.follows}}
	if f.Engine, err = query.Open(o); err != nil {
		return face{}, err
	}
	if f.jobs, err = a.jobs(h, f.Engine, courier); err != nil {
		return face{}, errors.Join(err, f.Engine.Close())
	}
	f.API.Engine, f.API.Jobs = f.Engine, f.jobs
	f.Commands, f.CommandDir = remotely{a, h, f.Engine}, filepath.Join(a.lakeDir, commandDir)
	if err := os.RemoveAll(f.CommandDir); err != nil { // of a server that did not end
		return face{}, errors.Join(err, f.jobs.Close(), f.Engine.Close())
	}
	if f.listener, err = server.Listen(flags.address, tls.config()); err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			err = hint.Add(err, "another server is there: choose another address with --listen, or --listen off")
		}
		return face{}, errors.Join(err, f.jobs.Close(), f.Engine.Close())
	}
	said := h.log.Info().Str("address", f.listener.Addr().String()).Bool("tls", tls != nil)
	if tls != nil {
		said = said.Str("certificate", tls.cert).Str("sha256", tls.fingerprint())
	}
	said.Msg("answering over HTTP")
	return f, a.firstAdmin(h, keeper)
}

// resultCourier brings results into the folders and buckets that were given.
func (a *app) resultCourier(h *host, to map[string]string, keys *delivery.Keys) (*delivery.Courier, error) {
	c := &delivery.Courier{Buckets: to, Keys: keys, Warn: func(err error) { h.log.Error().Err(err).Msg("results") }}
	var err error
	c.S3, err = a.doorTo(to)
	return c, err
}

// doorTo is the door to S3, if one of the buckets is no folder.
func (a *app) doorTo(buckets map[string]string) (*s3.Client, error) {
	if !slices.Contains(slices.Collect(maps.Values(buckets)), "") {
		return nil, nil
	}
	return a.openS3(context.Background()) // it is asked as long as the server runs
}

func (f face) serve(ctx context.Context) error {
	if f.Server == nil {
		return nil
	}
	rest := inBackground(context.WithoutCancel(ctx), f.API.Channels.Run) // to the end of the last request
	sweep := inBackground(ctx, f.jobs.Run)
	err := f.Serve(ctx, f.listener)
	return errors.Join(err, rest(), sweep())
}

// importer runs the imports of the buckets that were given.
func (a *app) importer(h *host, buckets map[string]string) (*imports.Imports, error) {
	if len(buckets) > 0 {
		boundMemory(a.getenv)
	}
	door, err := a.doorTo(buckets)
	if err != nil {
		return nil, err
	}
	return imports.New(imports.Options{Lake: h.lake, State: h.state, Buckets: buckets, S3: door, Keys: a.keySource(), Warn: func(err error) {
		h.log.Error().Err(err).Msg("an import")
	}}), nil
}

// jobs are the queries that run by themselves.
func (a *app) jobs(h *host, engine *query.Engine, courier *delivery.Courier) (*jobs.Jobs, error) {
	return jobs.Open(jobs.Options{Lake: a.lakeDir, State: h.state, Engine: engine, Deliver: courier.Deliver, Warn: func(err error) {
		h.log.Error().Err(err).Msg("a query that runs by itself")
	}})
}

func (f face) close() error {
	if f.Server == nil {
		return nil
	}
	return errors.Join(f.API.Imports.Close(), f.jobs.Close(), f.Engine.Close())
}

// firstAdmin makes an access key where nobody has any, if somebody is there to see
// it: a secret does not go into a log.
func (a *app) firstAdmin(h *host, k *access.Keeper) error {
	all, err := h.state.Credentials()
	if err != nil || slices.ContainsFunc(all, func(c statedb.Credential) bool { return c.Revoked.IsZero() }) {
		return err
	}
	if _, live := terminal(a.out); !live {
		h.log.Warn().Msg("nobody can come in yet; make an access key with: tarn access create NAME --role admin")
		return nil
	}
	c, secret, err := k.Create(access.New{Kind: access.Key, Name: "admin", Role: access.Admin})
	if err == nil {
		_, err = fmt.Fprintf(a.out, "the first access key, for an admin; it is shown this once:\n  access key id      %s\n  secret access key  %s\n", c.ID, secret)
	}
	return err
}
