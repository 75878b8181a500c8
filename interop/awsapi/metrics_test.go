package awsapi_test

import (
	"net/http"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Prometheus's own parser reads the metrics.
func TestPrometheusReadsTheMetrics(t *testing.T) {
	h := newHost(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(h.id, h.secret)
	for range 2 { // the first is counted in the second
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusOK || expfmt.ResponseFormat(res.Header).FormatType() != expfmt.TypeTextPlain {
			t.Fatal(res.Status, res.Header)
		}
		parser := expfmt.NewTextParser(model.LegacyValidation)
		all, err := parser.TextToMetricFamilies(res.Body)
		res.Body.Close()
		if err != nil || len(all) < 20 || all["tarn_build_info"] == nil {
			t.Errorf("%d families, %v", len(all), err)
		}
	}
}
