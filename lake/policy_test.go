package lake

import "testing"

const keyOne = "witness.example.com+5ce00245+BDtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"

// FuzzPolicy reads any bytes as a policy: it must answer, and one that is read can be
// asked.
func FuzzPolicy(f *testing.F) {
	for _, seed := range []string{
		"quorum none\n", "# nothing\n\t\nquorum none", "log " + keyOne + "\nquorum none\n",
		"witness A " + keyOne + " https://example.com\ngroup g any A\nquorum g\n",
		"group g 2 A B\nquorum g\n", "quorum A\n", "quorum none\nquorum none\n", "group g all g\nquorum g\n", "witness none x\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := parsePolicy(text)
		if err != nil {
			return
		}
		all := map[string]bool{}
		if p.met(all) && !p.met(map[string]bool{"x": true}) {
			t.Error("more signatures meet it less")
		}
	})
}

func TestPoliciesThatAreNone(t *testing.T) {
	for _, text := range []string{
		"", "quorum", "quorum A", "quorum none none", "quorum none\nquorum none", "witness A", "witness A nokey\nquorum A", "log\nquorum none",
		"log nokey\nquorum none", "group g any A\nquorum g", "group g 0 A\nquorum g", "hello world\nquorum none", "quorum none\r\n",
	} {
		if _, err := parsePolicy([]byte(text)); err == nil {
			t.Errorf("%q is read as a policy", text)
		}
	}
}
