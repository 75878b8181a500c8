package bench_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/rs/zerolog"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/lake/statedb"
	"tarn/query"
	"tarn/query/jobs"
	"tarn/schemas"
	"tarn/server"
	"tarn/server/access"
	"tarn/server/audit"
	"tarn/server/cloudtrail"
)

// face is a server as tarn serve has it, over a generated month.
type face struct {
	url    string
	lake   *lake.Lake
	keeper *access.Keeper
	bucket string
	story  eventgen.Story
}

func newFace(b *testing.B) *face {
	b.Helper()
	return newFaceOf(b, eventgen.Options{Events: events(b)})
}

// newFaceOf is newFace over other events.
func newFaceOf(b *testing.B, o eventgen.Options) *face {
	b.Helper()
	dir := b.TempDir()
	f := &face{bucket: filepath.Join(dir, "bucket"), story: eventgen.New(o).Story()}
	_, err := eventgen.WriteBucket(f.bucket, o)
	check(b, err)
	place := filepath.Join(dir, "lake")
	options := laketest.Options(dir)
	options.Aside = true
	f.lake, err = lake.Create(place, options)
	check(b, err)
	f.bring(b, "cloudtrail")
	state, err := statedb.Open(filepath.Join(place, lake.StateFile), func(text string) { b.Error(text) })
	check(b, err)
	f.keeper, err = access.Open(state, filepath.Join(dir, "seal"), nil)
	check(b, err)
	engine, err := query.Open(query.Options{Sandbox: &query.Sandbox{}})
	check(b, err)
	work, err := jobs.Open(jobs.Options{Lake: place, State: state, Engine: engine, Warn: func(err error) { b.Error(err) }})
	check(b, err)
	recorder := audit.New(f.lake, zerolog.Nop())
	s := &server.Server{Lake: f.lake, Engine: engine, Access: f.keeper, API: &cloudtrail.API{Lake: f.lake, State: state, Engine: engine, Jobs: work}, Audit: recorder, Log: zerolog.Nop()}
	l, err := server.Listen("127.0.0.1:0", nil)
	check(b, err)
	f.url = "http://" + l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, l) }()
	b.Cleanup(func() {
		cancel()
		check(b, errors.Join(<-ended, work.Close(), recorder.Close(), engine.Close(), state.Close(), f.lake.Close()))
	})
	return f
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// bring imports the bucket into a store.
func (f *face) bring(b *testing.B, name string) {
	b.Helper()
	store, err := f.lake.CreateStore(name, schemas.CloudTrail())
	check(b, err)
	from, err := ingest.List([]string{f.bucket})
	check(b, err)
	if _, err := ingest.Import(b.Context(), f.lake, store, from, ingest.Options{}); err != nil && b.Context().Err() == nil {
		b.Fatal(err)
	}
}

// client signs as AWS's SDKs do.
type client struct {
	*face
	http.Client
	who aws.Credentials
}

func (f *face) client(b *testing.B) *client {
	b.Helper()
	c, secret, err := f.keeper.Create(access.New{Kind: access.Key, Name: "bench", Role: access.Reader})
	check(b, err)
	return &client{face: f, who: aws.Credentials{AccessKeyID: c.ID, SecretAccessKey: secret}}
}

func (c *client) call(ctx context.Context, path, target, body string, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	if target != "" {
		r.Header.Set("X-Amz-Target", "CloudTrail_20131101."+target)
	}
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, c.who, r, hex.EncodeToString(hash[:]), "cloudtrail", "us-east-1", time.Now()); err != nil {
		return err
	}
	res, err := c.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("%d %s %w", res.StatusCode, text, err)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(bytes.NewReader(text)).Decode(out)
}

// page asks a question by the API of CloudTrail, and returns with the first page.
func (c *client) page(ctx context.Context, sql string) error {
	var started struct{ QueryId string }
	in, err := json.Marshal(map[string]string{"QueryStatement": sql})
	if err != nil {
		return err
	}
	if err := c.call(ctx, "/", "StartQuery", string(in), &started); err != nil {
		return err
	}
	for {
		var page struct{ QueryStatus, ErrorMessage string }
		if err := c.call(ctx, "/", "GetQueryResults", `{"QueryId":"`+started.QueryId+`"}`, &page); err != nil {
			return err
		}
		switch page.QueryStatus {
		case "QUEUED", "RUNNING":
		case "FINISHED":
			return nil
		default:
			return errors.New(page.QueryStatus + ": " + page.ErrorMessage)
		}
	}
}

