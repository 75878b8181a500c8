package awsapi_test

import (
	"os/exec"
	"testing"
)

// The table from which the conformance suite makes its cases has the names and bounds of
// botocore's model.
func TestTheTableOfFactsHasBotocoresNames(t *testing.T) {
	if err := exec.Command("python3", "-c", "import botocore").Run(); err != nil {
		t.Skip("python3 with botocore is not on the PATH")
	}
	out, err := exec.Command("python3", "testdata/names.py", "../../server/testdata/operations.txt").CombinedOutput()
	if err != nil || string(out) != "60 operations\n" {
		t.Errorf("%v: %s", err, out)
	}
}
