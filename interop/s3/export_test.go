package s3_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tarn/interop/s3test"
)

const exportAccount, exportRegion = "111122223333", "eu-west-1"

// filled is a lake with log files of some days in it, five records in each.
func filled(t *testing.T, server *s3test.Server, days ...string) *lake {
	t.Helper()
	l, logs := newLake(t, server), t.TempDir()
	for i, day := range days {
		key, text := logFile(fmt.Sprintf("id%d", i), exportAccount, exportRegion, day, 5)
		name := filepath.Join(logs, key)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, text, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	l.run(t, 0, "import", logs)
	return l
}

// keysOf saves the public keys of a lake's exports.
func keysOf(t *testing.T, l *lake) string {
	t.Helper()
	text, _ := l.run(t, 0, "keys", "results")
	name := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// cloudTrail answers what validate-logs asks of CloudTrail: of a trail into that bucket,
// and of the keys in a file.
func cloudTrail(t *testing.T, bucket, prefix, keys string) *httptest.Server {
	t.Helper()
	text, err := os.ReadFile(keys)
	if err != nil {
		t.Fatal(err)
	}
	var public struct {
		PublicKeyList []struct {
			Value, Fingerprint                 string
			ValidityStartTime, ValidityEndTime time.Time
		}
	}
	if err := json.Unmarshal(text, &public); err != nil {
		t.Fatal(err)
	}
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer any
		switch target := r.Header.Get("X-Amz-Target"); target[strings.LastIndexByte(target, '.')+1:] {
		case "DescribeTrails":
			answer = map[string]any{"trailList": []any{map[string]any{"Name": "cloudtrail", "TrailARN": exportedTrail, "S3BucketName": bucket,
				"S3KeyPrefix": prefix, "HomeRegion": exportRegion}}}
		case "ListPublicKeys":
			var list []any
			for _, k := range public.PublicKeyList {
				list = append(list, map[string]any{"Value": k.Value, "Fingerprint": k.Fingerprint,
					"ValidityStartTime": k.ValidityStartTime.Unix(), "ValidityEndTime": k.ValidityEndTime.Unix()})
			}
			answer = map[string]any{"PublicKeyList": list}
		default:
			http.Error(w, "unexpected "+target, http.StatusNotImplemented)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_ = json.NewEncoder(w).Encode(answer) // the client has gone
	}))
	t.Cleanup(service.Close)
	return service
}

const exportedTrail = "arn:aws:cloudtrail:" + exportRegion + ":" + exportAccount + ":trail/cloudtrail"

// validateLogs runs aws cloudtrail validate-logs over January.
func validateLogs(t *testing.T, server *s3test.Server, service *httptest.Server) string {
	t.Helper()
	aws, err := exec.LookPath("aws")
	if err != nil || exec.Command(aws, "--version").Run() != nil {
		t.Skip("there is no aws on the PATH: pip install awscli")
	}
	c := exec.CommandContext(t.Context(), aws, "cloudtrail", "validate-logs", "--trail-arn", exportedTrail, "--verbose", "--region", exportRegion,
		"--start-time", "2026-01-01T00:00:00Z", "--end-time", "2026-01-31T00:00:00Z")
	c.Env = append(append(os.Environ(), server.Env()...), "AWS_ENDPOINT_URL_CLOUDTRAIL="+service.URL)
	out, err := c.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out)
}

