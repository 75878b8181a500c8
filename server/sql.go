package server

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tarn/lake"
	"tarn/query"
	"tarn/query/result"
	"tarn/server/access"
	"tarn/server/fault"
)

// Names of what an answer says of itself. Those behind the rows are trailers.
const (
	logSizeHeader = "Tarn-Log-Size" // entries of the log that the answer stands on
	rowsTrailer   = "Tarn-Rows"
	bytesTrailer  = "Tarn-Bytes-Scanned" // bytes of the segments that were looked at
	segsTrailer   = "Tarn-Segments"      // how many those are, and of how many
	tookTrailer   = "Tarn-Execution-Time-Millis"
)

// mediaTypes are the formats of answers by the names that clients have for them.
var mediaTypes = map[string]string{
	"application/json":                    "json",
	"application/x-ndjson":                "ndjson",
	"application/jsonl":                   "ndjson",
	"text/csv":                            "csv",
	"text/plain":                          "table",
	"application/vnd.apache.parquet":      "parquet",
	"application/vnd.apache.arrow.stream": "arrow",
}

// usualFormat is for clients that take anything.
const usualFormat = "ndjson"

// sql answers a statement, the body or the parameter q, over the stores that its
// sender may ask, or the one of the parameter store.
func (s *Server) sql(w http.ResponseWriter, c *call) error {
	if err := c.who.MayAtAll(access.Query); err != nil {
		return err
	}
	given, err := parametersOf(c.Request, "q", "store", "format", "async")
	if err != nil {
		return err
	}
	statement, err := statementOf(c, given.Get("q"))
	if err != nil {
		return err
	}
	format, err := formatOf(c.Request, given.Get("format"))
	if err != nil {
		return err
	}
	c.act.Request = statementAsked{statement, given.Get("store"), format}
	if given.Has("async") && c.Method == http.MethodPost {
		return s.sqlLater(w, c, statement, given.Get("store"), format)
	}
	select {
	case s.taken <- struct{}{}:
		defer func() { <-s.taken }()
	default:
		return fault.New(fault.TooMany, "too many statements are running or waiting").With("ask again in a second")
	}
	whole := s.Lake.Snapshot()
	defer whole.Release()
	snap, err := narrowed(c.sees(whole, access.Query), given.Get("store"))
	if err != nil {
		return err
	}
	return s.run(w, c, snap, statement, format)
}

// parametersOf are the parameters of a request, which may have those names. One that is
// not understood is refused, and not left out: without its store a statement reads more
// than was meant.
func parametersOf(r *http.Request, names ...string) (url.Values, error) {
	given, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the parameters cannot be read: %v", err).
			With("write special characters as %XX; curl does that with --url-query")
	}
	for name, values := range given {
		if !slices.Contains(names, name) || len(values) > 1 || name == "store" && values[0] == "" {
			return nil, fault.New(fault.Invalid, "the parameter %q is not known, is there twice, or names no store", name).
				With("parameters: " + strings.Join(names, ", "))
		}
	}
	return given, nil
}

// statementOf is the SQL of a request.
func statementOf(c *call, q string) (string, error) {
	statement := string(c.body)
	if q != "" {
		if strings.TrimSpace(statement) != "" {
			return "", fault.New(fault.Invalid, "a statement in the body and one in q").With("send one of them")
		}
		statement = q
	}
	if strings.TrimSpace(statement) == "" {
		return "", fault.New(fault.Invalid, "there is no statement").
			With(`curl -u ID:SECRET --data-binary "SELECT count(*) FROM cloudtrail" http://…/sql`)
	}
	return statement, nil
}

// narrowed is a snapshot with one store alone, if one is named.
func narrowed(snap *lake.Snapshot, store string) (*lake.Snapshot, error) {
	if store == "" {
		return snap, nil
	}
	only, err := snap.Store(store)
	if err != nil {
		return nil, err
	}
	return snap.Only(func(st lake.Store) bool { return st.ID == only.ID }), nil
}

