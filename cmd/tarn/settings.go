package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tarn/internal/hint"
	"tarn/internal/nearest"
	"tarn/internal/s3"
)

// setting is something that a user decides once: in the configuration file, in
// the environment, or with a flag. Later ones of these win over earlier ones.
type setting struct {
	name string // in the file
	env  string // the environment's variable
	flag string // the flag's name; empty if there is none
	what string
	path bool // a file or folder: relative to the configuration file's folder, ~ is home
	// usual is the value where nobody decides.
	usual string
}

// settings are all there are. The table in README.md is compared with it by a test.
func settings() []setting {
	return append([]setting{
		{"lake", "TARN_LAKE", "lake", "folder of the lake", true, "./tarn-lake"},
		{"endpoint", "TARN_ENDPOINT", "endpoint", "URL of a server that has the lake, in place of a folder", false, ""},
		{"access-key", "TARN_ACCESS_KEY", "access-key", "id of the access key for the endpoint", false, ""},
		{"secret-key", "TARN_SECRET_KEY", "", "secret of that access key", false, ""},
		{"token", "TARN_TOKEN", "", "token for the endpoint, in place of an access key", false, ""},
		{"endpoint-ca", "TARN_ENDPOINT_CA", "", "file of who vouches for the endpoint's certificate, as PEM", true, ""},
		{"store", "TARN_STORE", "store", "event data store of commands that name none", false, defaultStore},
		{"key", "TARN_KEY", "", "file of the lake's signing key", true, ""},
		{"format", "TARN_FORMAT", "format", "how answers are written: table, json, ndjson or csv; parquet and arrow are for --format", false, ""},
		{"pager", "TARN_PAGER", "", "program for long answers in the shell; off for none", false, ""},
		{"history", "TARN_HISTORY", "", "file of the shell's history; off for none", true, ""},
		{"threads", "TARN_THREADS", "", "threads of a query", false, ""},
		{"memory", "TARN_MEMORY", "", "memory of a query, such as 4GB", false, ""},
		{"controls", "TARN_CONTROLS", "controls", "folder with controls and packs of your own, for reports", true, ""},
		{"smtp", "TARN_SMTP", "", "who takes mail, such as smtps://tarn@mail.example.com:465; the password is TARN_SMTP_PASSWORD", false, ""},
		{"smtp-password-file", "TARN_SMTP_PASSWORD_FILE", "", "file of the password there", true, ""},
		{"mail-from", "TARN_MAIL_FROM", "", "whom mail with reports is from", false, ""},
		{"webhook-secret-file", "TARN_WEBHOOK_SECRET_FILE", "", "file of the secret that signs what goes to webhooks; or TARN_WEBHOOK_SECRET", true, ""},
		{"nats-creds", "TARN_NATS_CREDS", "", "file of credentials for NATS, for tarn follow", true, ""},
		{"cache", "TARN_CACHE", "", "folder for what is fetched from the bucket in which a lake lies", true, ""},
		{"cache-size", "TARN_CACHE_SIZE", "", "how much may lie there, such as 500MB or 20GB", false, "10GB"},
		{"audit", "TARN_AUDIT", "", "record commands in tarn_audit: on or off; a server records what it does always", false, "on"},
		{"log-level", "TARN_LOG_LEVEL", "log-level", "what the lake logs: debug, info or off", false, "off"},
	}, s3Settings()...)
}

// decided is a setting's value and who decided it.
type decided struct {
	value  string
	source string
}

// config are the settings of this process.
type config struct {
	file   string // the configuration file; empty if none is there
	values map[string]decided
}

// get returns a setting's value, or what is usual.
func (c *config) get(name string) string {
	if d, ok := c.values[name]; ok {
		return d.value
	}
	i := slices.IndexFunc(settings(), func(s setting) bool { return s.name == name })
	return settings()[i].usual
}

// given reports whether a flag decided the setting.
func (c *config) given(name string) bool { return strings.HasPrefix(c.values[name].source, "--") }

// configPath returns where the configuration file is, and whether somebody
// said so: then it must be there.
func (a *app) configPath() (path string, named bool, err error) {
	if a.configFile != "" {
		return a.configFile, true, nil
	}
	if path := a.getenv("TARN_CONFIG"); path != "" {
		return path, true, nil
	}
	dir := a.getenv("XDG_CONFIG_HOME")
	if dir == "" && a.getenv("HOME") != "" {
		if dir, err = os.UserConfigDir(); err != nil {
			return "", false, fmt.Errorf("find the configuration file: %w", err)
		}
	}
	if dir == "" {
		return "", false, nil
	}
	return filepath.Join(dir, "tarn", "config"), false, nil
}

