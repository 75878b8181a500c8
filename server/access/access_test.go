package access_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"tarn/lake/statedb"
	"tarn/server/access"
	"tarn/server/sigv4"
)

// place is a state.db and the key that seals its secrets.
type place struct {
	dir string
	db  *statedb.DB
	now time.Time
	*access.Keeper
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{dir: t.TempDir(), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	p.open(t)
	return p
}

func (p *place) open(t *testing.T) {
	t.Helper()
	var err error
	if p.db, err = statedb.Open(filepath.Join(p.dir, "state.db"), func(text string) { t.Error(text) }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.db.Close() })
	if p.Keeper, err = access.Open(p.db, filepath.Join(p.dir, "seal"), func() time.Time { return p.now }); err != nil {
		t.Fatal(err)
	}
}

func (p *place) create(t *testing.T, n access.New) (id, secret string) {
	t.Helper()
	c, secret, err := p.Create(n)
	if err != nil {
		t.Fatal(err)
	}
	return c.ID, secret
}

const asked = "SELECT 1"

// ask is a request that is proven in one of three ways.
func (p *place) ask(t *testing.T, way, id, secret string) error {
	t.Helper()
	r := httptest.NewRequest("POST", "http://127.0.0.1/sql", strings.NewReader(asked))
	hash := sha256.Sum256([]byte(asked))
	switch way {
	case "password":
		r.SetBasicAuth(id, secret)
	case "token":
		r.Header.Set("Authorization", "Bearer "+secret)
	case "signature":
		err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: id, SecretAccessKey: secret},
			r, hex.EncodeToString(hash[:]), "cloudtrail", "us-east-1", p.now)
		if err != nil {
			t.Fatal(err)
		}
	}
	who, err := p.Identify(r, func() (string, error) { return sigv4.HashOf([]byte(asked)), nil })
	if err == nil && (who.ID != id || who.Name != "alice" || who.Role != access.Reader) {
		t.Errorf("%s: is %+v", way, who)
	}
	return err
}

func refusedAs(err error) string {
	var r *access.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

func TestWhoIsProvenIsLetIn(t *testing.T) {
	p := newPlace(t)
	reader := access.New{Kind: access.Key, Name: "alice", Role: access.Reader}
	id, secret := p.create(t, reader)
	reader.Kind = access.Token
	tokenID, token := p.create(t, reader)
	for range 2 { // the second time after a restart
		for _, tt := range []struct{ way, id, secret, want string }{
			{"password", id, secret, ""},
			{"signature", id, secret, ""},
			{"token", tokenID, token, ""},
			{"nothing", id, secret, "MissingAuthenticationTokenException"},
			{"password", id, secret + "x", "UnrecognizedClientException"},
			{"password", id, "", "UnrecognizedClientException"},
			{"password", "TARNNOBODY", secret, "UnrecognizedClientException"},
			{"password", "", "", "UnrecognizedClientException"},
			{"password", tokenID, token, "UnrecognizedClientException"},
			{"signature", id, secret + "x", "InvalidSignatureException"},
			{"signature", tokenID, token, "UnrecognizedClientException"},
			{"token", tokenID, token + "x", "UnrecognizedClientException"},
			{"token", tokenID, "", "UnrecognizedClientException"},
			{"token", id, "tarn_" + id + "_" + secret, "UnrecognizedClientException"},
		} {
			if err := p.ask(t, tt.way, tt.id, tt.secret); refusedAs(err) != tt.want || (err == nil) != (tt.want == "") {
				t.Errorf("%s %q: %v; want %q", tt.way, tt.id, err, tt.want)
			}
		}
		if err := p.db.Close(); err != nil {
			t.Fatal(err)
		}
		p.open(t)
	}
}

func TestCredentialsEnd(t *testing.T) {
	p := newPlace(t)
	id, secret := p.create(t, access.New{Kind: access.Key, Name: "alice", Role: access.Reader, Expires: p.now.Add(time.Hour)})
	other, another := p.create(t, access.New{Kind: access.Token, Name: "alice", Role: access.Reader})
	if err := p.ask(t, "password", id, secret); err != nil {
		t.Fatal(err)
	}
	p.now = p.now.Add(time.Hour)
	if err := p.ask(t, "password", id, secret); refusedAs(err) != "UnrecognizedClientException" {
		t.Errorf("expired: %v", err)
	}
	if err := p.db.RevokeCredential(other, p.now); err != nil {
		t.Fatal(err)
	}
	if err := p.ask(t, "token", other, another); refusedAs(err) != "UnrecognizedClientException" {
		t.Errorf("revoked: %v", err)
	}
	all, err := p.db.Credentials()
	if err != nil || len(all) != 2 || !all[1].Revoked.Equal(p.now) && !all[0].Revoked.Equal(p.now) {
		t.Errorf("%+v, %v", all, err)
	}
	if err := p.db.RevokeCredential("TARNNOBODY", p.now); !errors.Is(err, statedb.ErrNoCredential) {
		t.Error(err)
	}
}

// Who has state.db has no secret, and who can write it cannot give one credential
// the secret of another.
func TestSecretsAreSealed(t *testing.T) {
	p := newPlace(t)
	n := access.New{Kind: access.Key, Name: "alice", Role: access.Reader}
	id, secret := p.create(t, n)
	_, token := p.create(t, access.New{Kind: access.Token, Name: "alice", Role: access.Reader})
	files, err := filepath.Glob(filepath.Join(p.dir, "state.db*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(b); strings.Contains(text, secret) || strings.Contains(text, token) {
			t.Errorf("a secret stands in %s", name)
		}
	}
	if info, err := os.Stat(filepath.Join(p.dir, "seal")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	_, sealed, err := p.db.Credential(id)
	if err != nil {
		t.Fatal(err)
	}
	moved := statedb.Credential{ID: "TARNMOVED", CredentialDetails: statedb.CredentialDetails{Kind: "access_key", Role: "admin"}}
	if err := p.db.AddCredential(moved, sealed); err != nil {
		t.Fatal(err)
	}
	if err := p.ask(t, "password", "TARNMOVED", secret); err == nil {
		t.Error("a secret that was moved to another credential is taken")
	}
}

func TestRolesAndStores(t *testing.T) {
	for role, want := range map[access.Role]string{
		access.Admin: "query ingest audit manage measure", access.Auditor: "query audit measure", access.Reader: "query", access.Monitor: "measure", access.Ingester: "ingest", "other": "",
	} {
		p := access.Principal{ID: "x", Role: role, Stores: []string{"a"}}
		var got []string
		for _, act := range []access.Act{access.Query, access.Ingest, access.Audit, access.Manage, access.Measure} {
			if p.MayAtAll(act) == nil && p.May(act, "a") {
				got = append(got, string(act))
			}
			if p.May(act, "b") {
				t.Errorf("%s may %s with another's store", role, act)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s may %v; want %s", role, got, want)
		}
	}
	if !(access.Principal{Role: access.Reader}).May(access.Query, "any") {
		t.Error("without stores it is not for all")
	}
	if _, err := access.ParseRole("root"); err == nil {
		t.Error("there is a role root")
	}
}

func TestSealThatOthersCanReadIsRefused(t *testing.T) {
	p := newPlace(t)
	seal := filepath.Join(p.dir, "seal")
	if err := os.Chmod(seal, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := access.Open(p.db, seal, nil); err == nil || !strings.Contains(err.Error(), "0640") {
		t.Error(err)
	}
}