// formatOf is the format of the parameter format, or the first of Accept that there
// is.
func formatOf(r *http.Request, format string) (string, error) {
	if format != "" {
		if slices.Contains(result.Formats(), format) {
			return format, nil
		}
		return "", fault.New(fault.Invalid, "no format %q", format).With("formats: " + strings.Join(result.Formats(), ", "))
	}
	accepted := strings.Join(r.Header.Values("Accept"), ",")
	for part := range strings.SplitSeq(accepted, ",") {
		media, _, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		if media == "*/*" || media == "application/*" {
			return usualFormat, nil
		}
		if format, ok := mediaTypes[media]; ok {
			return format, nil
		}
	}
	if strings.TrimSpace(accepted) == "" {
		return usualFormat, nil
	}
	return "", fault.New("NotAcceptable", "no format of Accept is one that there is").
		With("Accept: application/x-ndjson, application/json, text/csv, text/plain, application/vnd.apache.parquet or application/vnd.apache.arrow.stream")
}

// contentTypes are what answers are called.
var contentTypes = map[string]string{
	"json": "application/json", "ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8", "table": "text/plain; charset=utf-8",
	"parquet": "application/vnd.apache.parquet", "arrow": "application/vnd.apache.arrow.stream",
}

// run writes the rows while the statement runs. It ends when the client hangs up.
func (s *Server) run(w http.ResponseWriter, c *call, snap *lake.Snapshot, statement, format string) error {
	start := time.Now()
	res, err := s.Engine.Run(c.Context(), snap, statement)
	if err != nil {
		return err
	}
	defer res.Close()
	for _, scan := range res.Plan().Scans {
		c.act.Stores = append(c.act.Stores, scan.Store.ID)
	}
	h := w.Header()
	out := &late{w: w, begin: func() {
		h.Set("Content-Type", contentTypes[format])
		if c.who.SeesAll() { // the log grows with every store
			h.Set(logSizeHeader, strconv.FormatInt(snap.LogSize(), 10))
		}
		h.Set("Cache-Control", "no-store")
		h.Set("Trailer", strings.Join([]string{rowsTrailer, bytesTrailer, segsTrailer, tookTrailer}, ", "))
	}}
	rows, err := result.Write(c.Context(), out, format, res, result.Options{})
	if err != nil && !out.begun {
		return err
	}
	if err != nil {
		s.Log.Warn().Err(err).Str("access_key", c.who.ID).Msg("an answer was cut off")
		return cutOff(w)
	}
	if err := out.flush(); err != nil {
		return nil // the client has gone
	}
	summary(h, res.Plan(), rows, time.Since(start))
	c.act.Add("rows", rows)
	c.act.Add("bytesScanned", res.Plan().Bytes())
	return nil
}

func summary(h http.Header, plan *query.Plan, rows int64, took time.Duration) {
	kept, all := plan.Segments()
	h.Set(rowsTrailer, strconv.FormatInt(rows, 10))
	h.Set(bytesTrailer, strconv.FormatInt(plan.Bytes(), 10))
	h.Set(segsTrailer, strconv.Itoa(kept)+" of "+strconv.Itoa(all))
	h.Set(tookTrailer, strconv.FormatInt(took.Milliseconds(), 10))
}

// firstBytes are kept back, so that a statement that fails early is answered by an
// error and not by half an answer.
const firstBytes = 128 << 10

// late keeps the first bytes of an answer back.
type late struct {
	w     http.ResponseWriter
	begin func() // sets the headers
	kept  []byte
	begun bool
}

// Write is io.Writer's.
func (l *late) Write(b []byte) (int, error) {
	if !l.begun && len(l.kept)+len(b) <= firstBytes {
		l.kept = append(l.kept, b...)
		return len(b), nil
	}
	if err := l.flush(); err != nil {
		return 0, err
	}
	return l.w.Write(b)
}

// flush writes what was kept back.
func (l *late) flush() error {
	if l.begun {
		return nil
	}
	l.begun = true
	l.begin()
	_, err := l.w.Write(l.kept)
	l.kept = nil
	return err
}

// cutOff breaks the connection in the middle of an answer, which is how a client
// learns that it is not whole.
func cutOff(w http.ResponseWriter) error {
	control := http.NewResponseController(w)
	if err := control.SetWriteDeadline(time.Now().Add(-time.Second)); err != nil {
		return err
	}
	_ = control.Flush() // it fails, as it is meant to
	return nil
}