// small are questions whose answers are in few segments, each a little different from
// the others.
func (f *face) small(i int) string {
	day := f.story.FirstUse.UTC().Truncate(24*time.Hour).AddDate(0, 0, i%5)
	from := day.Add(time.Duration(i%24) * time.Hour)
	span := fmt.Sprintf("eventTime >= '%s' AND eventTime < '%s'", from.Format(time.DateTime), from.Add(time.Hour).Format(time.DateTime))
	return []string{
		"SELECT eventName, eventTime FROM cloudtrail WHERE eventID = '" + f.story.StopLoggingID + "'",
		"SELECT eventName, count(*) AS c FROM cloudtrail WHERE " + span + " GROUP BY 1 ORDER BY c DESC LIMIT 10",
		"SELECT count(*) FROM cloudtrail WHERE " + span,
		"SELECT eventTime, eventName, userIdentity.userName FROM cloudtrail WHERE sourceIPAddress = '" + f.story.SignInAddress + "' LIMIT 20",
	}[i%4]
}

// BenchmarkStartQuery asks small questions by the API of CloudTrail, one after the other:
// signed, started, asked for the first page.
func BenchmarkStartQuery(b *testing.B) {
	f := newFace(b)
	c := f.client(b)
	var times []time.Duration
	for i := range 40 { // workers and footers are warm
		check(b, c.page(b.Context(), f.small(i)))
	}
	i := 0
	for b.Loop() {
		start := time.Now()
		check(b, c.page(b.Context(), f.small(i)))
		times = append(times, time.Since(start))
		i++
	}
	report(b, times)
}

func report(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	for _, part := range []int{50, 99} {
		b.ReportMetric(times[len(times)*part/100].Seconds()*1e3, fmt.Sprintf("ms-p%d", part))
	}
	b.ReportMetric(times[len(times)-1].Seconds()*1e3, "ms-max")
}

// BenchmarkQueries has 16 clients ask 200 small questions a second, half by the API of
// CloudTrail and half by POST /sql, alone and while a scan and an import run. Times are
// from when a question was to be asked. Give it some 4,000: -benchtime 4000x.
func BenchmarkQueries(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2*runtime.GOMAXPROCS(0) + 6)) // as tarn serve has it
	f := newFace(b)
	for _, beside := range []string{"alone", "scan", "scan+import"} {
		b.Run(beside, func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			var others sync.WaitGroup
			scans := 0
			if beside != "alone" {
				c := f.client(b)
				others.Go(func() {
					for ctx.Err() == nil {
						if err := c.page(ctx, "SELECT count(*) FROM cloudtrail WHERE eventJson LIKE '%nothing at all%'"); err == nil {
							scans++
						}
					}
				})
			}
			if beside == "scan+import" {
				others.Go(func() {
					for n := 0; ctx.Err() == nil; n++ {
						f.bring(b, fmt.Sprintf("import-%d-%d", time.Now().UnixNano(), n))
					}
				})
			}
			took := f.clients(b, 16, 200)
			cancel()
			others.Wait()
			report(b, took)
			b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "queries/s")
			b.ReportMetric(float64(scans)/b.Elapsed().Seconds(), "scans/s")
		})
	}
}

// clients ask b.N questions, so many a second, and return how long each took.
func (f *face) clients(b *testing.B, clients, rate int) (took []time.Duration) {
	var all sync.WaitGroup
	var mu sync.Mutex
	next := make(chan int)
	warm := f.client(b)
	for i := range 40 {
		check(b, warm.page(b.Context(), f.small(i)))
	}
	b.ResetTimer()
	start := time.Now()
	for range clients {
		c := f.client(b)
		all.Go(func() {
			for i := range next {
				due := start.Add(time.Second * time.Duration(i) / time.Duration(rate))
				time.Sleep(time.Until(due))
				var err error
				if i%2 == 0 {
					err = c.page(b.Context(), f.small(i/2))
				} else {
					err = c.call(b.Context(), "/sql", "", f.small(i/2), nil)
				}
				if err != nil {
					b.Error(err)
				}
				mu.Lock()
				took = append(took, time.Since(due))
				mu.Unlock()
			}
		})
	}
	for i := range b.N {
		next <- i
	}
	close(next)
	all.Wait()
	b.StopTimer()
	return took
}