// What tarn export writes into a bucket, the unmodified client of AWS takes for a
// trail's, and tarn import too; both find what was changed.
func TestExportIntoABucket(t *testing.T) {
	server := s3test.Start(t)
	server.Bucket(t, "exported", false)
	l := filled(t, server, "2026-01-02", "2026-01-03", "2026-01-05")
	const into = "s3://exported/from/tarn"
	out, _ := l.run(t, 0, "export", "--into", into)
	if !strings.Contains(out, "15 events") || !strings.Contains(out, "new: 3 log files") || !strings.Contains(out, "3 digests") {
		t.Errorf("it says %s", out)
	}
	out, _ = l.run(t, 0, "export", "--into", into, "--json")
	if strings.Count(out, `"new_files":0`) != 2 {
		t.Errorf("again: %s", out)
	}
	keys := keysOf(t, l)
	service := cloudTrail(t, "exported", "from/tarn", keys)
	said := validateLogs(t, server, service)
	for _, want := range []string{"3/3 digest files valid", "3/3 log files valid"} {
		if !strings.Contains(said, want) {
			t.Errorf("the client does not say %q:\n%s", want, said)
		}
	}
	back := newLake(t, server)
	_, told := back.run(t, 0, "import", "--verify-digests", "require", "--public-keys", keys, into+"/AWSLogs/")
	if !strings.Contains(told, "3 of 3 with good signatures; log files: 3 verified\n") {
		t.Errorf("the import says %s", told)
	}
	a, _ := l.run(t, 0, "export", "--raw")
	if b, _ := back.run(t, 0, "export", "--raw"); a != b || a == "" {
		t.Errorf("another event came back:\n%s\n%s", a, b)
	}

	// The chain goes on where more came, and a changed file is found by everybody.
	key, text := logFile("id9", exportAccount, exportRegion, "2026-01-07", 5)
	name := filepath.Join(t.TempDir(), filepath.Base(key))
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
	l.run(t, 0, "import", name)
	l.run(t, 0, "export", "--into", into, "--from", "2026-01-07")
	changed := objectsOf(t, server, "exported", "/CloudTrail/")[0]
	server.Put(t, "exported", changed, zipped([]byte(`{"Records":[]}`)))
	said = validateLogs(t, server, service)
	if !strings.Contains(said, "4/4 digest files valid") || !strings.Contains(said, "3/4 log files valid, 1/4 log files INVALID") {
		t.Errorf("the client says:\n%s", said)
	}
	_, told = newLake(t, server).run(t, 3, "import", "--verify-digests", "require", "--public-keys", keys, into+"/AWSLogs/")
	if !strings.Contains(told, "3 verified, 1 changed") {
		t.Errorf("the import of the changed one says %s", told)
	}
	if _, told = l.run(t, 1, "export", "--into", into); !strings.Contains(told, "something else is there") {
		t.Errorf("the export says %s", told)
	}
}

// objectsOf are the keys in a bucket that have that in them.
func objectsOf(t *testing.T, server *s3test.Server, bucket, with string) (keys []string) {
	t.Helper()
	root := filepath.Join(server.Root, bucket)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if slash := filepath.ToSlash(path); err == nil && !d.IsDir() && strings.Contains(slash, with) {
			keys = append(keys, strings.TrimPrefix(slash, filepath.ToSlash(root)+"/"))
		}
		return err
	})
	if err != nil || len(keys) == 0 {
		t.Fatal(err, "nothing with ", with)
	}
	return keys
}

// A folder is brought into a bucket as its README says, and is a trail's then.
func TestExportedFolderIsUploadedAsItsReadmeSays(t *testing.T) {
	for _, need := range []string{"aws", "jq", "sh"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skip("there is no " + need + " on the PATH")
		}
	}
	server := s3test.Start(t)
	server.Bucket(t, "uploaded", false)
	l, dir := filled(t, server, "2026-01-02", "2026-01-03"), filepath.Join(t.TempDir(), "out")
	l.run(t, 0, "export", "--into", dir, "--as", "s3://uploaded/a")
	readme, err := os.ReadFile(filepath.Join(dir, "README.txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, commands, _ := strings.Cut(string(readme), "writes there at once).\n")
	c := exec.Command("sh", "-ec", commands)
	c.Dir, c.Env = dir, append(os.Environ(), server.Env()...)
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	said := validateLogs(t, server, cloudTrail(t, "uploaded", "a", filepath.Join(dir, "public_keys.json")))
	if !strings.Contains(said, "2/2 digest files valid") || !strings.Contains(said, "2/2 log files valid") {
		t.Errorf("the client says:\n%s", said)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
