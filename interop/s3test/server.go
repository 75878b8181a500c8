package s3test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

// The server's one account.
const (
	KeyID  = "AKIATARNTESTS"
	Secret = "a secret of these tests alone"
	Region = "eu-central-1"
)

const (
	rootEnv    = "TARN_S3TEST_ROOT"
	addressEnv = "TARN_S3TEST_ADDRESS"
	natsEnv    = "TARN_S3TEST_NATS"
)

// Main runs the tests, or, in the process that Start begins, the server. What the tests
// need is made ready before, and cleared away behind them.
func Main(m *testing.M, ready ...func() (clear func(), err error)) {
	if root := os.Getenv(rootEnv); root != "" {
		if err := serve(root); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := 1
	clear, err := prepare(ready)
	if err == nil {
		code = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	clear()
	os.Exit(code)
}

func prepare(ready []func() (func(), error)) (clear func(), err error) {
	var done []func()
	clear = func() {
		for _, fn := range done {
			fn()
		}
	}
	for _, fn := range ready {
		also, err := fn()
		if also != nil {
			done = append(done, also)
		}
		if err != nil {
			return clear, err
		}
	}
	return clear, nil
}

func serve(root string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	versions := root + ".versions"
	if err := os.MkdirAll(versions, 0o755); err != nil {
		return err
	}
	disk, err := posix.New(root, meta.XattrMeta{}, posix.PosixOpts{VersioningDir: versions})
	if err != nil {
		return err
	}
	return embedgw.RunVersityGW(ctx, disk, &embedgw.Config{
		RootUserAccess: KeyID, RootUserSecret: Secret, Region: Region, Ports: []string{os.Getenv(addressEnv)},
		MaxConnections: 4096, MaxRequests: 2048, MultipartMaxParts: 10000, Quiet: true, KeepAlive: true, HealthPath: "/health",
		NatsURL: os.Getenv(natsEnv), NatsTopic: natsTopic(),
	})
}

func natsTopic() string {
	if os.Getenv(natsEnv) == "" {
		return ""
	}
	return "s3events"
}

// Server is a running server.
type Server struct {
	// Endpoint is its address, Root the folder that has what is in its buckets.
	Endpoint, Root string
	client         *api.Client
}

// Start runs a server until the test ends. Events of its buckets go to the NATS
// server of that URL, subject s3events, if it is not empty.
func Start(t testing.TB, nats ...string) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	s := &Server{Endpoint: "http://" + address, Root: filepath.Join(t.TempDir(), "buckets")}
	if err := os.MkdirAll(s.Root, 0o755); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), rootEnv+"="+s.Root, addressEnv+"="+address)
	if len(nats) > 0 {
		c.Env = append(c.Env, natsEnv+"="+nats[0])
	}
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
		if t.Failed() {
			t.Logf("the server said: %s", &said)
		}
	})
	for range 200 {
		if answer, err := http.Get(s.Endpoint + "/health"); err == nil {
			answer.Body.Close()
			s.client = api.New(api.Options{Region: Region, BaseEndpoint: &s.Endpoint, UsePathStyle: true,
				Credentials: credentials.NewStaticCredentialsProvider(KeyID, Secret, "")})
			return s
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the S3 server does not answer")
	return nil
}

// Env is what AWS's programs take from the environment to ask the server.
func (s *Server) Env() []string { return EnvFor(s.Endpoint) }

// EnvFor is Env for what stands before the server.
func EnvFor(endpoint string) []string {
	return []string{"AWS_ENDPOINT_URL_S3=" + endpoint, "AWS_ACCESS_KEY_ID=" + KeyID, "AWS_SECRET_ACCESS_KEY=" + Secret,
		"AWS_REGION=" + Region, "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true"}
}

// Use sets the environment of this process to Env.
func (s *Server) Use(t *testing.T) {
	for _, v := range s.Env() {
		name, value, _ := bytes.Cut([]byte(v), []byte("="))
		t.Setenv(string(name), string(value))
	}
}

// Client is AWS's own, for what tests do behind Tarn's back.
func (s *Server) Client() *api.Client { return s.client }

// Bucket makes a bucket; with locks, it has Object Lock, and so versions.
func (s *Server) Bucket(t testing.TB, name string, locks bool) {
	t.Helper()
	if _, err := s.client.CreateBucket(context.Background(), &api.CreateBucketInput{Bucket: &name, ObjectLockEnabledForBucket: aws.Bool(locks)}); err != nil {
		t.Fatal(err)
	}
}

// Put writes an object.
func (s *Server) Put(t testing.TB, bucket, key string, text []byte, metadata ...string) {
	t.Helper()
	in := &api.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(text), Metadata: map[string]string{}}
	for i := 0; i+1 < len(metadata); i += 2 {
		in.Metadata[metadata[i]] = metadata[i+1]
	}
	if _, err := s.client.PutObject(context.Background(), in); err != nil {
		t.Fatal(err)
	}
}
