package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tarn/query"
	"tarn/query/result"
	"tarn/report/deliver"
)

// secretMark is in every signing key that is given as itself.
const secretMark = "PRIVATE+KEY+"

// secret is such a key within a message, up to what cannot be part of it.
var secret = regexp.MustCompile(regexp.QuoteMeta(secretMark) + `[^\s"'` + "`" + `]*`)

// password is one within a URL.
var password = regexp.MustCompile(`://[^\s/@:]*:[^\s/@]+@`)

// withoutSecrets is a message in which no signing key stands, and no password of a URL.
func withoutSecrets(text string) string {
	return password.ReplaceAllString(secret.ReplaceAllString(text, "(a key, not shown)"), "://(a password, not shown)@")
}

func (a *app) configCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "config",
		Short: "Show the settings, and where each was made",
		Long: configHelp() + `
EXIT STATUS
  0 done, 2 the file has a fault`,
		Example: `  tarn config
  tarn config --format json
  TARN_LAKE=/srv/lake tarn config --config ./tarn.conf`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			format, err := a.listFormat("config", format)
			if err != nil {
				return err
			}
			r := newRows("setting", "value~", "source~")
			for _, s := range settings() {
				d, ok := a.config.values[s.name]
				if !ok {
					d = decided{a.usual(s), "default"}
				}
				if slices.Contains(secretSettings, s.name) && d.value != "" {
					d.value = "(a secret, not shown)"
				}
				r.add(s.name, shown(d.value), d.source)
			}
			width, _ := terminal(a.out)
			if a.config.file == "" && format == "table" {
				path, _, _ := a.configPath()
				fmt.Fprintf(a.err, "there is no configuration file %s\n", path)
			}
			return r.write(c.Context(), a.out, format, result.Options{Width: width})
		},
	}
	c.Flags().StringVar(&format, "format", "", "table, json, ndjson or csv")
	return c
}

// configHelp is the text that config and its help topic share.
func configHelp() string {
	var b strings.Builder
	b.WriteString(`Settings come from the configuration file, from the environment, and from flags;
flags win over the environment, which wins over the file. The file is
$XDG_CONFIG_HOME/tarn/config (usually ~/.config/tarn/config), or what --config
or TARN_CONFIG names. It has lines like these:

  # where the lake is; a path is relative to this file
  lake = ~/audit/lake
  format = table

The settings, and their variables:

`)
	for _, s := range settings() {
		fmt.Fprintf(&b, "  %-20s %-25s %s\n", s.name, s.env, s.what)
	}
	return b.String()
}

// usual is what a setting is where nobody decides, as a person reads it.
func (a *app) usual(s setting) string {
	switch s.name {
	case "format":
		return "table on a terminal, ndjson elsewhere"
	case "pager":
		return a.pager()
	case "history":
		return a.historyFile()
	case "key":
		return filepath.Join("<configuration folder>", "tarn", "<lake-id>.key")
	case "cache":
		return filepath.Join("<cache folder>", "tarn")
	case "threads":
		return "all cores"
	case "memory":
		return "60 % of the machine's"
	}
	return s.usual
}

// secretSettings are never shown.
var secretSettings = []string{"secret-key", "token"}

// shown is a value that may be shown: no secret is.
func shown(value string) string {
	if strings.Contains(value, secretMark) {
		return "(a key, not shown)"
	}
	return deliver.WithoutPassword(value)
}

// memorySize is a size as the engine reads it.
var memorySize = regexp.MustCompile(`^[0-9]+(\.[0-9]+)? ?([kKMGT]i?)?B$`)

// queryLimits are what queries may use of the machine.
func (a *app) queryLimits() (query.Options, error) {
	o := query.Options{MemoryLimit: a.config.get("memory")}
	if d, ok := a.config.values["memory"]; ok && !memorySize.MatchString(d.value) {
		return o, usage(fmt.Errorf("%s: memory %q", d.source, d.value), "memory is a size such as 500MB, 4GB or 1.5GiB")
	}
	if d, ok := a.config.values["threads"]; ok {
		n, err := strconv.Atoi(d.value)
		if err != nil || n < 1 {
			return o, usage(fmt.Errorf("%s: threads %q", d.source, d.value), "threads is a number of at least 1")
		}
		o.Threads = n
	}
	return o, nil
}

// tellHoles warns where the kernel does not keep a sandbox from files.
func (a *app) tellHoles(walls []query.Wall) {
	for _, w := range walls {
		if w.What == "files" && !w.Holds {
			fmt.Fprintf(a.err, "tarn: warning: the sandbox is not complete: nothing but DuckDB itself keeps it from files (%s); tarn version says what holds\n", w.Missing)
		}
	}
}

// engine opens the query engine with the limits of the settings, in a sandbox
// if it is wanted.
func (a *app) engine() (*query.Engine, error) {
	if a.guest != nil && a.guest.who != nil {
		return a.guest.who.engine.Lent(), nil
	}
	o, err := a.queryLimits()
	if err != nil {
		return nil, err
	}
	if a.sandbox {
		o.Sandbox = &query.Sandbox{Timeout: a.timeout}
		a.tellHoles(query.Walls())
	}
	return query.Open(o)
}
