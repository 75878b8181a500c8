package nearest_test

import (
	"testing"

	"tarn/internal/nearest"
)

func TestOf(t *testing.T) {
	names := []string{"eventName", "eventTime", "awsRegion", "errorCode"}
	for name, want := range map[string]string{
		"eventNme": "eventName", "enventtime": "eventTime", "awsreigon": "awsRegion", "nothing": "", "": "",
	} {
		if got := nearest.Of(name, names); got != want {
			t.Errorf("Of(%q) = %q; want %q", name, got, want)
		}
	}
}
