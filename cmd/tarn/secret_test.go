package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A signing key that is given as text stands in no message, however it is
// written, and is never taken for a file's name.
func TestASigningKeyIsShownNowhere(t *testing.T) {
	text, err := os.ReadFile(inLake(t)["TARN_KEY"]) // a key for lakes of its own
	if err != nil {
		t.Fatal(err)
	}
	key := strings.TrimSpace(string(text))
	parts := strings.SplitN(key, "+", 5)
	half := parts[4]
	for name, given := range map[string]string{
		"plain": key, "quoted": `"` + key + `"`, "single quotes": `'` + key + `'`, "space": " " + key + "\t", "both": ` " ` + key + ` "`,
		"cut short": key[:len(key)-8], "one quote": `"` + key, "behind other text": "key=" + key, "in a path": "./" + key,
	} {
		for _, file := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				t.Chdir(dir)
				vars := map[string]string{"XDG_CONFIG_HOME": filepath.Join(dir, "config"), "TARN_LAKE": filepath.Join(dir, "lake")}
				write(t, "log.json", `{"Records":[{"eventID":"a","eventTime":"2026-01-02T03:04:05Z"}]}`)
				if file {
					write(t, "conf", "key = "+given+"\n")
					vars["TARN_CONFIG"] = "conf"
				} else {
					vars["TARN_KEY"] = given
				}
				well := !strings.Contains(name, "cut") && !strings.Contains(name, "behind") && !strings.Contains(name, "path")
				for _, args := range [][]string{{"config"}, {"import", "log.json", "--log-level", "debug"}, {"inspect"}, {"verify"}} {
					out, errs, code := tarn(t, vars, args...)
					if strings.Contains(out+errs, half[:12]) {
						t.Fatalf("%v shows the key:\n%s%s", args, out, errs)
					}
					if well && code != exitDone || !well && args[0] == "import" && code == exitDone {
						t.Errorf("%v exits with %d: %s", args, code, errs)
					}
					if well && args[0] == "inspect" && !strings.Contains(out, parts[2]) {
						t.Errorf("the lake is not the one of the key:\n%s", out)
					}
				}
				if found, _ := filepath.Glob("*PRIVATE*"); len(found) > 0 {
					t.Error("the key was taken for a file's name")
				}
			})
		}
	}
	// Nor does it where it stands by mistake.
	for _, line := range []string{key, parts[4], "kye " + key, key + " = x", "format = " + key, "store = " + key, "lake = " + key} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "conf"), line+"\n")
		out, errs, _ := tarn(t, map[string]string{"TARN_CONFIG": filepath.Join(dir, "conf")}, "query", "SELECT 1 FROM cloudtrail")
		if strings.Contains(out+errs, half[:12]) {
			t.Errorf("a configuration file of such a line shows the key:\n%s%s", out, errs)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
