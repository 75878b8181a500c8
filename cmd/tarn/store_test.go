package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tarn/lake"
	"tarn/schemas"
)

func TestRetentionPeriodsAreCloudTrails(t *testing.T) {
	for text, want := range map[string]int{
		"90": 90, "90d": 90, "1y": 366, "3y": 1096, "5y": 1827, "7y": 2557, "10y": 3653,
		"7 years": 2557, "1 year": 366, "90 days": 90, "1 day": 1, "7 y": 2557,
		"": 0, "y": 0, "0": 0, "00y": 0, "-1": 0, "1.5y": 0, "7  y": 0, "7 yards": 0, "12m": 0, "100000": 0,
	} {
		got, err := retentionDays(text)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("retentionDays(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestPeriodsAreShownAsTheyAreSaid(t *testing.T) {
	for days, want := range map[int]string{
		7: "7 days", 90: "90 days", 365: "365 days", 366: "1 year (366 days)", 731: "2 years (731 days)",
		2556: "2,556 days", 2557: "7 years (2,557 days)", 2558: "2,558 days", 3653: "10 years (3,653 days)",
	} {
		if got := period(days); got != want {
			t.Errorf("period(%d) = %q; want %q", days, got, want)
		}
	}
	for years := 1; years <= 10; years++ {
		if n, err := retentionDays(strconv.Itoa(years) + "y"); err != nil || !strings.HasPrefix(period(n), strconv.Itoa(years)+" year") {
			t.Errorf("%dy are %d days, %v, shown as %q", years, n, err, period(n))
		}
	}
}

// A store that was deleted more than seven days ago is not there: an import of
// its name makes another one.
func TestAStoreIsGoneAfterSevenDays(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	vars := map[string]string{"TARN_LAKE": filepath.Join(dir, "lake")}
	off := false
	l, err := lake.Create(vars["TARN_LAKE"], lake.Options{Now: func() time.Time { return time.Now().AddDate(0, 0, -8) }})
	if err != nil {
		t.Fatal(err)
	}
	old, err := l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{Name: "prod", TerminationProtection: &off})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.DeleteStore("prod"); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := tarn(t, vars, "store", "list"); code != exitDone || out != "" {
		t.Errorf("store list exits with %d, prints %q, %q; want nothing", code, out, errs)
	}
	if _, errs, code := tarn(t, vars, "store", "restore", old.ARN()); code != exitNoLake {
		t.Errorf("store restore exits with %d: %s; want %d", code, errs, exitNoLake)
	}
	out, errs, code := tarn(t, vars, "store", "create", "prod")
	if code != exitDone || strings.Contains(out, old.ID) {
		t.Errorf("store create exits with %d, prints %q, %q; want a new store", code, out, errs)
	}
}

// Wherever a store is named, its name in any case, its id and its ARN do.
func TestAStoreIsFoundByNameIDAndARN(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	vars := map[string]string{"TARN_LAKE": filepath.Join(dir, "lake"), "TARN_AUDIT": "off"}
	log := filepath.Join(dir, "log.json")
	if err := os.WriteFile(log, []byte(`{"Records":[{"eventID":"a","eventTime":"2026-01-02T03:04:05Z"}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	out, errs, code := tarn(t, vars, "store", "create", "my-store", "--termination-protection", "off", "--format", "json")
	var made storeJSON
	if err := json.Unmarshal([]byte(out), &made); err != nil || code != exitDone {
		t.Fatalf("store create exits with %d: %s%s (%v)", code, out, errs, err)
	}
	id := made.EventDataStoreArn[strings.LastIndexByte(made.EventDataStoreArn, '/')+1:]
	for _, ref := range []string{"my-store", "My-Store", id, strings.ToUpper(id), made.EventDataStoreArn} {
		for _, command := range [][]string{
			{"import", "--store", ref, log}, {"import", "--dry-run", "--store", ref, log}, {"export", "--raw", "--store", ref},
			{"query", "SELECT count(*) FROM " + ref}, {"store", "show", ref}, {"store", "update", ref, "--retention", "90"},
			{"store", "delete", ref, "--yes"}, {"store", "restore", ref},
		} {
			if _, errs, code := tarn(t, vars, command...); code != exitDone {
				t.Errorf("%q exits with %d: %s", command, code, errs)
			}
		}
	}
	out, _, _ = tarn(t, vars, "store", "list", "--format", "json")
	var all struct{ EventDataStores []storeJSON }
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all.EventDataStores) != 1 || all.EventDataStores[0].EventCount != 1 {
		t.Errorf("store list prints %s; want one store with one event", out)
	}
}
