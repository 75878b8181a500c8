package page_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/report/page"
	"tarn/report/page/pagetest"
)

func TestReadReadsWhatWriteWrites(t *testing.T) {
	want := pagetest.Full()
	got, err := page.Read(bytes.NewReader(write(t, "json", want)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestTheJSONBeginsWithItsFormat(t *testing.T) {
	text := write(t, "json", pagetest.Full())
	if !bytes.HasPrefix(text, []byte("{\n \"format\": 1,\n \"id\":")) {
		t.Errorf("it begins with %.40q", text)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		t.Error(err)
	}
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	good := string(write(t, "json", pagetest.Full()))
	tests := []struct{ name, text, want string }{
		{"nothing", "", "report: the file is empty"},
		{"half of it", good[:len(good)/2], "report: the file ends in the middle of the report"},
		{"another program's", `{"a":1}`, "report: this JSON has no format number"},
		{"a newer one", strings.Replace(good, `"format": 1`, `"format": 2`, 1), "report: it is in format 2, and this program reads format 1"},
		{"a page", "<!DOCTYPE html>", "report: byte 1 is no JSON"},
		{"another kind of value", strings.Replace(good, `"total": 5`, `"total": "five"`, 1), `"results.total" cannot be a string`},
		{"two of them", good + good, "report: something follows the report in this file"},
		{"nothing but null", "null", "report: this JSON has no format number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := page.Read(strings.NewReader(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
