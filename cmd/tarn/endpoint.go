package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tarn/internal/hint"
	"tarn/internal/s3"
	"tarn/server/remote"
	"tarn/server/sigv4"
)

// endpoint is the URL of the server that has the lake, empty where a folder has it.
func (a *app) endpoint() string {
	if a.guest != nil || !a.config.given("endpoint") && a.config.given("lake") {
		return ""
	}
	return a.config.get("endpoint")
}

// atEndpoint runs a command in the server at the endpoint, if the lake is to be there;
// the error is then never nil. A shell runs here, and asks there.
func (a *app) atEndpoint(c *cobra.Command, args []string) error {
	at := a.endpoint()
	if at == "" || slices.Contains(hereCommands(), named(c)) {
		return nil
	}
	if a.config.given("lake") {
		return usage(errors.New("--endpoint and --lake"), "the lake is in a folder, or at an endpoint")
	}
	if named(c) == "query" && a.wantsShell(len(args) > 0 || c.Flags().Changed("file") || c.Flags().Changed("sample")) {
		return nil
	}
	o, err := a.orderOf(c, args)
	if err != nil {
		return err
	}
	client, err := a.client(at)
	if err != nil {
		return err
	}
	if err := a.runThere(c.Context(), client, o, remote.Streams{In: o.in, Out: a.out, Err: a.err}); err != nil {
		return err
	}
	return elsewhereError(exitDone)
}

// runThere runs an order in the server of an endpoint. If that says no more than an exit
// code, it is an elsewhereError.
func (a *app) runThere(ctx context.Context, client *remote.Client, o *order, std remote.Streams) error {
	code, err := client.Run(ctx, o.Order, std, remote.Files{
		Open: func(name string) (io.ReadCloser, error) { return os.Open(o.paths[name]) },
		Save: o.save,
	})
	if _, live := terminal(a.err); live && err != nil {
		fmt.Fprint(a.err, "\r\x1b[K") // it may have ended in the middle of a line
	}
	if err == nil && code != exitDone {
		err = elsewhereError(code)
	} else if err != nil {
		err = refusedThere(strings.TrimSuffix(client.URL, remote.Path), err)
	}
	return err
}

// refusedThere is the error of a server that cannot be reached, or does not want to.
func refusedThere(at string, err error) error {
	var unknown x509.UnknownAuthorityError
	u, no := new(url.Error), new(remote.Refused)
	if errors.As(err, &u) {
		err = u.Err
	} else if !errors.As(err, &no) && !errors.Is(err, remote.ErrLost) {
		return err // a file of ours
	}
	switch {
	case errors.As(err, &unknown):
		err = hint.Add(err, "name who vouches for the server, or its own certificate: endpoint-ca, or TARN_ENDPOINT_CA")
	case errors.As(err, &no) && no.Status == http.StatusUnauthorized:
		err = hint.Add(err, "--access-key ID with the secret in TARN_SECRET_KEY, or a token in TARN_TOKEN; tarn access create makes them")
	}
	return fmt.Errorf("%s: %w", at, err)
}

// client is who asks the server at the endpoint.
func (a *app) client(at string) (*remote.Client, error) {
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" || u.User != nil {
		return nil, usage(fmt.Errorf("the endpoint %q is no URL of a server", at), "such as https://lake.example.com:8276")
	}
	if host := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (host == nil || !host.IsLoopback()) {
		return nil, usage(fmt.Errorf("%s would send everything in plain text", at), "https://, with a certificate at the server: tarn serve --tls-self-signed")
	}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, WriteBufferSize: 128 << 10, ReadBufferSize: 128 << 10,
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	if file := a.config.get("endpoint-ca"); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, usage(fmt.Errorf("endpoint-ca: %w", err))
		}
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(text) {
			return nil, usage(fmt.Errorf("endpoint-ca: %s has no certificate as PEM", file))
		}
	}
	sign, err := a.signs()
	return &remote.Client{URL: u.Scheme + "://" + u.Host + remote.Path, HTTP: &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, Sign: sign}, err
}

// signs says in requests who sends them.
func (a *app) signs() (func(*http.Request) error, error) {
	key, secret, token := a.config.get("access-key"), a.config.get("secret-key"), a.config.get("token")
	switch {
	case key != "" && secret != "":
		return func(r *http.Request) error {
			sigv4.Sign(r, sigv4.Unsigned, key, secret, "us-east-1", "tarn", time.Now())
			return nil
		}, nil
	case key != "":
		return nil, usage(fmt.Errorf("the access key %s has no secret", key), "it is TARN_SECRET_KEY, or secret-key in the configuration file")
	case token != "":
		return func(r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		}, nil
	}
	return nil, usage(errors.New("nobody is said to ask the endpoint"), "--access-key ID with the secret in TARN_SECRET_KEY, or a token in TARN_TOKEN; tarn access create makes them")
}

// order is a command line that is to run elsewhere.
type order struct {
	remote.Order
	in    io.Reader
	paths map[string]string // of files here, by their names there
}

// newOrder is the order to run a command, without flags and arguments.
func (a *app) newOrder(command string) *order {
	o := &order{in: a.in, paths: map[string]string{}}
	o.Version, o.Args, o.Settings = buildVersion(), strings.Fields(command), map[string]string{}
	o.Out, _ = terminal(a.out)
	o.Err, _ = terminal(a.err)
	return o
}

