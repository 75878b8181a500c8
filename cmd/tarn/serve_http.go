package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"tarn/lake/statedb"
	"tarn/query"
	"tarn/query/jobs"
	"tarn/server"
	"tarn/server/access"
	"tarn/server/cloudtrail"
)

// listenFlags say where to listen, and with what certificate.
type listenFlags struct{ address, cert, key string }

func (f *listenFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.address, "listen", "", "answer SQL over HTTP at this address, such as 127.0.0.1:8276 (without: at none)")
	c.Flags().StringVar(&f.cert, "tls-cert", "", "file of the certificate, and of those that vouch for it, as PEM")
	c.Flags().StringVar(&f.key, "tls-key", "", "file of the certificate's key, as PEM")
}

// tls returns the certificate, nil for none.
func (f *listenFlags) tls() (*tls.Config, error) {
	if f.cert == "" && f.key == "" {
		return nil, nil
	}
	if f.cert == "" || f.key == "" || f.address == "" {
		return nil, usage(errors.New("serve: --tls-cert, --tls-key and --listen belong together"))
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, usage(fmt.Errorf("serve: the certificate: %w", err))
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// face is what answers over HTTP; the zero value is none.
type face struct {
	*server.Server
	listener net.Listener
	jobs     *jobs.Jobs
}

// face begins to listen, if that is wanted.
func (a *app) face(h *host, address string, secure *tls.Config) (face, error) {
	if address == "" {
		return face{}, nil
	}
	keeper, err := keeperOf(h.lake, h.state)
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
	f := face{Server: &server.Server{Lake: h.lake, Access: keeper, API: &cloudtrail.API{Lake: h.lake}, Log: h.log}}
	if f.Engine, err = query.Open(o); err != nil {
		return face{}, err
	}
	if f.jobs, err = a.jobs(h, f.Engine); err != nil {
		return face{}, errors.Join(err, f.Engine.Close())
	}
	f.API.Jobs = f.jobs
	if f.listener, err = server.Listen(address, secure); err != nil {
		return face{}, errors.Join(err, f.jobs.Close(), f.Engine.Close())
	}
	h.log.Info().Str("address", f.listener.Addr().String()).Bool("tls", secure != nil).Msg("answering SQL over HTTP")
	return f, a.firstAdmin(h, keeper)
}

func (f face) serve(ctx context.Context) error {
	if f.Server == nil {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return f.jobs.Run(ctx) })
	g.Go(func() error { return f.Serve(ctx, f.listener) })
	return g.Wait()
}

// jobs are the queries that run by themselves.
func (a *app) jobs(h *host, engine *query.Engine) (*jobs.Jobs, error) {
	return jobs.Open(jobs.Options{Lake: a.lakeDir, State: h.state, Engine: engine, Warn: func(err error) {
		h.log.Error().Err(err).Msg("a query that runs by itself")
	}})
}

func (f face) close() error {
	if f.Server == nil {
		return nil
	}
	return errors.Join(f.jobs.Close(), f.Engine.Close())
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
