package awsapi_test

import (
	"os"
	"os/exec"
	"testing"
)

// TestJavaAsks has AWS's SDK for Java, unmodified, do what a program does. Maven fetches
// it the first time; TARN_JAVA=1 asks for that.
func TestJavaAsks(t *testing.T) {
	if _, err := exec.LookPath("mvn"); err != nil || os.Getenv("TARN_JAVA") == "" {
		t.Skip("mvn is not on the PATH, or TARN_JAVA is not set: Maven fetches 20 MB")
	}
	dir := t.TempDir()
	build := exec.Command("mvn", "-q", "-B", "compile", "dependency:copy-dependencies", "-DoutputDirectory="+dir+"/jars")
	if err := os.CopyFS(dir+"/life", os.DirFS("testdata/java")); err != nil {
		t.Fatal(err)
	}
	build.Dir, build.Stdout, build.Stderr = dir+"/life", t.Output(), t.Output()
	if err := build.Run(); err != nil {
		t.Fatal(err)
	}
	h := newHost(t)
	h.recent(t, 25)
	c := exec.Command("java", "-cp", dir+"/life/target/classes:"+dir+"/jars/*", "Life", "25", h.url)
	c.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+h.id, "AWS_SECRET_ACCESS_KEY="+h.secret, "AWS_REGION=eu-central-1")
	c.Stderr = t.Output()
	out, err := c.Output()
	if want := "store\nquery\nlookup\naudit events\ndeleted\n"; err != nil || string(out) != want {
		t.Errorf("%v: %s; want %s", err, out, want)
	}
}
