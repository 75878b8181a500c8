package samples_test

import (
	"strings"
	"testing"
	"time"

	"tarn/query/samples"
)

func TestPromptsAreUnderstood(t *testing.T) {
	now := time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC)
	for prompt, want := range map[string]string{
		"what did the root user do last week":                                     "root-activity 2026-03-03 15:00:00",
		"Show the activity of access key AKIAIOSFODNN7EXAMPLE in the past 3 days": "'AKIAIOSFODNN7EXAMPLE' 2026-03-07 15:00:00",
		"who stopped trails yesterday?":                                           "trails-stopped 2026-03-09 00:00:00 2026-03-10 00:00:00",
		"what did 203.0.113.7 do since 2026-02-01":                                "address-activity '203.0.113.7' 2026-02-01 00:00:00",
		"who read from bucket payroll-2026 on 2026-03-01":                         "bucket-readers 'payroll-2026' 2026-03-01 00:00:00 2026-03-02 00:00:00",
		"who started the machine i-0123456789abcdef0":                             "who-started-a-machine 'i-0123456789abcdef0'",
	} {
		asked, ok := samples.Understand(prompt, now)
		if !ok {
			t.Errorf("%q: nothing", prompt)
			continue
		}
		asked.Values.Store = "cloudtrail"
		sql, err := asked.Sample.Statement(asked.Values)
		if err != nil {
			t.Errorf("%q: %v", prompt, err)
		}
		for i, part := range strings.Split(want, " ") {
			if !strings.Contains(asked.Sample.Name+"\n"+sql, part) {
				t.Errorf("%q: %s, without part %d of %q:\n%s", prompt, asked.Sample.Name, i, want, sql)
				break
			}
		}
	}
	for _, prompt := range []string{"hello there", "xyzzy", "what is the weather", "'; DROP TABLE x; --"} {
		if asked, ok := samples.Understand(prompt, now); ok {
			t.Errorf("%q: %s", prompt, asked.Sample.Name)
		}
	}
}
