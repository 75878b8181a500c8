package s3_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tarn/ingest/digest"
	"tarn/interop/s3test"
)

// TestDigestsWithTheirMetadata imports log files with a chain of digests, whose signatures
// are in the metadata of the objects, as CloudTrail leaves them.
func TestDigestsWithTheirMetadata(t *testing.T) {
	s := s3test.Start(t)
	s.Bucket(t, "trail", false)
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer := digest.Signer{Key: private}
	var last *digest.Sealed
	const days = 20
	first := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for d := range days {
		day := first.AddDate(0, 0, d)
		key, text := logFile(fmt.Sprint("d", d), "111122223333", "eu-central-1", day.Format(time.DateOnly), 2)
		s.Put(t, "trail", key, text)
		slashed := day.Format("2006/01/02")
		made := digest.Digest{Account: "111122223333", Bucket: "trail", Start: day, End: day.AddDate(0, 0, 1),
			Object: "AWSLogs/111122223333/CloudTrail-Digest/eu-central-1/" + slashed + "/111122223333_CloudTrail-Digest_eu-central-1_t_eu-central-1_" + day.Format("20060102") + "T230000Z.json.gz",
			Logs:   []digest.Log{digest.NewLog("trail", key, unzipped(t, text))}}
		if last, err = signer.Seal(made, last); err != nil {
			t.Fatal(err)
		}
		s.Put(t, "trail", made.Object, zipped(last.Text), "signature", last.Signature, "signature-algorithm", "SHA256withRSA")
	}
	keys, err := json.Marshal(map[string]any{"PublicKeyList": []any{map[string]any{"Value": x509.MarshalPKCS1PublicKey(&private.PublicKey), "Fingerprint": signer.Fingerprint()}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, keys, 0o600); err != nil {
		t.Fatal(err)
	}
	_, said := newLake(t, s).run(t, 0, "import", "--verify-digests", "require", "--public-keys", file, "s3://trail")
	if !strings.Contains(said, "20 of 20 with good signatures; log files: 20 verified\n") {
		t.Error(said)
	}
	// A part of them: no digest and no log file is missed that the filter leaves out.
	_, said = newLake(t, s).run(t, 0, "import", "--verify-digests", "require", "--public-keys", file, "--from", "2026-02-08", "--to", "2026-02-09", "s3://trail")
	if !strings.Contains(said, "with good signatures; log files: 4 verified\n") {
		t.Error(said)
	}
	key, text := logFile("forged", "111122223333", "eu-central-1", "2026-02-03", 2)
	s.Put(t, "trail", strings.Replace(key, "forged", "d2", 1), text)
	_, said = newLake(t, s).run(t, 3, "import", "--verify-digests", "require", "--public-keys", file, "s3://trail")
	if !strings.Contains(said, "19 verified, 1 changed") {
		t.Error(said)
	}
}