// orderOf is the command line as the server is to run it.
func (a *app) orderOf(c *cobra.Command, args []string) (*order, error) {
	one, ok := remoteCommands()[named(c)]
	if !ok {
		return nil, notThere(named(c))
	}
	o := a.newOrder(named(c))
	for _, name := range sentSettings() {
		if d, ok := a.config.values[name]; ok && !a.config.given(name) {
			o.Settings[name] = d.value
		}
	}
	var err error
	c.Flags().Visit(func(f *pflag.Flag) {
		if err == nil && c.InheritedFlags().Lookup(f.Name) == nil {
			err = o.flag(c, one, f)
		}
	})
	if err == nil {
		err = a.argsOf(c, one, o, args)
	}
	return o, err
}

// notThere is the error of what a server runs for nobody.
func notThere(what string) error {
	err := fmt.Errorf("%s does not run at an endpoint", what)
	if why := notRemote()[what]; why != "" {
		err = fmt.Errorf("%w: %s", err, why)
	}
	return usage(err, "run it on the machine that has the lake; docs/remote.md tells what runs at an endpoint")
}

// flag adds a flag that was given.
func (o *order) flag(c *cobra.Command, one remoteCommand, f *pflag.Flag) error {
	values := valuesOf(f)
	in, out := slices.Contains(one.in, f.Name), slices.Contains(one.out, f.Name)
	if !in && !out && !slices.Contains(one.flags, f.Name) {
		return notThere(named(c) + " --" + f.Name)
	}
	for _, value := range values {
		if (in || out) && value != screen && value != "" && !inline(f.Name, value) {
			var err error
			if value, err = o.name(value, in); err != nil {
				return err
			}
		}
		if f.Value.Type() == "stringSlice" { // which is read as CSV
			var line strings.Builder
			w := csv.NewWriter(&line)
			if err := w.Write([]string{value}); err != nil {
				return err
			}
			w.Flush()
			value = strings.TrimSuffix(line.String(), "\n")
		}
		o.Args = append(o.Args, "--"+f.Name+"="+value)
	}
	return nil
}

// name is what a file here is called there: the same, where that leads to no other place.
func (o *order) name(path string, read bool) (string, error) {
	if read {
		f, err := os.Open(path)
		if err != nil {
			return "", usage(err)
		}
		f.Close() // it is opened again when its turn has come
	}
	name := filepath.ToSlash(filepath.Clean(path))
	if !remote.IsLocal(name) {
		name = filepath.Base(path)
	}
	for taken := name; ; taken = "_" + taken {
		known, there := o.paths[taken]
		if there && known != path {
			continue
		}
		o.paths[taken] = path
		if read && !slices.Contains(o.Files, taken) {
			o.Files = append(o.Files, taken)
		}
		return taken, nil
	}
}

// save writes a file that the command wrote, where it was to be.
func (o *order) save(name string, write func(io.Writer) error) error {
	path, ok := o.paths[name]
	if !ok || slices.Contains(o.Files, name) {
		return fmt.Errorf("the server sends a file %q that nobody asked for", name)
	}
	return intoFile(path, write)
}

// argsOf adds the arguments.
func (a *app) argsOf(c *cobra.Command, one remoteCommand, o *order, args []string) error {
	switch {
	case one.args == argTree && !c.Flags().Changed("failures"):
		in, err := treeOf(args, a.in)
		if err != nil {
			return err
		}
		o.in, args = in, []string{screen}
	case one.args == argFiles:
		args = slices.Clone(args)
		for i, path := range args {
			if path != screen && !c.Flags().Changed("maps") {
				name, err := o.name(path, true)
				if err != nil {
					return err
				}
				args[i] = name
			}
		}
		if err := o.streamed(args); err != nil {
			return err
		}
	}
	o.Args = append(append(o.Args, "--"), args...)
	return nil
}

// streamed sends a single file on standard input that is too long to go along.
func (o *order) streamed(args []string) error {
	var all int64
	for _, name := range o.Files {
		st, err := os.Stat(o.paths[name])
		if err != nil {
			return usage(err)
		}
		all += st.Size()
	}
	if all <= remote.MostBytes {
		return nil
	}
	if len(args) != 1 || args[0] == screen || len(o.Files) != 1 {
		return usage(fmt.Errorf("the files have more than %d MiB together", remote.MostBytes>>20), "give one at a time")
	}
	f, err := os.Open(o.paths[args[0]])
	o.in, o.Files, args[0] = f, nil, screen
	return err
}

// treeOf are folders and files as what an import reads from standard input.
func treeOf(paths []string, in io.Reader) (io.Reader, error) {
	if len(paths) == 0 {
		return nil, usage(errors.New("import: no path given"), "name a folder or file: tarn import ./AWSLogs")
	}
	if slices.Equal(paths, []string{screen}) {
		if isTerminal(in) {
			return nil, usage(errors.New("import: standard input is a terminal"), "pipe something into it: tar c AWSLogs | tarn import -")
		}
		return in, nil
	}
	for _, path := range paths {
		if s3.IsURI(path) || path == screen {
			return nil, usage(fmt.Errorf("import: an endpoint takes folders and files of this machine, or standard input alone, and not %s", path),
				"of a bucket the server reads itself: tarn serve --bucket NAME and StartImport, or tarn follow add on its machine")
		}
		if isArchive(path) {
			if len(paths) > 1 {
				return nil, usage(fmt.Errorf("import: %s is an archive", path), "give archives to an endpoint one at a time")
			}
			return os.Open(path)
		}
		if _, err := os.Stat(path); err != nil {
			return nil, usage(fmt.Errorf("import: %w", err))
		}
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(packTree(w, paths)) }()
	return r, nil
}