// configure finds out the settings and puts them into the command's flags that
// were not given.
func (a *app) configure(c *cobra.Command) error {
	c.Flags().Visit(func(f *pflag.Flag) {
		a.given = append(a.given, withoutSecrets("--"+f.Name+"="+strings.Trim(f.Value.String(), "[]")))
	})
	a.config = config{values: map[string]decided{}}
	if err := a.decide(); err != nil {
		return err
	}
	for _, s := range settings() {
		f := c.Flags().Lookup(s.flag)
		if s.flag == "" || f == nil || f.DefValue != s.usual {
			continue // or a flag of the same name that means another thing
		}
		if f.Changed {
			a.config.values[s.name] = decided{f.Value.String(), "--" + s.flag}
		} else if err := f.Value.Set(a.config.get(s.name)); err != nil {
			return err
		}
	}
	a.logLevel = a.config.get("log-level")
	a.lakeDir = a.config.get("lake")
	if a.guest != nil {
		a.lakeDir = a.guest.lakeDir
	}
	if s3.IsURI(a.lakeDir) {
		if err := a.lakeInBucket(); err != nil {
			return err
		}
	}
	return a.checkSettings()
}

// decide takes the settings of the file and of the environment; in a server, those
// of whose command it is.
func (a *app) decide() error {
	if a.guest != nil {
		maps.Copy(a.config.values, a.guest.settings)
		return nil
	}
	if err := a.readConfigFile(); err != nil {
		return err
	}
	for _, s := range settings() {
		v := a.getenv(s.env)
		if s.name == "key" {
			v = unquoted(v)
		}
		if v != "" {
			a.config.values[s.name] = decided{v, s.env}
		}
	}
	return nil
}

// checkSettings refuses values that mean nothing.
func (a *app) checkSettings() error {
	check := func(name string, known []string) error {
		d, ok := a.config.values[name]
		if !ok || slices.Contains(known, d.value) {
			return nil
		}
		return usage(fmt.Errorf("%s: %s %q", d.source, name, d.value), name+" may be: "+strings.Join(known, ", "))
	}
	if !a.config.given("format") { // each command checks its own flag
		if err := check("format", inspectFormats()); err != nil {
			return err
		}
	}
	_, err := a.queryLimits()
	if err == nil {
		_, err = a.cacheLimit()
	}
	return errors.Join(a.checkS3(), check("log-level", logLevels()), check("audit", []string{"on", "off"}), err)
}

// readConfigFile reads the lines "name = value" of the configuration file.
func (a *app) readConfigFile() error {
	path, named, err := a.configPath()
	if err != nil || path == "" {
		return err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return nil
	}
	if err != nil {
		return usage(fmt.Errorf("configuration: %w", err), "name it with --config FILE or TARN_CONFIG")
	}
	a.config.file = path
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		at := fmt.Sprintf("%s:%d", path, n)
		s, value, err := parseSetting(line)
		if err != nil {
			return hint.Add(usage(fmt.Errorf("%s: %w", at, err)), hint.Of(err)...)
		}
		if before, twice := a.config.values[s.name]; twice {
			return usage(fmt.Errorf("%s: %s is set twice, before in %s", at, s.name, before.source))
		}
		if s.path {
			value = a.resolvePath(value, filepath.Dir(path))
		}
		a.config.values[s.name] = decided{value, at}
	}
	return nil
}

// longestName is more than any setting's name has, misspelt or not.
const longestName = 20

// parseSetting reads "name = value".
func parseSetting(line string) (setting, string, error) {
	name, value, ok := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), unquoted(value)
	if strings.ContainsRune(line, '+') && !ok || len(name) > longestName { // a key perhaps, or half of one: it may end with =
		return setting{}, "", hint.Add(errors.New("this is not a setting"), "write name = value, a signing key as key = ... on one line")
	}
	if !ok || name == "" {
		return setting{}, "", hint.Add(fmt.Errorf("this is not a setting: %s", line), "write name = value; a line with # in front is a remark")
	}
	var names []string
	for _, s := range settings() {
		if s.name == name {
			if value == "" {
				return s, "", hint.Add(fmt.Errorf("%s has no value", name), "leave the line out for what is usual")
			}
			return s, value, nil
		}
		names = append(names, s.name)
	}
	err := fmt.Errorf("there is no setting %q", name)
	if near := nearest.Of(name, names); near != "" {
		return setting{}, "", hint.Add(err, "did you mean "+near+"?")
	}
	return setting{}, "", hint.Add(err, "settings: "+strings.Join(names, ", "))
}

// unquoted is a value without the space around it, and without quotes if it
// stands in a pair of them.
func unquoted(value string) string {
	value = strings.TrimSpace(value)
	if n := len(value); n >= 2 && value[0] == value[n-1] && (value[0] == '"' || value[0] == '\'') {
		return strings.TrimSpace(value[1 : n-1])
	}
	return value
}

// resolvePath makes a path in the configuration file independent of where the
// program is started.
func (a *app) resolvePath(path, dir string) string {
	switch {
	case path == "off" || s3.IsURI(path) || strings.Contains(path, secretMark):
		return path
	case strings.HasPrefix(path, "~/") && a.getenv("HOME") != "":
		return filepath.Join(a.getenv("HOME"), path[2:])
	case filepath.IsAbs(path):
		return path
	}
	return filepath.Join(dir, path)
}
